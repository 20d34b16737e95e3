"""Where a state is kept: what the store needs of such a place."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from kvmform.state.lock import LockInfo
from kvmform.state.model import State

__all__ = ["Backend"]


class Backend(Protocol):
    """A place that keeps one state. Every method raises DiagnosticError where the place refuses."""

    @property
    def name(self) -> str:
        """How messages call the state: a file name, an address."""

    @property
    def checkpoint_seconds(self) -> float | None:
        """How often the state is to be kept there while it changes; None: the journal is as safe a place."""

    @property
    def journal_path(self) -> Path:
        """Where the journal is, on this machine; the same for everyone who uses this state here."""

    def read(self) -> State | None:
        """The state; None if there is none yet."""

    def write(self, state: State) -> None:
        """Replace the state: it is kept when this returns, and others see the old or the new one whole."""

    def checkpoint(self, state: State) -> None:
        """The same in the midst of a run, where another attempt follows if it fails."""

    def back_up(self, stamp: int) -> None:
        """Keep the state as it is now, under a name with `stamp` in it."""

    def lock(self, operation: str, timeout: float = 0.0) -> AbstractContextManager[LockInfo]:
        """Hold the lock; if another has it, wait for up to `timeout` seconds.

        `operation` is Terraform's name of what is done, for example `OperationTypeApply`.
        """

    def force_unlock(self, lock_id: str) -> None:
        """Take the lock with this id from a holder that is gone."""
