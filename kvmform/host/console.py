"""What a guest prints on its console: watched as it comes, or the end of a log that libvirt writes."""

from __future__ import annotations

import os
import re
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from kvmform.host.binding import libvirt
from kvmform.host.elements import parse
from kvmform.host.errors import HostError, explain
from kvmform.host.events import start_event_loop
from kvmform.host.host import Host
from kvmform.host.opening import open_connection
from kvmform.host.operation import Kind, Operation

__all__ = ["ConsoleWatch", "logged_tail"]

_LINES = 8
_LOG_BYTES = 4096
_KEPT_CHARACTERS = 2**20
_READ_BYTES = 4096
_PAUSE = 0.1
_RETRY_SECONDS = 1.0

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
"""ANSI's control sequences, by which boot loaders and kernels colour and place what they print."""


class ConsoleWatch:
    """Reads a running domain's first console from now on, until it is closed.

    libvirt hands a console to one reader at a time. While somebody else has it, for example
    `virsh console`, nothing is read, and `reason` says so; `virsh console --force` takes it from here.
    """

    def __init__(self, host: Host, domain: str) -> None:
        """Args: domain: its UUID."""
        self.reason = ""
        """Why nothing can be read at the moment, in a sentence."""
        self._host = host
        self._domain = domain
        self._text = ""
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="console", daemon=True).start()

    @property
    def text(self) -> str:
        """What was printed since, without control sequences; the last million characters of it."""
        return _ESCAPES.sub("", self._text).replace("\r", "")

    def tail(self) -> list[str]:
        """The last lines that say something."""
        return _last_lines(self.text)

    def close(self) -> None:
        """Give the console back."""
        self._closed.set()

    def _watch(self) -> None:
        """On a connection of its own, because another one that is in use is no place for a stream without end."""
        start_event_loop()  # It is what brings a stream's data, and serves connections opened after it only.
        try:
            raw = open_connection(self._host.uri)
        except HostError as problem:
            self.reason = problem.diagnostics[0].detail
            return
        try:
            while not self._closed.is_set():
                self._read(raw)
                self._closed.wait(_RETRY_SECONDS)
        finally:
            with suppress(libvirt.libvirtError):
                raw.close()

    def _read(self, raw: Any) -> None:
        """Read until the console ends, or another takes it."""
        try:
            stream = raw.newStream(libvirt.VIR_STREAM_NONBLOCK)
            raw.lookupByUUIDString(self._domain).openConsole(None, stream, 0)
            self.reason = ""
            while not self._closed.is_set():
                found = stream.recv(_READ_BYTES)
                if found == b"":
                    return
                if isinstance(found, int):  # there is nothing to read at this moment
                    self._closed.wait(_PAUSE)
                else:
                    self._text = (self._text + found.decode(errors="replace"))[-_KEPT_CHARACTERS:]
            stream.abort()
        except libvirt.libvirtError as problem:
            operation = Operation("watch the console of", Kind.DOMAIN, self._domain)
            self.reason = explain(problem, operation, self._host.uri).diagnostics[0].detail


def logged_tail(xml: str) -> list[str]:
    """The end of the console's log, if the domain has one that can be read from here."""
    for log in parse(xml).iterfind("devices/*/log"):
        try:
            with Path(log.get("file", "")).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _LOG_BYTES))
                text = file.read().decode(errors="replace")
        except OSError:
            continue
        return _last_lines(_ESCAPES.sub("", text))
    return []


def _last_lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()][-_LINES:]
