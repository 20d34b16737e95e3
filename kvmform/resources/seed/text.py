"""Seeds that are one text: written as it is, or as the path of a file that holds it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path as FilePath

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.resources.seed.lifecycle import Seed
from kvmform.schema import Object, Operation

__all__ = ["TEXT", "content_of", "file_of", "may_be_path", "text_seed"]

_LONGEST_PATH = 4096
"""Linux' PATH_MAX."""


def may_be_path(content: str) -> bool:
    """Whether a text could name a file, which may be made only later: it has one line, and begins no script or JSON."""
    return len(content) < _LONGEST_PATH and not {"\n", "\0"} & set(content) and content[:1] not in {"", "#", "{"}


def file_of(content: str, directory: FilePath) -> FilePath | None:
    """The file that a text names; None where there is no such file. A relative path starts in the directory."""
    if not may_be_path(content):
        return None
    path = directory / content
    try:
        return path if path.is_file() else None
    except OSError:
        return None


def text_seed(checked: Callable[[bytes], bytes], *, any_text: bool) -> Seed:
    """Seeds with the argument `content`.

    `checked` returns what is to be in the volume, or refuses it. `any_text`: what could name a
    file, and names none, is the content itself.
    """

    def text(planned: Object, directory: FilePath) -> str | None:
        path = file_of(planned["content"], directory)
        if path is not None:
            return sha256(_read(path)).hexdigest()
        if may_be_path(planned["content"]) and not any_text:
            return None
        return sha256(planned["content"].encode()).hexdigest()

    def image(operation: Operation[Host], planned: Object) -> bytes:
        path = file_of(planned["content"], operation.base_directory)
        return checked(planned["content"].encode() if path is None else _read(path))

    return Seed(("content",), text, image)


def content_of(image: bytes) -> Object | None:
    """The argument `content` of a seed with these bytes; None if it is no text."""
    try:
        return {"content": image.rstrip(b"\0").decode()}
    except UnicodeDecodeError:
        return None


def _read(path: FilePath) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        detail = f"{path} can't be read: {problem.strerror}."
        raise DiagnosticError.of("Cannot read the file", detail) from problem


TEXT = text_seed(lambda content: content, any_text=True)
"""A seed that may be any text."""
