"""`kvmform state push`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kvmform.cli import flags
from kvmform.cli.flags import Argument, Flag
from kvmform.cli.session import open_view, reporting, surroundings
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.state.model import State

__all__ = ["push", "state_from"]


def push(
    path: Annotated[str, Argument("PATH", help="A state file, or - for stdin.")],
    *,
    force: Annotated[bool, Flag("-force", help="Also over a state of another lineage, or a later one.")] = False,
    lock: flags.Lock = True,
    lock_timeout: flags.LockTimeout = "0s",
    ignore_remote_version: flags.IgnoreRemoteVersion = False,
    no_color: flags.NoColor = False,
) -> None:
    """Put a state in the place of the present one, which is kept as backup."""
    del ignore_remote_version
    with reporting(open_view(json=False, no_color=no_color)):
        from kvmform.workspace import Workspace

        fresh = state_from(path)
        with Workspace(surroundings(lock=lock, lock_timeout=lock_timeout, may_be_empty=True)) as workspace:
            workspace.push_state(fresh, force=force)


def state_from(path: str) -> State:
    """The state in a file, or the one that stdin has, for `-`.

    Raises:
        DiagnosticError: it cannot be read, or is no state.
    """
    from kvmform.state.file import parse_state

    return parse_state(_content(path), path)


def _content(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        detail = f"The file {path} cannot be read: {problem.strerror}."
        raise DiagnosticError.of("Failed to read state", detail) from problem
