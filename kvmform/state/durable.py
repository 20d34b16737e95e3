"""Writing files so that they are whole and stay, whenever the power fails."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["keep_directory", "replace_file", "write_all"]


def replace_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Put `data` in place of a file's content: all of it or nothing, and on disk when this returns.

    The file gets this mode; its owner stays, so that a run as root leaves it to the user.

    Raises:
        OSError: it could not be written; the old content is still there.
    """
    target = path.resolve()
    # One name, not a random one: what a killed process left is written over, not left to gather.
    fresh = target.with_name(f".{target.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _keep_owner(descriptor, target)
        os.fchmod(descriptor, mode)
        write_all(descriptor, data)
        os.fsync(descriptor)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    keep_directory(target.parent)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`, however many calls that takes.

    Raises:
        OSError: it could not all be written.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def keep_directory(path: Path) -> None:
    """Wait until the names in a directory (made, changed, removed) are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_owner(descriptor: int, target: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):
        owner = target.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
