"""Where a lab's state is: as its configuration says, completed by what `init` was told.

Source: https://developer.hashicorp.com/terraform/language/backend. `init` notes the place in
`.terraform/terraform.tfstate`, as Terraform does; what was given with -backend-config is only there.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kvmform.config.settings import BACKENDS, BackendBlock
from kvmform.diagnostics import DiagnosticError
from kvmform.state.backends import Backend
from kvmform.state.durable import replace_file
from kvmform.state.model import TERRAFORM_VERSION
from kvmform.struct import Struct, field
from kvmform.workspace.surroundings import Surroundings

__all__ = [
    "LOCAL",
    "Place",
    "http_backend",
    "local_backend",
    "note_place",
    "noted_place",
    "open_backend",
    "place_of",
    "reject_named_workspaces",
]

_NOTE = "terraform.tfstate"


class Place(Struct):
    """A backend by its name, with its arguments; `given` are those of them that were given to `init`."""

    backend: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    def is_where(self, other: Place) -> bool:
        """Whether the state is in the same place, as far as that can be told from the arguments."""
        if self.backend != other.backend:
            return False
        return self.backend == "local" or self.arguments.get("address") == other.arguments.get("address")


LOCAL = Place("local")


def place_of(block: BackendBlock | None, noted: Place | None, given: Mapping[str, str] | None = None) -> Place:
    """The place that a configuration says; `given` are the arguments that `init` is given, None: those it noted.

    A backend that kvmform doesn't have counts as the local one: the configuration's check warns of it.
    """
    if block is None or block.name not in BACKENDS:
        return LOCAL
    if given is None:
        given = noted.given if noted is not None and noted.backend == block.name else {}
    return Place(block.name, {**block.arguments, **given}, given)


def noted_place(data_directory: Path) -> Place | None:
    """What init noted; None if it was not run, or had nothing to note."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        note = json.loads((data_directory / _NOTE).read_text())["backend"]
        arguments = {name: str(value) for name, value in note["config"].items() if value is not None}
        # A note of Terraform's does not tell which arguments were given to init: any may be.
        given = {name: str(value) for name, value in note.get("given", arguments).items()}
        if note["type"] in BACKENDS:
            return Place(note["type"], arguments, given)
    return None


def note_place(data_directory: Path, place: Place) -> None:
    """Note a place for the commands to come; of the usual file there is no note.

    Raises:
        DiagnosticError: the data directory can't be written.
    """
    path = data_directory / _NOTE
    note: dict[str, Any] = {
        "version": 3,
        "terraform_version": TERRAFORM_VERSION,
        "serial": 1,
        "lineage": str(uuid.uuid4()),
        "backend": {"type": place.backend, "config": dict(place.arguments), "given": dict(place.given)},
    }
    try:
        if place == LOCAL:
            path.unlink()
        else:
            data_directory.mkdir(parents=True, exist_ok=True)
            replace_file(path, json.dumps(note, indent=2).encode())
    except OSError as problem:
        raise DiagnosticError.of("Failed to note the backend", f"{path}: {problem.strerror}.") from problem


def open_backend(
    around: Surroundings, directory: Path, data_directory: Path, block: BackendBlock | None, named: Path | None
) -> Backend:
    """The place where the state is: as told (`-state`), else as the configuration says, else in the usual file.

    `named` is the file of a named workspace, None for `default`.

    Raises:
        DiagnosticError: init was not told of this place, its arguments are wrong, or it has no named workspaces.
    """
    noted = noted_place(data_directory)
    place = place_of(block, noted)
    if around.state_path is not None or place.backend == "local":
        if around.state_path is None:
            _reject_unmoved(place, noted, None)
        path = around.state_path or named or place.arguments.get("path")
        return local_backend(around, directory, Path(path) if path else None)
    if named is not None:
        reject_named_workspaces(block)
    _reject_unmoved(place, noted, directory)
    return http_backend(place, data_directory, around.environment)


def reject_named_workspaces(block: BackendBlock | None) -> None:
    """Refuse them where there is only the one state.

    Raises:
        DiagnosticError: the state is kept by a web server.
    """
    if place_of(block, None).backend == "http":
        detail = 'The backend "http" keeps one state, that of the workspace "default".'
        raise DiagnosticError.of("workspaces not supported", detail)


def local_backend(around: Surroundings, directory: Path, path: Path | None) -> Backend:
    """A file on this machine, by default `terraform.tfstate`."""
    from kvmform.state.backends.local import DEFAULT_PATH, NO_BACKUP, LocalBackend

    output, backup = (
        other if other is None or other == NO_BACKUP else directory / other
        for other in (around.state_output, around.state_backup)
    )
    return LocalBackend(directory / (path or DEFAULT_PATH), output=output, backup=backup)


def http_backend(place: Place, data_directory: Path, environment: Mapping[str, str]) -> Backend:
    """A web server.

    Raises:
        DiagnosticError: the arguments are wrong.
    """
    from kvmform.state.backends.http import HttpBackend
    from kvmform.state.backends.http_settings import HttpSettings

    return HttpBackend(HttpSettings.of(place.arguments, environment), data_directory)


def _reject_unmoved(place: Place, noted: Place | None, directory: Path | None) -> None:
    """Refuse a place that init did not bring the state to; `directory` may have a state that it was not told of."""
    if noted is None:
        is_moved = directory is None or not _has_content(directory / "terraform.tfstate")
    else:
        is_moved = noted.is_where(place)
    if not is_moved:
        detail = (
            f'The state was kept by the backend "{(noted or LOCAL).backend}", and the configuration says '
            f'"{place.backend}" now, or another address. Run "kvmform init": it copies the state there, or begins with '
            "what is there (-reconfigure)."
        )
        raise DiagnosticError.of('Backend initialization required, please run "kvmform init"', detail)


def _has_content(path: Path) -> bool:
    with suppress(OSError):
        return path.stat().st_size > 0
    return False
