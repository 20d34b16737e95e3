"""Patterns of file names, as `fileset` takes them: `*`, `?`, `[a-z]`, `{a,b}`, `**` for any directories.

Source: https://developer.hashicorp.com/terraform/language/functions/fileset.
Names that begin with a dot are matched like any other, links are followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["PatternError", "glob_files"]

CLASS = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]")

Part = re.Pattern[str] | str
"""One part of a pattern between slashes: what names it matches, or `**`, or `..`."""


class PatternError(ValueError):
    """A pattern that is no pattern."""


def glob_files(directory: Path, pattern: str) -> list[str]:
    """Paths of the files that match a pattern, relative to the directory that it starts in.

    Raises:
        PatternError: a bracket or brace in the pattern is not closed.
        OSError: what a matching link points to doesn't exist.
    """
    relative = os.path.relpath(os.path.normpath(f"{directory}/{pattern}"), os.path.normpath(directory))
    parts = [part if part in {"**", ".."} else compile_name(part) for part in relative.split("/") if part != "."]
    if not parts and not os.path.lexists(directory):
        return []
    return sorted(set(matches(directory, "", parts, ())))


def compile_name(pattern: str) -> re.Pattern[str]:
    """The regular expression for one part of a path.

    Raises:
        PatternError: a bracket or brace in it is not closed.
    """
    written: list[str] = []
    depth = at = 0
    while at < len(pattern):
        letter = pattern[at]
        at += 1
        match letter:
            case "*":
                written.append(".*")
            case "?":
                written.append(".")
            case "[":
                found = CLASS.match(pattern, at - 1)
                if found is None:
                    raise PatternError("syntax error in pattern: a bracket is not closed")
                written.append(f"[{found[1]}{character_class(found[2])}]")
                at = found.end()
            case "{":
                written.append("(?:")
                depth += 1
            case "}" if depth:
                written.append(")")
                depth -= 1
            case "," if depth:
                written.append("|")
            case "\\":
                written.append(re.escape(pattern[at : at + 1]))
                at += 1
            case _:
                written.append(re.escape(letter))
    if depth:
        raise PatternError("syntax error in pattern: a brace is not closed")
    return re.compile("".join(written), re.DOTALL)


def character_class(content: str) -> str:
    """The inner part of a bracket expression: every letter escaped, but the hyphens of ranges."""
    letters = re.findall(r"\\.|.", content, re.DOTALL)
    return "".join(letter if letter == "-" else re.escape(letter[-1]) for letter in letters)


def matches(here: Path, path: str, parts: Sequence[Part], parents: tuple[Path, ...]) -> Iterator[str]:
    """Matching files in the directory `here`, to which `path` leads from where the pattern starts.

    `parents` are the real directories walked through, so that no link leads in circles.
    """
    if not parts:
        if here.is_file() or not here.exists():
            here.stat()
            yield path.removesuffix("/")
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from (matches(here, path, rest, parents) if rest else ())
        real = here.resolve()
        for name in names_in(here) if real not in parents else ():
            below = here / name
            deeper = parts if below.is_dir() else rest
            if deeper is parts or not rest:
                yield from matches(below, f"{path}{name}/", deeper, (*parents, real))
    elif isinstance(part, str):
        yield from matches(here / part, f"{path}{part}/", rest, parents)
    else:
        for name in names_in(here):
            if part.fullmatch(name):
                yield from matches(here / name, f"{path}{name}/", rest, parents)


def names_in(directory: Path) -> list[str]:
    """Names in a directory; none if it is no directory or can't be read."""
    try:
        return [entry.name for entry in directory.iterdir()]
    except OSError:
        return []
