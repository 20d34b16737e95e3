"""The standard streams, made such that it does no harm how they are given: closed, full, or in another encoding."""

from __future__ import annotations

import errno
import os
import sys
from io import TextIOWrapper

__all__ = ["CANNOT_WRITE", "prepare_streams", "silence"]

CANNOT_WRITE = frozenset({errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG})
"""Why a stream takes no more, but for a reader that went away."""


def prepare_streams() -> None:
    """Have all three of them, and have no character be one that can't be written.

    A descriptor that is closed would be that of the next file which is opened, the state's for example, and whatever
    programs are run would write into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - it is open to the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def silence() -> None:
    """Write nothing more to standard output, not even what waits to be written when Python ends."""
    if isinstance(sys.stdout, TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
