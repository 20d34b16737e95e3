"""libvirt's events, used for one thing: to look again at once instead of at the next poll.

A :class:`Bell` rings when libvirt tells anything about a domain. Whoever waits looks at the
domain itself, and looks again when the bell rings or a short time has passed. So nothing
depends on an event arriving, and a host without events is merely polled.

Events need a thread that runs libvirt's event loop, and a connection opened after the loop
was registered. Both are made when the first bell is wanted.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kvmform.host.binding import libvirt
from kvmform.host.errors import HostError

__all__ = ["Bell", "Bells", "start_event_loop"]

_EVENTS = ("LIFECYCLE", "DEVICE_REMOVED", "DEVICE_REMOVAL_FAILED", "AGENT_LIFECYCLE")


@functools.cache
def start_event_loop() -> None:
    """Run libvirt's event loop in a thread of its own, from now on until the process ends."""
    libvirt.virEventRegisterDefaultImpl()
    threading.Thread(target=_run_event_loop, name="libvirt events", daemon=True).start()


def _run_event_loop() -> None:
    while True:
        libvirt.virEventRunDefaultImpl()


class Bell:
    """Rings when something happens to a domain."""

    __slots__ = ("_rang",)

    def __init__(self) -> None:
        self._rang = threading.Event()

    def ring(self) -> None:
        """Wake up the one who waits."""
        self._rang.set()

    def wait(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Wait until it rings or the time is over; a `stop` that is set is noticed within 0.2 s."""
        slice_seconds = seconds if stop is None else min(seconds, 0.2)
        waited = 0.0
        while waited < seconds and not self._rang.wait(slice_seconds):
            waited += slice_seconds
            if stop is not None and stop.is_set():
                return
        self._rang.clear()


class Bells:
    """The bells of one host's domains, rung by a connection that is opened for the first of them."""

    def __init__(self, open_one: Callable[[], Any] | None) -> None:
        """Args: open_one: opens a connection for events; None if the host can't have one."""
        self._open_one = open_one
        self._lock = threading.Lock()
        self._bells: dict[str, list[Bell]] = {}
        self._raw: Any = None

    @contextmanager
    def hung(self, domain: str) -> Iterator[Bell]:
        """A bell for a domain (by UUID), for as long as the block lasts."""
        bell = Bell()
        with self._lock:
            self._listen()
            self._bells.setdefault(domain, []).append(bell)
        try:
            yield bell
        finally:
            with self._lock:
                self._bells[domain].remove(bell)

    def close(self) -> None:
        """Listen no more."""
        with self._lock:
            raw, self._raw, self._open_one = self._raw, None, None
        if raw is not None:
            try:
                raw.close()
            except libvirt.libvirtError:
                return

    def _listen(self) -> None:
        if self._open_one is None:
            return
        start_event_loop()
        try:
            raw = self._open_one()
            for event in _EVENTS:
                identity = getattr(libvirt, f"VIR_DOMAIN_EVENT_ID_{event}")
                raw.domainEventRegisterAny(None, identity, self._heard, None)
        except (libvirt.libvirtError, HostError):
            pass  # Polling alone is slower, but as right.
        else:
            self._raw = raw
        self._open_one = None

    def _heard(self, _connection: Any, domain: Any, *_details: Any) -> None:
        for bell in self._bells.get(domain.UUIDString(), ()):
            bell.ring()
