"""What `init` does about the place of the state: note it, and bring the state along when it is a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError
from kvmform.state.backends import Backend
from kvmform.state.store import StateStore
from kvmform.workspace.state_place import LOCAL, Place, http_backend, local_backend, note_place, noted_place, place_of

if TYPE_CHECKING:
    from kvmform.workspace.workspace import Workspace

__all__ = ["Agree", "settle_place"]

Agree = Callable[[str, str], bool]
"""Asks a question, with details; whether the answer is yes."""


def settle_place(workspace: Workspace, given: Mapping[str, str] | None, *, reconfigure: bool, agree: Agree) -> Place:
    """Note where the state is from now on; one that is elsewhere is copied there, unless `reconfigure` says not to.

    `given` are the arguments of -backend-config; None: as before. The place is returned.

    Raises:
        DiagnosticError: the new place can't be used, or has another state, or nobody agrees to the copy.
    """
    directory = workspace.data_directory
    noted = noted_place(directory)
    place = place_of(workspace.backend_block, noted, given)
    before = noted or LOCAL
    if not reconfigure and not before.is_where(place):
        _bring_along(workspace, before, place, agree)
    if place != LOCAL or noted is not None:
        note_place(directory, place)
    return place


def _bring_along(workspace: Workspace, before: Place, place: Place, agree: Agree) -> None:
    old, new = _opened(workspace, before), _opened(workspace, place)
    with ExitStack() as locks:
        timeout = workspace.surroundings.lock_timeout
        for backend in (old, new) if workspace.surroundings.lock else ():
            locks.enter_context(backend.lock("migration", timeout))
        source, target = StateStore.open(old), StateStore.open(new)
        if not source.state.instances and not source.state.outputs:
            return
        if target.state.instances and target.state.lineage == source.state.lineage:
            return
        if target.state.instances:
            detail = (
                f"Both {old.name} and {new.name} have a state, and they are not of one lab. To go on with the second "
                'as it is, run "kvmform init -reconfigure"; the first stays where it is.'
            )
            raise DiagnosticError.of("Two states", detail)
        question = "Do you want to copy existing state to the new backend?"
        detail = f"From {old.name} to {new.name}, which has none yet.\nOnly 'yes' will be accepted."
        if not agree(question, detail):
            raise DiagnosticError.of("Cancelled", "Nothing was copied; -reconfigure begins without the old state.")
        source.begin()
        source.finish()
        target.push(source.state, force=True)
        if before.backend == "local":
            path = _path(workspace, before)
            path.replace(path.with_name(f"{path.name}.backup"))


def _opened(workspace: Workspace, place: Place) -> Backend:
    if place.backend == "http":
        return http_backend(place, workspace.data_directory, workspace.surroundings.environment)
    return local_backend(workspace.surroundings, workspace.directory, _path(workspace, place))


def _path(workspace: Workspace, place: Place) -> Path:
    return workspace.directory / place.arguments.get("path", "terraform.tfstate")
