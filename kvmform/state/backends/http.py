"""A state that a web server keeps, as Terraform's http backend has it: GitLab's managed states, and others.

Source: https://developer.hashicorp.com/terraform/language/backend/http
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from kvmform.diagnostics import DiagnosticError
from kvmform.log import LOG
from kvmform.state.backends.http_settings import HttpSettings
from kvmform.state.durable import replace_file
from kvmform.state.file import format_state, parse_state
from kvmform.state.lock import LockInfo, hold_lock, lock_failure
from kvmform.state.model import State
from kvmform.struct import replace
from kvmform.web.client import Answer, Request, ask

__all__ = ["HttpBackend"]

_GONE = {204, 404}
_WRITTEN = {200, 201, 204}
_LOCKED_BY_ANOTHER = {409, 423}
_PAUSES = (1.0, 16.0)
"""Seconds between two attempts to get the lock: at first, and at most."""


class HttpBackend:
    """The state at an address. What is only for this machine (journal, copies) is in `directory`."""

    def __init__(self, settings: HttpSettings, directory: Path) -> None:
        self.checkpoint_seconds = settings.checkpoint_seconds
        self._settings = settings
        self._directory = directory
        self._lock: LockInfo | None = None

    @property
    def name(self) -> str:
        """The address, without what is secret in it."""
        parts = urlsplit(self._settings.address)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    @property
    def journal_path(self) -> Path:
        """In the directory, under a name that the address gives it."""
        return self._directory / f"http-{hashlib.sha256(self.name.encode()).hexdigest()[:16]}.journal"

    def read(self) -> State | None:
        """The state; None if the server has none yet.

        Raises:
            DiagnosticError: the server can't be reached or refuses, or what it has is no state.
        """
        answer = self._ask("GET", self._settings.address)
        if answer.status in _GONE or (answer.status == 200 and not answer.body.strip()):
            return None
        if answer.status != 200:
            raise self._refused("read", answer)
        expected = answer.headers.get("Content-Md5")
        if expected is not None and expected != _md5(answer.body):
            detail = f"What {self.name} answered is not what it says that it sent (Content-MD5). Try again."
            raise DiagnosticError.of("Failed to read state", detail)
        return parse_state(answer.body, self.name)

    def write(self, state: State) -> None:
        """Replace the state. Where that fails it is kept in `errored.tfstate`, as Terraform does.

        Raises:
            DiagnosticError: the server can't be reached, or refuses.
        """
        try:
            self.checkpoint(state)
        except DiagnosticError as problem:
            with suppress(OSError):
                replace_file(Path("errored.tfstate"), format_state(state))
            detail = (
                "Nothing is lost: what was done is in a journal here, and the next run here brings it into the state. "
                "For runs elsewhere the whole state is in errored.tfstate: give it to the server with `kvmform state "
                "push errored.tfstate` when that is there again."
            )
            raise DiagnosticError.of("Failed to save state", f"{problem.diagnostics[0].detail} {detail}") from problem

    def checkpoint(self, state: State) -> None:
        """Replace the state; where that fails, another attempt follows.

        Raises:
            DiagnosticError: the server can't be reached, or refuses.
        """
        answer = self._ask(self._settings.update_method, self._locked_address(), format_state(state))
        if answer.status not in _WRITTEN:
            raise self._refused("written", answer)

    def back_up(self, stamp: int) -> None:
        """Keep the state as it is now in `terraform.tfstate.STAMP.backup`, in the working directory.

        Raises:
            DiagnosticError: it can't be read, or the copy can't be written.
        """
        state = self.read()
        if state is None:
            return
        copy = Path(f"terraform.tfstate.{stamp}.backup")
        try:
            replace_file(copy, format_state(state))
        except OSError as problem:
            detail = f"The copy {copy} of the state cannot be written: {problem.strerror}. Nothing was changed."
            raise DiagnosticError.of("Failed to back up state", detail) from problem

    @contextmanager
    def lock(self, operation: str, timeout: float = 0.0) -> Iterator[LockInfo]:
        """Hold the lock, where the settings have an address for it.

        Raises:
            DiagnosticError: another still has it after `timeout` seconds, or the server refuses.
        """
        with hold_lock(self._directory / self.journal_path.stem, operation, timeout) as own:
            if self._settings.lock_address:
                with self._lock_there(replace(own, path=self.name), timeout):
                    yield own
            else:
                yield own

    @contextmanager
    def _lock_there(self, info: LockInfo, timeout: float) -> Iterator[None]:
        deadline, pause = time.monotonic() + timeout, _PAUSES[0]
        while (holder := self._take(info)) is not None:
            if holder.is_over:
                # Killed, it could not give its lock back; nobody but this machine can know.
                self._give_back(holder)
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                left_over = f"If its holder is gone for good, take it from it: `kvmform force-unlock {holder.id}`."
                raise lock_failure("the state is locked already", holder, left_over)
            time.sleep(min(pause, left))
            pause = min(2 * pause, _PAUSES[1])
        self._lock = info
        try:
            yield
        finally:
            self._lock = None
            self._give_back(info)

    def force_unlock(self, lock_id: str) -> None:
        """Take the lock from a holder that is gone.

        Raises:
            DiagnosticError: the server refuses, or there are no locks.
        """
        if not self._settings.unlock_address:
            detail = 'The backend "http" has no unlock_address here, so there are no locks.'
            raise DiagnosticError.of("Failed to unlock state", detail)
        self._give_back(LockInfo.of_id(lock_id))

    def _take(self, info: LockInfo) -> LockInfo | None:
        """Ask for the lock; the one who has it, if that is another."""
        answer = self._ask(self._settings.lock_method, self._settings.lock_address, info.to_json())
        if answer.status in _LOCKED_BY_ANOTHER:
            holder = LockInfo.from_json(answer.body) or LockInfo.of_id(answer.body.decode(errors="replace"))
            # Where an answer was lost on its way, the second attempt finds the first one's lock.
            return None if holder.id == info.id else holder
        if answer.status != 200:
            raise self._refused("locked", answer)
        return None

    def _give_back(self, info: LockInfo) -> None:
        address, method = self._settings.unlock_address, self._settings.unlock_method
        if address:
            answer = self._ask(method, address, info.to_json())
            if answer.status != 200:
                raise self._refused("unlocked", answer)

    def _locked_address(self) -> str:
        """The address, with the lock's id as GitLab wants it."""
        if self._lock is None:
            return self._settings.address
        parts = urlsplit(self._settings.address)
        query = [*parse_qsl(parts.query, keep_blank_values=True), ("ID", self._lock.id)]
        return urlunsplit(parts._replace(query=urlencode(query)))

    def _ask(self, method: str, address: str, body: bytes | None = None) -> Answer:
        headers = {}
        if self._settings.username:
            credentials = f"{self._settings.username}:{self._settings.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
        if body is not None:
            headers |= {"Content-Type": "application/json", "Content-Md5": _md5(body)}
        settings = self._settings
        answer = ask(Request(address, method, headers, body, trust=settings.trust, retry=settings.retry))
        LOG.tell("DEBUG", "state", "%s of %s: status %s", method, self.name, answer.status)
        return answer

    def _refused(self, done: str, answer: Answer) -> DiagnosticError:
        why = {401: "it wants a username and password", 403: "the user may not do that"}.get(answer.status)
        said = answer.body.decode(errors="replace").strip()[:200]
        detail = (
            f"The state at {self.name} could not be {done}: the server answered {answer.status}"
            f"{f' ({why})' if why else ''}{f': {said}' if said else ''}."
        )
        return DiagnosticError.of("State server refused", detail)


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
