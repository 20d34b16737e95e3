"""`kvmform snapshot list`, `create`, `revert` and `delete`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.command_line import wrong_usage
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.prompts import Approval, at_terminal
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kvmform.view import View
    from kvmform.workspace import Surroundings
    from kvmform.workspace.snapshots import LabSnapshots

__all__ = ["create", "delete", "list_snapshots", "revert"]

_Name = Annotated[str, Argument("NAME", help="Name of the snapshot.")]
_Domains = Annotated[
    Sequence[str], Argument("[DOMAIN...]", help="Addresses (libvirt_domain.web[0], module.lab) or names of domains.")
]
_All = Annotated[bool, Flag("-all", help="Of all domains in state, at one point of time.")]


def list_snapshots(
    domains: _Domains = (),
    *,
    json: flags.Json = False,
    variables: flags.Variables = (),
    state: flags.StatePath = None,
    no_color: flags.NoColor = False,
) -> None:
    """List the snapshots of the domains in state, those of the configuration and others."""
    view = open_view(json=False, no_color=no_color)
    with reporting(view):
        from kvmform.workspace import Workspace
        from kvmform.workspace.snapshots import LabSnapshots

        with Workspace(surroundings(variables=variables, state=state, lock=False, ask=at_terminal())) as workspace:
            found = LabSnapshots(workspace).of(domains)
    if json:
        from kvmform.view.snapshots_json import snapshots_document

        print(snapshots_document(found))
    else:
        from kvmform.view.snapshots_text import snapshots_text

        print(snapshots_text(found))


def create(
    name: _Name,
    domains: _Domains = (),
    *,
    all_: _All = False,
    description: Annotated[str, Flag("-description", help="What it is for.")] = "",
    memory: Annotated[bool, Flag("-memory", help="Keep the memory of guests that run.")] = True,
    external: Annotated[bool, Flag("-external", help="Have the disks go on in files of their own.")] = False,
    quiesce: Annotated[
        str, Flag("-quiesce", help="Have the guest agent freeze file systems: mandatory, optional.")
    ] = "",
    variables: flags.Variables = (),
    state: flags.StatePath = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> None:
    """Take a snapshot of domains; of several, all stand still meanwhile, so that it is one point of time."""
    _need_domains("create", domains, everything=all_)
    if quiesce not in {"", "mandatory", "optional"}:
        raise wrong_usage("snapshot create", f'-quiesce is mandatory or optional, not "{quiesce}".')
    view = open_view(json=json, no_color=no_color)
    around = surroundings(variables=variables, state=state, lock=lock, lock_timeout=lock_timeout, ask=not json)
    with reporting(view), _snapshots(view, around, "snapshot create") as snapshots:
        arguments = {
            "description": description or None,
            "memory": None if memory and not external else False,
            "external": True if external else None,
            "quiesce": quiesce or None,
        }
        snapshots.create(name, domains, arguments)


def revert(
    name: _Name,
    domains: _Domains = (),
    *,
    all_: _All = False,
    running: Annotated[bool, Flag("-running", help="Have the guests run afterwards.")] = False,
    paused: Annotated[bool, Flag("-paused", help="Have the guests paused afterwards.")] = False,
    auto_approve: flags.AutoApprove = False,
    variables: flags.Variables = (),
    state: flags.StatePath = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> None:
    """Take domains back to a snapshot: what was written since is lost. Guests then do what they did before."""
    _need_domains("revert", domains, everything=all_)
    if running and paused:
        raise wrong_usage("snapshot revert", "-running and -paused exclude each other.")
    view = open_view(json=json, no_color=no_color)
    around = surroundings(variables=variables, state=state, lock=lock, lock_timeout=lock_timeout, ask=not json)
    with reporting(view), _snapshots(view, around, "snapshot revert") as snapshots:
        subjects = snapshots.reverting(name, domains)
        view.diagnostics(snapshots.warnings)
        told = ", ".join(each.address for each in subjects)
        question = f"Do you really want to revert to {name}: {told}?"
        detail = "What was written since is lost.\nThere is no undo. Only 'yes' will be accepted to confirm."
        approval = Approval(auto_approve, can_ask=not json)
        if not approval.of(view, question, detail, instead="snapshot revert -auto-approve"):
            raise DiagnosticError.of("Cancelled", "Nothing was changed.")
        snapshots.revert(name, subjects, after="running" if running else "paused" if paused else None)


def delete(
    name: _Name,
    domains: _Domains = (),
    *,
    all_: _All = False,
    children: Annotated[bool, Flag("-children", help="And those that descend from it.")] = False,
    auto_approve: flags.AutoApprove = False,
    variables: flags.Variables = (),
    state: flags.StatePath = None,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    json: flags.Json = False,
    no_color: flags.NoColor = False,
) -> None:
    """Delete a snapshot of domains; the guests, and snapshots that follow it, stay as they are."""
    _need_domains("delete", domains, everything=all_)
    view = open_view(json=json, no_color=no_color)
    around = surroundings(variables=variables, state=state, lock=lock, lock_timeout=lock_timeout, ask=not json)
    with reporting(view), _snapshots(view, around, "snapshot delete") as snapshots:
        found = snapshots.deleting(name, domains, children=children)
        told = ", ".join(f"{one} of {each.address}" for each, one in found)
        question = f"Do you really want to delete the snapshots {told}?"
        approval = Approval(auto_approve, can_ask=not json)
        detail = "There is no undo. Only 'yes' will be accepted to confirm."
        if not approval.of(view, question, detail, instead="snapshot delete -auto-approve"):
            raise DiagnosticError.of("Cancelled", "Nothing was changed.")
        snapshots.delete(found)


def _need_domains(command: str, domains: Sequence[str], *, everything: bool) -> None:
    if bool(domains) is everything:
        raise wrong_usage(f"snapshot {command}", "Name domains, or say -all.")


@contextmanager
def _snapshots(view: View, around: Surroundings, operation: str) -> Iterator[LabSnapshots]:
    """The snapshots of the lab, while its state is locked; warnings are shown at the end at the latest."""
    from kvmform.workspace import Workspace
    from kvmform.workspace.snapshots import LabSnapshots

    with Workspace(around) as workspace:
        workspace.lock(operation)
        snapshots = LabSnapshots(workspace, view.say)
        yield snapshots
        view.diagnostics(snapshots.warnings)
