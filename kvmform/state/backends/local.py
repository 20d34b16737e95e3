"""A state in a file on this machine, with the file names of Terraform's local backend."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

from kvmform.diagnostics import DiagnosticError
from kvmform.state.durable import replace_file
from kvmform.state.file import format_state, parse_state
from kvmform.state.lock import LockInfo, held_by_another, hold_lock
from kvmform.state.model import State

__all__ = ["DEFAULT_PATH", "NO_BACKUP", "LocalBackend"]

DEFAULT_PATH = Path("terraform.tfstate")
NO_BACKUP = Path("-")
"""As the path of the backup: keep none."""


class LocalBackend:
    """The state file at `path` (`-state`).

    New versions go to `output` (`-state-out`) if given, and what they replace for the first
    time goes to `backup` (`-backup`): by default beside it, with `.backup` behind its name.
    """

    checkpoint_seconds = None

    def __init__(self, path: Path = DEFAULT_PATH, *, output: Path | None = None, backup: Path | None = None) -> None:
        if not path.name:
            detail = f"{path} is a directory, and the state is kept in a file: give that a name."
            raise DiagnosticError.of("Invalid state path", detail)
        self._path = path
        self._output = output or path
        self._backup = backup or self._output.with_name(f"{self._output.name}.backup")
        self._backed_up = self._backup == NO_BACKUP

    @property
    def name(self) -> str:
        """The name of the file that is read."""
        return str(self._path)

    @property
    def journal_path(self) -> Path:
        """Beside the file that is written."""
        return self._output.with_name(f"{self._output.name}.journal")

    def read(self) -> State | None:
        """The state in the file; None if there is no file, or an empty one.

        Raises:
            DiagnosticError: it cannot be read, or is no state in format version 4.
        """
        data = self._content(self._path)
        return parse_state(data, self.name) if data.strip() else None

    def write(self, state: State) -> None:
        """Replace the file. What it held goes to the backup, once per run.

        Raises:
            DiagnosticError: it cannot be written; the old file is still there.
        """
        before = b"" if self._backed_up else self._content(self._output)
        try:
            self._output.parent.mkdir(parents=True, exist_ok=True)
            if before:
                replace_file(self._backup, before)
            self._backed_up = True
            replace_file(self._output, format_state(state))
        except OSError as problem:
            raise DiagnosticError.of(
                "Failed to save state",
                f"The state file {self._output} cannot be written: {problem.strerror}. Nothing is lost: what was done "
                f"is in the journal {self.journal_path}, and the next run brings it into the state. Make room or give "
                "access, and run the command again.",
            ) from problem

    def checkpoint(self, state: State) -> None:
        """The same as :meth:`write`."""
        self.write(state)

    def back_up(self, stamp: int) -> None:
        """Copy the file to one beside it, `terraform.tfstate.STAMP.backup`.

        Raises:
            DiagnosticError: it cannot be written.
        """
        content, copy = self._content(self._path), self._output.with_name(f"{self._output.name}.{stamp}.backup")
        try:
            if content:
                replace_file(copy, content)
        except OSError as problem:
            detail = f"The copy {copy} of the state cannot be written: {problem.strerror}. Nothing was changed."
            raise DiagnosticError.of("Failed to back up state", detail) from problem

    def lock(self, operation: str, timeout: float = 0.0) -> AbstractContextManager[LockInfo]:
        """Hold the lock on the file that is written; see :mod:`kvmform.state.lock`."""
        return hold_lock(self._output, operation, timeout)

    def force_unlock(self, lock_id: str) -> NoReturn:
        """Refuse: a lock on a local file ends with its holder, so there is none to be taken away.

        Raises:
            DiagnosticError: always; it tells whether there is a holder.
        """
        try:
            with hold_lock(self._output, "OperationTypeForceUnlock", 0.0):
                reason = (
                    "LocalState not locked. Nothing holds it, so there is nothing to unlock; run the command again."
                )
        except DiagnosticError:
            holder = held_by_another(self._output).diagnostics[0].detail
            reason = f"Local state cannot be unlocked by another process, only by the one that holds it. {holder}"
        raise DiagnosticError.of("Failed to unlock state", f"{reason} The lock was to be {lock_id}.")

    def _content(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as problem:
            raise DiagnosticError.of(
                "Failed to read state",
                f"The state file {path} cannot be read: {problem.strerror}. Give access to it, or name another one "
                'with "-state=PATH".',
            ) from problem
