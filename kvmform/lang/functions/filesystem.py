"""Functions on files and their paths.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Filesystem".
Relative paths start in the directory of the context.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator
from pathlib import Path

from kvmform.lang.functions.glob import PatternError, glob_files
from kvmform.lang.functions.signature import CallContext, Function, FunctionError, parameters
from kvmform.lang.limits import MAXIMUM_CONTENT
from kvmform.values.model import SetValue
from kvmform.values.types import BOOL, STRING, SetType

__all__ = ["FUNCTIONS", "blocks", "read_bytes", "read_text"]

KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISCHR, "a device node"),
    (stat.S_ISBLK, "a device node"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a unix domain socket"),
)


def locate(context: CallContext, path: str) -> Path:
    """Where a path of the configuration leads to."""
    return Path(os.path.normpath(Path(context.directory, expand_home(path))))


def expand_home(path: str) -> str:
    """A path with a leading `~` replaced by the user's home directory.

    Raises:
        FunctionError: it names another user's home directory.
    """
    if not path.startswith("~"):
        return path
    if path[1:2] not in {"", "/"}:
        raise FunctionError("cannot expand the home directory of another user")
    return posixpath.normpath(Path(path).expanduser())


BLOCK = 1 << 20


def read_bytes(context: CallContext, path: str, argument: int | None = None) -> bytes:
    """The contents of a file.

    Raises:
        FunctionError: it can't be read; blames `argument`.
    """
    return b"".join(blocks(context, path, argument, MAXIMUM_CONTENT))


def blocks(context: CallContext, path: str, argument: int | None = None, most: int | None = None) -> Iterator[bytes]:
    """The contents of a file, block by block.

    Raises:
        FunctionError: it can't be read, or is larger than `most`; blames `argument`.
    """
    try:
        with locate(context, path).open("rb") as opened:
            total = 0
            while block := opened.read(BLOCK):
                total += len(block)
                if most is not None and total > most:
                    raise FunctionError(f'"{path}" has more than {most >> 20} MiB, too much for a value', argument)
                yield block
    except FileNotFoundError:
        raise FunctionError(
            f'no file exists at "{path}"; this function reads files that are there before anything is planned, '
            "so for a file that a resource creates, use an attribute of that resource instead",
            argument,
        ) from None
    except (OSError, ValueError) as problem:
        raise FunctionError(f'failed to read "{path}": {reason(problem)}', argument) from None


def read_text(context: CallContext, path: str, argument: int | None = None) -> str:
    """The contents of a text file.

    Raises:
        FunctionError: it can't be read; blames `argument`. It is not UTF-8; blames none.
    """
    try:
        return read_bytes(context, path, argument).decode()
    except UnicodeDecodeError:
        raise FunctionError(
            f'contents of "{path}" are not valid UTF-8; '
            "use filebase64 for the contents in base64, or a function such as filesha256 for their hash"
        ) from None


def reason(problem: Exception) -> str:
    """What an error of the operating system says, without number and path."""
    return (getattr(problem, "strerror", None) or str(problem)).lower()


def file(context: CallContext, path: str) -> str:
    return read_text(context, path, 0)


def filebase64(context: CallContext, path: str) -> str:
    import base64

    return base64.b64encode(read_bytes(context, path, 0)).decode()


def fileexists(context: CallContext, path: str) -> bool:
    place = locate(context, path)
    try:
        mode = place.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as problem:
        raise FunctionError(f'failed to stat "{path}": {reason(problem)}') from None
    if stat.S_ISREG(mode):
        return True
    kind = next((name for is_kind, name in KINDS if is_kind(mode)), "something else")
    raise FunctionError(f'"{place}" is {kind}, not a regular file')


def fileset(context: CallContext, path: str, pattern: str) -> SetValue:
    try:
        found = glob_files(Path(context.directory, path), pattern)
    except PatternError as problem:
        raise FunctionError(f'failed to glob pattern "{pattern}": {problem}') from None
    except OSError as problem:
        raise FunctionError(f'failed to stat "{problem.filename}": {reason(problem)}') from None
    return SetValue(STRING, tuple(found))


def basename(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


def dirname(path: str) -> str:
    return posixpath.normpath(posixpath.dirname(path))


def abspath(context: CallContext, path: str) -> str:
    return os.path.normpath(Path(context.directory, path).absolute())


def pathexpand(path: str) -> str:
    return expand_home(path)


FUNCTIONS = (
    Function(
        "file",
        parameters(path=STRING),
        STRING,
        file,
        "The contents of a file, which must be UTF-8.",
        needs_context=True,
    ),
    Function(
        "filebase64",
        parameters(path=STRING),
        STRING,
        filebase64,
        "The contents of a file, in base64.",
        needs_context=True,
    ),
    Function(
        "fileexists", parameters(path=STRING), BOOL, fileexists, "Tells whether a file exists.", needs_context=True
    ),
    Function(
        "fileset",
        parameters(path=STRING, pattern=STRING),
        SetType(STRING),
        fileset,
        "Paths of the files in a directory that match a pattern.",
        needs_context=True,
    ),
    Function("basename", parameters(path=STRING), STRING, basename, "The last part of a path."),
    Function("dirname", parameters(path=STRING), STRING, dirname, "A path without its last part."),
    Function("abspath", parameters(path=STRING), STRING, abspath, "The absolute form of a path.", needs_context=True),
    Function(
        "pathexpand",
        parameters(path=STRING),
        STRING,
        pathexpand,
        "A path with a leading ~ replaced by the home directory.",
    ),
)
