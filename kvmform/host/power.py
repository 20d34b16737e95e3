"""Domains as machines: start, shut down, power off, pause. Domains are named by UUID.

libvirt's "create" is to start, and its "destroy" is to pull the plug; neither word is used here.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.errors import HostError, InvalidStateError, NotFoundError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation
from kvmform.host.waiting import poll

__all__ = [
    "power_off_domain",
    "resume_domain",
    "shut_down_domain",
    "start_domain",
    "suspend_domain",
    "wake_domain",
]

_SHUTDOWN_FLAGS = {"acpi": 1, "agent": 2}
"""libvirt's VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN and _GUEST_AGENT."""

_REPEAT_SECONDS = 3.0
"""A guest that boots drops the request without a word, so it is made again while the guest runs."""


def start_domain(host: Host, uuid: str, *, paused: bool = False) -> None:
    """Start a domain, if it is not running already; `paused` leaves it standing before its first instruction.

    Raises:
        HostError: the guest can't be started.
    """

    def start(connection: Connection) -> None:
        domain = connection.domain(uuid)
        if paused and host.is_simulated:  # The test driver can't start it paused, but nothing runs in it either.
            domain.create()
            domain.suspend()
        else:
            domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED if paused else 0)

    try:
        host.write(_on("start", uuid), start)
    except InvalidStateError:
        if not _is_active(host, uuid):
            raise


def shut_down_domain(
    host: Host, uuid: str, timeout: float, stop: threading.Event | None = None, *, modes: Sequence[str] = ()
) -> bool:
    """Ask the guest to shut down, through its agent or the power button, and wait. Returns whether it is off.

    The request is repeated until `timeout` seconds are over; each of `modes` (`agent`, `acpi`) has its turn, and where
    there are none libvirt chooses. A paused guest can't hear it.

    Raises:
        HostError: StoppedError after `stop` was set; what libvirt says if it can't ask at all.
    """
    asked_at = float("-inf")
    ways = deque([_SHUTDOWN_FLAGS[mode] for mode in modes] or [0])

    def is_off_or_asked() -> bool:
        nonlocal asked_at
        if not _is_active(host, uuid):
            return True
        if time.monotonic() - asked_at >= _REPEAT_SECONDS:
            with suppress(InvalidStateError, NotFoundError):
                host.write(_on("shut down", uuid), lambda connection: _ask_in_turn(connection, uuid, ways))
            asked_at = time.monotonic()
            return not _is_active(host, uuid)
        return False

    return poll(host, uuid, is_off_or_asked, timeout, stop)


def _ask_in_turn(connection: Connection, uuid: str, ways: deque[int]) -> None:
    """Ask in the first way that libvirt takes; the next one has its turn when the guest is asked again."""
    for left in range(len(ways), 0, -1):
        ways.rotate(-1)
        try:
            connection.domain(uuid).shutdownFlags(ways[-1])
        except libvirt.libvirtError:
            if left == 1:
                raise
        else:
            return


def power_off_domain(host: Host, uuid: str) -> None:
    """Pull the plug. Done if the domain is off or gone already.

    Raises:
        HostError: it can't be powered off.
    """
    with suppress(InvalidStateError, NotFoundError):
        host.write(_on("power off", uuid), lambda connection: connection.domain(uuid).destroy())


def suspend_domain(host: Host, uuid: str) -> None:
    """Pause the guest, which keeps its memory and devices.

    Raises:
        HostError: InvalidStateError if it does not run.
    """
    host.write(_on("pause", uuid), lambda connection: connection.domain(uuid).suspend())


def resume_domain(host: Host, uuid: str) -> None:
    """Let a paused guest go on; does nothing if it runs.

    Raises:
        HostError: InvalidStateError if it is off.
    """
    try:
        host.write(_on("resume", uuid), lambda connection: connection.domain(uuid).resume())
    except HostError:
        state = host.read(_on("read", uuid), lambda connection: connection.domain(uuid).state()[0])
        if state != libvirt.VIR_DOMAIN_RUNNING:
            raise


def wake_domain(host: Host, uuid: str) -> None:
    """Wake up a guest that sleeps in memory.

    Raises:
        HostError: InvalidStateError if it does not sleep.
    """
    host.write(_on("wake up", uuid), lambda connection: connection.domain(uuid).pMWakeup(0))


def _is_active(host: Host, uuid: str) -> bool:
    try:
        return host.read(_on("read", uuid), lambda connection: bool(connection.domain(uuid).isActive()))
    except NotFoundError:
        return False


def _on(verb: str, uuid: str) -> Operation:
    return Operation(verb, Kind.DOMAIN, uuid)
