"""Waiting for something to become true on a host."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kvmform.host.errors import StoppedError
from kvmform.host.host import Host

__all__ = ["check_stop", "poll"]

_POLL_SECONDS = 0.15


def poll(
    host: Host,
    domain: str,
    is_done: Callable[[], bool],
    timeout: float,
    stop: threading.Event | None = None,
) -> bool:
    """Look every 0.15 s, and whenever libvirt tells something about the domain (by UUID), whether it is done.

    Returns whether it was done within `timeout` seconds; it is looked at least once.

    Raises:
        HostError: StoppedError after `stop` was set, or what `is_done` raises.
    """
    deadline = time.monotonic() + timeout
    with host.bell(domain) as bell:
        while not is_done():
            check_stop(stop)
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            bell.wait(min(_POLL_SECONDS, left), stop)
    return True


def check_stop(stop: threading.Event | None) -> None:
    """Give up if the user asked to.

    Raises:
        StoppedError: `stop` is set.
    """
    if stop is not None and stop.is_set():
        raise StoppedError.of("Interrupted", "Waiting was given up because the command was asked to stop.")
