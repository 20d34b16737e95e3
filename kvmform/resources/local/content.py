"""`local_file` and `local_sensitive_file`: a file with the given content.

Source: https://registry.terraform.io/providers/hashicorp/local, version 2.5. A file that is no
longer what was written counts as gone, and is written again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from kvmform.diagnostics import DiagnosticError, error
from kvmform.resources.paths import claims_path, located
from kvmform.resources.recorded import made, update
from kvmform.resources.written import checksum_rows, checksums, rewrite
from kvmform.schema import (
    Disruption,
    Object,
    Observed,
    Operation,
    Problem,
    ResourceType,
    Row,
    Rule,
    Schema,
)
from kvmform.schema.rules import exactly_one_of
from kvmform.values.types import STRING

__all__ = ["file_resource"]

_CONTENTS = ("content", "sensitive_content", "content_base64", "source")


def _permission(name: str) -> Rule:
    def rule(written: Object) -> Iterator[Problem]:
        value = written[name]
        if isinstance(value, str) and not _is_permission(value):
            detail = f'bad mode permission: "{value}" must be three or four octal digits, such as "0644".'
            yield Problem((name,), error("Invalid File Permission String Value", detail))

    return rule


def _is_permission(text: str) -> bool:
    return len(text) in (3, 4) and set(text) <= set("01234567") and int(text, 8) <= 0o777


def _content_row(name: str, sensitive: bool) -> Row:
    docs = {
        "content": "Content of the file, a text.",
        "sensitive_content": "Content of the file, a text that is not shown.",
        "content_base64": "Content of the file, in base64.",
        "source": "Path of a file whose content it gets.",
    }
    deprecated = "local_sensitive_file with content" if name == "sensitive_content" else ""
    hidden = name == "sensitive_content" or (sensitive and name != "source")
    return Row(type=STRING, doc=docs[name], sensitive=hidden, change=rewrite, deprecated=deprecated)


def _schema(sensitive: bool) -> Schema:
    contents = [name for name in _CONTENTS if not (sensitive and name == "sensitive_content")]
    permission = "0700" if sensitive else "0777"
    hidden = ", with content that is not shown" if sensitive else ""
    return Schema(
        doc=f"A file on the machine where kvmform runs{hidden}. A file that is deleted or changed is written again.",
        rules=(exactly_one_of(*contents), _permission("file_permission"), _permission("directory_permission")),
        rows={
            "id": made(STRING, "SHA-1 checksum of the content."),
            "filename": Row(
                type=STRING,
                doc="Path of the file. Directories on the way are made; a file that is there is written over.",
                required=True,
                change=rewrite,
            ),
            **{name: _content_row(name, sensitive) for name in contents},
            "file_permission": Row(
                type=STRING, doc="Permissions of a new file, before umask.", default=permission, change=rewrite
            ),
            "directory_permission": Row(
                type=STRING, doc="Permissions of new directories, before umask.", default=permission, change=rewrite
            ),
            **checksum_rows("content"),
        },
    )


def file_resource(name: str, *, sensitive: bool) -> ResourceType[Path]:
    """The resource type of that name."""
    return ResourceType(
        name=name,
        schema=_schema(sensitive),
        read=_read,
        create=_create,
        update=update,
        delete=_delete,
        claims=claims_path("filename"),
        delete_disruption=Disruption.LIVE,
        needs_host=False,
    )


def _read(base_directory: Path, prior: Object) -> Observed | None:
    path = base_directory / prior["filename"]
    try:
        found = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
        return None
    except OSError as problem:
        raise _failed("read", path, problem) from problem
    if prior.get("id") is None:
        return Observed(prior) if _is_begun(base_directory, prior, found) else None
    is_as_written = hashlib.sha1(found, usedforsecurity=False).hexdigest() == prior["id"]
    return Observed(prior) if is_as_written else None


def _is_begun(base_directory: Path, planned: Object, found: bytes) -> bool:
    """Whether what was found is what an interrupted create had written so far."""
    try:
        return _content(base_directory, planned).startswith(found)
    except DiagnosticError:
        return False


def _create(operation: Operation[Path], planned: Object) -> Object:
    base_directory = operation.base_directory
    content = _content(base_directory, planned)
    path = located(base_directory, planned["filename"])
    try:
        _make_directories(path.parent, int(planned["directory_permission"], 8))
        _write(path, content, int(planned["file_permission"], 8))
    except OSError as problem:
        raise _failed("written", path, problem) from problem
    found = checksums(content, "content")
    return {**planned, **found, "id": found["content_sha1"]}


def _content(base_directory: Path, planned: Object) -> bytes:
    source: str | None = planned["source"]
    if source is not None:
        path = located(base_directory, source)
        try:
            return path.read_bytes()
        except OSError as problem:
            raise _failed("read", path, problem) from problem
    if planned["content_base64"] is not None:
        try:
            return base64.b64decode(planned["content_base64"], validate=True)
        except binascii.Error as problem:
            detail = f'"content_base64" must be in base64: {problem}.'
            raise DiagnosticError.of("Content is not base64", detail) from None
    text: str | None = planned["content"] if planned["content"] is not None else planned.get("sensitive_content")
    return (text or "").encode()


def _make_directories(directory: Path, mode: int) -> None:
    """All that are missing, with these permissions: `Path.mkdir` gives them to the last one only."""
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode, exist_ok=True)


def _write(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a Path can't give the permissions of a new file
        file.write(content)


def _delete(operation: Operation[Path], prior: Object) -> None:
    path = located(operation.base_directory, prior["filename"])
    try:
        path.unlink(missing_ok=True)
    except NotADirectoryError:
        return
    except OSError as problem:
        raise _failed("deleted", path, problem) from problem


def _failed(done: str, path: Path, problem: OSError) -> DiagnosticError:
    return DiagnosticError.of("Local file error", f"The file {path} can't be {done}: {problem.strerror}.")
