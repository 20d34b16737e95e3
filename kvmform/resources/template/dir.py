"""`template_dir`: a directory of files rendered from those in another one.

Source: https://registry.terraform.io/providers/hashicorp/template, version 2.2. When a file
in either has changed, the directory is made again. The provider deletes whatever it finds at
the destination before that; here only what a resource made is ever deleted.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.paths import claims_path, located
from kvmform.resources.recorded import made, update
from kvmform.resources.template.rendering import render
from kvmform.schema import Disruption, Object, Observed, Operation, ResourceType, Row, Schema
from kvmform.values.types import STRING, MapType

__all__ = ["RESOURCE"]

_SCHEMA = Schema(
    doc="A directory of files rendered from the templates in another one. The directory belongs to the resource: "
    "deleting it deletes all that is in it.",
    rows={
        "id": made(STRING, "Checksum of both directories."),
        "source_dir": Row(type=STRING, doc="Where the templates are.", required=True, change=Disruption.DATA_LOSS),
        "destination_dir": Row(
            type=STRING, doc="Where the files are written.", required=True, change=Disruption.DATA_LOSS
        ),
        "vars": Row(type=MapType(STRING), doc="Values of the variables in the templates.", change=Disruption.DATA_LOSS),
    },
)


def _read(base_directory: Path, prior: Object) -> Observed | None:
    if prior.get("id") is None or not (base_directory / prior["destination_dir"]).is_dir():
        return None
    try:
        return Observed(prior) if _id(base_directory, prior) == prior["id"] else None
    except OSError:
        # Without the templates nobody can tell; they are not needed to delete what was made of them.
        return Observed(prior)


def _create(operation: Operation[Path], planned: Object) -> Object:
    base_directory = operation.base_directory
    source, target = (located(base_directory, planned[name]) for name in ("source_dir", "destination_dir"))
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path, name in _files(source):
            text = render(path.read_bytes().decode(errors="replace"), planned["vars"], base_directory, str(path))
            written = target / name
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_bytes(text.encode())
            written.chmod(path.stat().st_mode & 0o777)
        return {**planned, "id": _id(base_directory, planned)}
    except OSError as problem:
        path = Path(problem.filename or target)
        is_template = path.is_relative_to(source) and not path.is_relative_to(target)
        raise _failed("read" if is_template else "written", problem) from problem


def _delete(operation: Operation[Path], prior: Object) -> None:
    target = located(operation.base_directory, prior["destination_dir"])
    try:
        if prior.get("id") is not None and target.is_dir():
            shutil.rmtree(target)
    except OSError as problem:
        raise _failed("deleted", problem) from problem


def _files(directory: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a directory, always in the same order, with its path from there."""
    names = sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())
    if not names and not directory.is_dir():
        raise FileNotFoundError(2, "No such directory", str(directory))
    return ((directory / name, name) for name in names)


def _id(base_directory: Path, written: Object) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for each in ("source_dir", "destination_dir"):
        for path, name in _files(located(base_directory, written[each])):
            content = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
            digest.update(f"{each}/{name}\0{path.stat().st_mode & 0o777:o}\0{content}\n".encode())
    return digest.hexdigest()


def _failed(done: str, problem: OSError) -> DiagnosticError:
    return DiagnosticError.of("Template directory error", f"{problem.filename} can't be {done}: {problem.strerror}.")


RESOURCE: ResourceType[Path] = ResourceType(
    name="template_dir",
    schema=_SCHEMA,
    read=_read,
    create=_create,
    update=update,
    delete=_delete,
    claims=claims_path("destination_dir"),
    delete_disruption=Disruption.DATA_LOSS,
    needs_host=False,
)
