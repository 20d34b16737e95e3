"""`archive_file`: an archive of texts or files; a data source, which makes it with each plan, and a resource.

Source: https://registry.terraform.io/providers/hashicorp/archive, version 2.7. The resource is
made again in an apply when its files have changed or the archive is not what was written;
the provider does so while it plans.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from kvmform.diagnostics import DiagnosticError, error
from kvmform.resources.archive.members import members
from kvmform.resources.paths import located
from kvmform.resources.recorded import delete, made, update
from kvmform.resources.written import checksum_rows, checksums, rewrite
from kvmform.schema import (
    Block,
    DataSource,
    Disruption,
    Object,
    Observed,
    Operation,
    Problem,
    ResourceType,
    Row,
    Schema,
)
from kvmform.schema.rules import one_of
from kvmform.values.types import BOOL, NUMBER, STRING, SetType

__all__ = ["DATA_SOURCE", "RESOURCE"]

_SOURCES = ("source", "source_content_filename", "source_file", "source_dir")


def _check_sources(written: Object) -> Iterator[Problem]:
    """One way to say what goes in."""
    given = [name for name in _SOURCES if written[name] not in (None, [])]
    if len(given) > 1:
        detail = f'Attribute "{given[0]}" cannot be specified when "{given[1]}" is specified.'
        yield Problem((given[1],), error("Invalid Attribute Combination", detail))
    if not given:
        detail = f"At least one of these attributes must be configured: {', '.join(_SOURCES)}."
        yield Problem((), error("Missing Attribute Configuration", detail))
    if written["excludes"] is not None and given and "source_dir" not in given:
        detail = f'Attribute "excludes" cannot be specified when "{given[0]}" is specified.'
        yield Problem(("excludes",), error("Invalid Attribute Combination", detail))


_SCHEMA = Schema(
    doc="An archive of texts or files, the same bytes whenever the same is in it. Deleting it leaves the file.",
    rules=(one_of("type", ("zip", "tar.gz")), _check_sources),
    rows={
        "id": made(STRING, "SHA-1 checksum of the archive."),
        "type": Row(type=STRING, doc="`zip` or `tar.gz`.", required=True, change=rewrite),
        "output_path": Row(type=STRING, doc="Path of the archive.", required=True, change=rewrite),
        "source_file": Row(type=STRING, doc="Path of a file that goes in.", change=rewrite),
        "source_dir": Row(type=STRING, doc="Path of a directory: all files below it go in.", change=rewrite),
        "source_content": Row(type=STRING, doc="A text that goes in.", change=rewrite),
        "source_content_filename": Row(type=STRING, doc="Name of that text as a file.", change=rewrite),
        "excludes": Row(
            type=SetType(STRING),
            doc="Files and directories below `source_dir` that don't go in, as patterns with `*` and `**`.",
            change=rewrite,
        ),
        "exclude_symlink_directories": Row(
            type=BOOL, doc="Whether directories that are links don't go in.", change=rewrite
        ),
        "output_file_mode": Row(
            type=STRING, doc="Permissions of all files in it, such as `0644`; by default their own.", change=rewrite
        ),
        "output_size": made(NUMBER, "Size of the archive in bytes."),
        **checksum_rows("output", sha1="sha"),
        "source": Block(
            doc="A text that goes in.",
            change=rewrite,
            match=(("filename",),),
            rows={
                "content": Row(type=STRING, doc="The text.", required=True, change=rewrite),
                "filename": Row(type=STRING, doc="Its name as a file.", required=True, change=rewrite),
            },
        ),
    },
)


def _write(base_directory: Path, written: Object) -> Object:
    """Write the archive; until it is complete, the old one is there."""
    from kvmform.resources.archive.writing import WRITERS

    path = located(base_directory, written["output_path"])
    found = members(written, base_directory)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("wb") as target:
                WRITERS[written["type"]](target, found)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        content = path.read_bytes()
    except OSError as problem:
        detail = f"{problem.filename or path}: {problem.strerror}."
        raise DiagnosticError.of("Archive creation error", detail) from problem
    sums = checksums(content, "output", sha1="sha")
    return {**written, **sums, "id": sums["output_sha"], "output_size": len(content)}


def _read(base_directory: Path, prior: Object) -> Observed | None:
    """The archive, if it is what was written, and has what would be written now."""
    from kvmform.resources.archive.reading import has_just

    if prior.get("id") is None:
        return None
    try:
        path = located(base_directory, prior["output_path"])
        is_ours = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest() == prior["id"]
        return Observed(prior) if is_ours and has_just(path, members(prior, base_directory)) else None
    except (OSError, DiagnosticError):
        # What can't be read now is told when it is to be written.
        return None


def _create(operation: Operation[Path], planned: Object) -> Object:
    return _write(operation.base_directory, planned)


DATA_SOURCE: DataSource[Path] = DataSource(
    name="archive_file",
    schema=_SCHEMA,
    read=lambda reading, config: _write(reading.base_directory, config),
    needs_host=False,
)

RESOURCE: ResourceType[Path] = ResourceType(
    name="archive_file",
    schema=_SCHEMA,
    read=_read,
    create=_create,
    update=update,
    delete=delete,
    delete_disruption=Disruption.LIVE,
    needs_host=False,
)
