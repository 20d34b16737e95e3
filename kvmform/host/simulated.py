"""Simulated hosts: libvirt's test driver, with objects that live on between commands.

`test+file:lab-host.xml` (relative to the configuration) or `test+file:///srv/lab-host.xml` is a
host without a hypervisor, for trying things out, for checking configurations, and for tests
of scale. It needs no daemon and no rights. The driver runs in this process, so the file is
read when the host is opened and written back after each change (a large one shortly after).

Domains don't run anything, volumes hold nothing: one that is made from an image has the
image's size, and no content. What the driver can't do is told by :meth:`Host.can`.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from kvmform.diagnostics import DiagnosticError
from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.elements import parse
from kvmform.host.node_document import EMPTY_NODE, restore, write_node

__all__ = ["Simulation"]

_LOCK_SECONDS = 10.0

_SMALL = 1_000_000
"""Characters. As long as the document is no longer, a change is only done when it is saved."""
_LONGEST_DELAY = 0.5
_DELAY_FACTOR = 9
"""On a larger host a save waits this many times as long as the last one took, so saving takes a tenth of the time."""


class Simulation:
    """The file behind a simulated host, locked against other processes as long as the host is open."""

    def __init__(self, uri: str, base_directory: Path) -> None:
        """Lock the file, and make it if it isn't there.

        Raises:
            DiagnosticError: it can't be read or made, is no node document, or is in use.
        """
        self.path = _path_of(uri, base_directory)
        self._lock_file = _lock(self.path)
        try:
            self._node = _read_or_make(self.path)
        except BaseException:
            os.close(self._lock_file)
            raise
        self._lease: Callable[[], AbstractContextManager[Connection]] | None = None
        self._progress = threading.Condition()
        self._changes = self._saved = 0
        self._closing = threading.Event()
        self._saver: threading.Thread | None = None
        self._took = 0.0
        self._size = 0

    def open(self) -> Any:
        """The one connection (a virConnect) to it.

        Raises:
            DiagnosticError: libvirt does not take the document.
        """
        try:
            raw = libvirt.open(f"test://{quote(str(self.path))}")
            restore(raw, self._node)
        except libvirt.libvirtError as problem:
            os.close(self._lock_file)
            raise DiagnosticError.of(
                "Cannot open the simulated host",
                f"libvirt's test driver does not take {self.path}: {problem.get_error_message()}. "
                "Correct the file, or delete it to start with an empty host.",
            ) from problem
        return raw

    def keep(self, lease: Callable[[], AbstractContextManager[Connection]]) -> None:
        """From now on save changes; `lease` gives the connection while nothing else uses it."""
        self._lease = lease
        atexit.register(self.close)

    def note_change(self) -> None:
        """Save the change: at once on a small host, so that what state records is in the file; soon on a large one."""
        with self._progress:
            if self._saver is None:
                self._saver = threading.Thread(target=self._save_changes, name="simulated host", daemon=True)
                self._saver.start()
            self._changes += 1
            change = self._changes
            self._progress.notify_all()
            self._progress.wait_for(lambda: self._saved >= change or self._size > _SMALL or self._closing.is_set())

    def close(self) -> None:
        """Save what is not saved yet, and let other processes use the file.

        Raises:
            DiagnosticError: the file can't be written.
        """
        if self._closing.is_set():
            return
        atexit.unregister(self.close)
        with self._progress:
            self._closing.set()
            self._progress.notify_all()
        try:
            if self._saver is not None:
                self._saver.join()
                self._save()
        finally:
            os.close(self._lock_file)

    def _save_changes(self) -> None:
        while True:
            with self._progress:
                self._progress.wait_for(lambda: self._saved < self._changes or self._closing.is_set())
            if self._closing.wait(self._delay()):
                return  # The last save is done by the one who closes.
            with self._progress:
                change = self._changes
            started = time.monotonic()
            with suppress(DiagnosticError):  # Tried again with the next change, and told when closing.
                self._save()
            with self._progress:
                self._saved, self._took = change, time.monotonic() - started
                self._progress.notify_all()

    def _delay(self) -> float:
        return 0.0 if self._size <= _SMALL else min(_LONGEST_DELAY, _DELAY_FACTOR * self._took)

    def _save(self) -> None:
        assert self._lease is not None
        with self._lease() as connection:
            text = write_node(connection.raw, self._node)
        self._size = len(text)
        try:
            _replace(self.path, text)
        except OSError as problem:
            raise DiagnosticError.of(
                "Cannot save the simulated host",
                f"{self.path} can't be written: {problem.strerror}. What was done since it was last saved is lost "
                "with this command.",
            ) from problem


def _path_of(uri: str, base_directory: Path) -> Path:
    parts = urlsplit(uri)
    if parts.netloc or not parts.path:
        raise DiagnosticError.of(
            "Invalid URI of a simulated host",
            f'"{uri}" does not name a file. Write test+file:host.xml for a file beside the configuration, '
            "or test+file:///srv/host.xml with three slashes for an absolute path.",
        )
    return (base_directory / unquote(parts.path)).resolve()


def _lock(path: Path) -> int:
    """Lock the file through another one beside it, since it is itself replaced at each save."""
    beside = path.with_name(f".{path.name}.lock")
    try:
        lock_file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise DiagnosticError.of(
            "Cannot open the simulated host", f"{beside} can't be made: {problem.strerror}. Its directory must exist."
        ) from problem
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(lock_file, 0)
            os.pwrite(lock_file, str(os.getpid()).encode(), 0)
        except BlockingIOError:
            holder = os.pread(lock_file, 20, 0).decode(errors="replace")
            if time.monotonic() < deadline and holder != str(os.getpid()):
                time.sleep(0.05)
                continue
            os.close(lock_file)
            raise DiagnosticError.of(
                "The simulated host is in use",
                f"{path} is open in the process {holder or 'unknown'}. A simulated host is held by one command at a "
                "time; run this one again when the other has ended.",
            ) from None
        return lock_file


def _read_or_make(path: Path) -> Element:
    try:
        if not path.exists():
            _replace(path, EMPTY_NODE)
        node = parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise DiagnosticError.of("Cannot open the simulated host", f"{path} can't be used: {problem}.") from problem
    except ParseError as problem:
        raise DiagnosticError.of(
            "Cannot open the simulated host",
            f"{path} is not XML ({problem}). Correct the file, or delete it to start with an empty host.",
        ) from problem
    if node.tag != "node":
        raise DiagnosticError.of(
            "Cannot open the simulated host",
            f"{path} is a <{node.tag}> document; a simulated host is kept in a <node>. Name another file.",
        )
    return node


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all. It may hold passwords, so only the owner reads a new one."""
    fresh = path.with_name(f".{path.name}.new")
    with open(fresh, "w", encoding="utf-8", opener=_open_private) as file:
        file.write(text)
    if path.exists():
        shutil.copymode(path, fresh)
    fresh.replace(path)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
