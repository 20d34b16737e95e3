"""The lock on a local state: one process at a time, and no lock outlives its holder.

Who holds it stands in ``.terraform.tfstate.lock.info``, as Terraform writes it. The lock
itself is the kernel's, on that file and on the state file (Terraform looks at the latter),
so it ends with the process that holds it, however that ends; a file that is left over means
nothing. The kernel's locks are those of open files (F_OFD_SETLK in fcntl(2)): closing
another descriptor of the same file doesn't drop them, as it would for plain POSIX locks.
"""

from __future__ import annotations

import errno
import fcntl
import os
import pwd
import struct
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from kvmform import __version__
from kvmform.diagnostics import DiagnosticError
from kvmform.log import LOG
from kvmform.state.durable import write_all
from kvmform.state.json_text import json_text, parse_json
from kvmform.struct import Struct

__all__ = ["LockInfo", "held_by_another", "hold_lock", "info_path"]

_LONGEST_PAUSE = 0.5
_SUMMARY = "Error acquiring the state lock"


class LockInfo(Struct):
    """Who holds a lock, in Terraform's words."""

    id: str
    operation: str
    """Terraform's name of what is done: `OperationTypeApply` and the like."""
    info: str
    who: str
    version: str
    created: str
    """RFC 3339, in UTC."""
    path: str

    @classmethod
    def of_this_process(cls, operation: str, path: Path) -> LockInfo:
        """A new lock, held by us, on the state file at `path`."""
        return cls(
            id=str(uuid.uuid4()),
            operation=operation,
            info=f"process {os.getpid()} {_machine()}",
            who=f"{_user()}@{os.uname().nodename}",
            version=__version__,
            created=datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            path=str(path),
        )

    @classmethod
    def of_id(cls, lock_id: str) -> LockInfo:
        """A lock of which nothing but the id is known."""
        return cls(lock_id, "", "", "", "", "", "")

    @classmethod
    def from_json(cls, text: bytes) -> LockInfo | None:
        """What a lock file tells; None if it tells nothing that can be read."""
        try:
            form = parse_json(text)
        except ValueError:
            return None
        if not isinstance(form, dict):
            return None
        names = ("ID", "Operation", "Info", "Who", "Version", "Created", "Path")
        return cls(*(str(form.get(name, "")) for name in names))

    @property
    def is_over(self) -> bool:
        """Whether its holder is certainly gone: a process of this machine, in its present life, that has ended."""
        match self.info.split():
            case ["process", number, *machine] if " ".join(machine) == _machine() and number.isdecimal():
                return not Path(f"/proc/{number}").exists()
        return False

    def to_json(self) -> bytes:
        """The content of a lock file."""
        form = {
            "ID": self.id,
            "Operation": self.operation,
            "Info": self.info,
            "Who": self.who,
            "Version": self.version,
            "Created": self.created,
            "Path": self.path,
        }
        return json_text(form).encode(errors="replace")

    def __str__(self) -> str:
        """The block of lines that wrappers look for in messages."""
        created = self.created.replace("T", " ").removesuffix("Z") + " +0000 UTC" if self.created else ""
        return (
            f"Lock Info:\n  ID:        {self.id}\n  Path:      {self.path}\n  Operation: {self.operation}\n"
            f"  Who:       {self.who}\n  Version:   {self.version}\n  Created:   {created}\n  Info:      {self.info}"
        )


def info_path(state: Path) -> Path:
    """Where Terraform writes who holds the lock on a state file."""
    return state.with_name(f".{state.name}.lock.info")


@contextmanager
def hold_lock(state: Path, operation: str, timeout: float) -> Iterator[LockInfo]:
    """Hold the lock on a state file; if another process has it, wait for up to `timeout` seconds.

    Raises:
        DiagnosticError: it is still held by another process, or the directory cannot be written.
    """
    info = LockInfo.of_this_process(operation, state)
    deadline = time.monotonic() + timeout
    pause = 0.01
    while (held := _try_lock(state, info)) is None:
        if time.monotonic() >= deadline:
            raise held_by_another(state)
        time.sleep(min(pause, max(deadline - time.monotonic(), 0)))
        pause = min(2 * pause, _LONGEST_PAUSE)
    LOG.tell("DEBUG", "state", "holds the lock of %s for %s: %s", state, operation, info.id)
    with held:
        yield info


def held_by_another(state: Path) -> DiagnosticError:
    """The error that tells who holds the lock on a state file."""
    try:
        holder = LockInfo.from_json(info_path(state).read_bytes())
    except OSError:
        holder = None
    return lock_failure("resource temporarily unavailable", holder, "A process that no longer runs holds no lock.")


def lock_failure(reason: str, holder: LockInfo | None, about_leftovers: str) -> DiagnosticError:
    """The error that tells why the lock can't be had, and what to do."""
    return DiagnosticError.of(
        _SUMMARY,
        f"Error message: {reason}\n{holder or ''}\n\n"
        "The state is locked while a command works on it, so that no two write it. Wait until the other one has "
        f'ended, or let this one wait for it with "-lock-timeout=5m". {about_leftovers} '
        'You can go without the lock with "-lock=false", but two that write the state at once damage it.',
    )


def _try_lock(state: Path, info: LockInfo) -> ExitStack | None:
    """Both locks, which closing the result gives up; None if another process holds one of them."""
    path = info_path(state)
    with ExitStack() as attempt:
        try:
            state.parent.mkdir(parents=True, exist_ok=True)
            descriptor = _lock_file(attempt, path, os.O_CREAT)
            if descriptor is None or (state.exists() and _lock_file(attempt, state) is None):
                return None
            os.ftruncate(descriptor, 0)
            write_all(descriptor, info.to_json())
        except OSError as problem:
            raise _impossible(problem) from problem
        attempt.callback(_unlink_own, path, descriptor)
        return attempt.pop_all()


def _lock_file(attempt: ExitStack, path: Path, flags: int = 0) -> int | None:
    """Lock one file by its name; None if another holds it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
        attempt.callback(os.close, descriptor)
        # struct flock of fcntl(2): type, whence, start and length (0, 0: the whole file), pid.
        whole_file = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, whole_file)
        except OSError as problem:
            if problem.errno in {errno.EAGAIN, errno.EACCES}:
                return None
            raise
        # The one that held it may have removed the file meanwhile: then this is a lock on nothing.
        if _is_named(descriptor, path):
            return descriptor


def _is_named(descriptor: int, path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False


def _unlink_own(path: Path, descriptor: int) -> None:
    if _is_named(descriptor, path):
        path.unlink()


def _machine() -> str:
    """This machine in its present life, and the process namespace: where a process has one number."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"of {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"of {uuid.uuid4()}"


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _impossible(problem: OSError) -> DiagnosticError:
    return DiagnosticError.of(
        _SUMMARY,
        f"Error message: {problem.strerror}\n\nThe state must be locked while a command works on it, so that no two "
        "write it. Give write access to the state file and its directory, or, if nothing else can use the state now, "
        'go without the lock with "-lock=false".',
    )
