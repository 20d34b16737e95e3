"""What goes into an archive: texts, one file, or all below a directory.

Source: https://registry.terraform.io/providers/hashicorp/archive, version 2.7.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.functions.glob import PatternError, compile_name
from kvmform.resources.paths import located
from kvmform.schema import Object
from kvmform.struct import Struct

__all__ = ["Member", "members"]


class Member(Struct):
    """One file in an archive: its name and permissions there, and where its content comes from.

    What was no file before has no permissions of its own.
    """

    name: str
    mode: int | None
    source: Path | bytes

    def opened(self) -> IO[bytes]:
        """The content, to be read."""
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")


def members(written: Object, base_directory: Path) -> list[Member]:
    """All files that the arguments of `archive_file` name, always in the same order.

    Raises:
        DiagnosticError: there are none, or one can't be read; the mode or a pattern is none.
    """
    try:
        found = list(_found(written, base_directory))
    except OSError as problem:
        detail = f"{problem.filename} can't be read: {problem.strerror}."
        raise DiagnosticError.of("Archive creation error", detail) from problem
    if not found:
        detail = "The archive would be empty: nothing is left in source_dir without what is excluded."
        raise DiagnosticError.of("Archive creation error", detail)
    mode = written["output_file_mode"]
    return found if not mode else [Member(each.name, _mode(mode), each.source) for each in found]


def _found(written: Object, base_directory: Path) -> Iterator[Member]:
    if written["source_dir"] is not None:
        directory = located(base_directory, written["source_dir"])
        patterns = [_pattern(each) for each in written["excludes"] or [] if each]
        output = located(base_directory, written["output_path"])
        walk = _Walk(patterns, bool(written["exclude_symlink_directories"]), output)
        yield from walk.below(directory, "", ())
    elif written["source_file"] is not None:
        path = located(base_directory, written["source_file"])
        yield Member(path.name, path.stat().st_mode & 0o7777, path)
    elif written["source_content_filename"] is not None:
        yield Member(written["source_content_filename"], None, (written["source_content"] or "").encode())
    else:
        contents = {source["filename"]: source["content"].encode() for source in written["source"]}
        yield from (Member(name, None, content) for name, content in sorted(contents.items()))


class _Walk(Struct):
    """A way through a directory that leaves out what is excluded, and the archive itself."""

    excluded: Sequence[Sequence[re.Pattern[str] | str]]
    without_linked_directories: bool
    output: Path

    def below(self, directory: Path, path: str, parents: tuple[str, ...]) -> Iterator[Member]:
        """The files below a directory that has the name `path` in the archive; no link leads in circles."""
        real = os.path.realpath(directory)
        if real in parents:
            return
        for here in sorted(directory.iterdir()):
            inside = f"{path}{here.name}"
            if any(_matches(pattern, inside.split("/")) for pattern in self.excluded):
                continue
            if here.is_dir():
                if not (here.is_symlink() and self.without_linked_directories):
                    yield from self.below(here, f"{inside}/", (*parents, real))
            elif here != self.output:
                yield Member(inside, here.stat().st_mode & 0o7777, here)


def _pattern(text: str) -> list[re.Pattern[str] | str]:
    try:
        return [part if part == "**" else compile_name(part) for part in text.rstrip("/").split("/")]
    except PatternError as problem:
        raise DiagnosticError.of("Archive creation error", f'"excludes" has "{text}": {problem}.') from None


def _matches(pattern: Sequence[re.Pattern[str] | str], names: Sequence[str]) -> bool:
    """Whether the parts of a path are those of a pattern, in which `**` stands for any number of them."""
    if not pattern:
        return not names
    first, rest = pattern[0], pattern[1:]
    if isinstance(first, str):
        return any(_matches(rest, names[at:]) for at in range(len(names) + 1))
    return bool(names) and first.fullmatch(names[0]) is not None and _matches(rest, names[1:])


def _mode(text: str) -> int:
    """As Go reads it: digits after a leading 0 are octal."""
    mode = int(text, 8) if re.fullmatch("0[0-7]+", text) else _number(text)
    if mode is None or not 0 <= mode <= 0o7777:
        detail = f'"output_file_mode" must be an octal number such as "0644"; got: "{text}".'
        raise DiagnosticError.of("Archive creation error", detail)
    return mode


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None
