"""The power of a guest: start it, and shut it down as gently as it lets us."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from kvmform.diagnostics import DiagnosticError, warning
from kvmform.host.address_waiting import wait_for_addresses
from kvmform.host.addresses import Leases, read_addresses, remember_leases
from kvmform.host.errors import TimedOutError
from kvmform.host.host import Host
from kvmform.host.power import (
    power_off_domain,
    resume_domain,
    shut_down_domain,
    start_domain,
    suspend_domain,
    wake_domain,
)
from kvmform.host.records import DomainRecord, PowerState, runs
from kvmform.resources.domain.boot.variables import note_variables
from kvmform.resources.domain.interface.addresses import by_mac
from kvmform.resources.domain.life.rows import FAIL
from kvmform.schema import Object, Operation
from kvmform.schema.duration import seconds_of

__all__ = ["parse_duration", "set_pause", "shut_down", "start", "start_timeout", "wait_for_leases", "wait_for_others"]

_DEFAULT_TIMEOUT = "5m"
_ASKING_AGAIN = 30.0
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?(?:h|m(?!s)|s|ms|us|µs|ns))+")


def parse_duration(text: str) -> float:
    """Seconds of a duration in Go's form, `5m` or `1h30m`, as Terraform's timeouts have it.

    Raises:
        DiagnosticError: the text is no duration.
    """
    seconds = seconds_of(text) if _DURATION.fullmatch(text) else None
    if seconds is None:
        raise DiagnosticError.of(
            "Invalid duration",
            f'"{text}" is no duration. Write numbers with units, for example "90s", "5m" or "1h30m".',
        )
    return seconds


def start(operation: Operation[Host], uuid: str, *, paused: bool = False) -> Leases:
    """Start a guest; `paused` leaves it standing. Returns the leases of its former life, which count no more.

    Raises:
        HostError: it can't be started.
    """
    host = operation.host
    record = host.inventory.domains.get(uuid)
    if record is not None and runs(record):
        set_pause(operation, uuid, paused=paused)
        return frozenset()
    operation.progress("starting", None, None)
    if record is not None and record.active:
        power_off_domain(host, uuid)  # It crashed, and was kept for somebody to look at.
    before: Leases = frozenset() if record is not None and record.managed_save else remember_leases(host, uuid)
    start_domain(host, uuid, paused=paused)
    note_variables(host, uuid)
    return before


def set_pause(operation: Operation[Host], uuid: str, *, paused: bool) -> None:
    """Let a running guest stand still, or go on; done if it does.

    Raises:
        HostError: it doesn't run.
    """
    host = operation.host
    record = host.inventory.domains.get(uuid)
    if record is None or (record.state is PowerState.PAUSED) is paused:
        return
    operation.progress("pausing" if paused else "resuming", None, None)
    if paused:
        suspend_domain(host, uuid)
    else:
        resume_domain(host, uuid)


def shut_down(operation: Operation[Host], domain: Object) -> None:
    """Ask a guest to shut down, in the ways and for the time that its domain says.

    One that is still on then is powered off, or left running, as the domain says.

    Raises:
        HostError: TimedOutError if it is left running; it can't be powered off; StoppedError.
    """
    host, uuid = operation.host, domain["id"]
    record = host.inventory.domains.get(uuid)
    if record is None or not record.active:
        return
    _make_hear(host, record)
    operation.progress("shutting down", None, None)
    timeout: float = domain["shutdown_timeout"]
    modes = () if host.is_simulated else domain.get("shutdown_mode") or ()  # There one way serves for all.
    if not shut_down_domain(host, uuid, timeout, operation.stop, modes=modes):
        if domain.get("on_shutdown_timeout") == FAIL:
            raise TimedOutError.of(
                f'The guest of domain "{record.name}" did not shut down',
                f"It was asked to, and is still on after {timeout:g} s. on_shutdown_timeout forbids to power it off, "
                "so it runs on. Shut it down from inside, or raise shutdown_timeout, and apply again.",
            )
        operation.progress(f"powering off, since the guest did not shut down within {timeout:g} s", None, None)
        power_off_domain(host, uuid)
    host.inventory.domains.forget(uuid)


def _make_hear(host: Host, record: DomainRecord) -> None:
    """A guest that is paused or asleep doesn't hear that it is asked; nor does one that crashed."""
    match record.state:
        case PowerState.PAUSED:
            resume_domain(host, record.uuid)
        case PowerState.ASLEEP:
            wake_domain(host, record.uuid)
        case PowerState.CRASHED:
            power_off_domain(host, record.uuid)


def start_timeout(planned: Object) -> float:
    """How long a guest that was started is waited for, in seconds: what `timeouts { create }` says."""
    written = next((block["create"] for block in planned["timeouts"] or () if block["create"]), _DEFAULT_TIMEOUT)
    return parse_duration(written)


def wait_for_leases(
    operation: Operation[Host], planned: Object, macs: Collection[str], before: Leases
) -> dict[str, list[str]]:
    """Wait until these interfaces have addresses. Returns them by MAC address in lower case.

    Raises:
        HostError: none came in the time that `timeouts { create }` gives; StoppedError.
    """
    return _wait(operation, planned, macs, start_timeout(planned), before=before)


def wait_for_others(
    operation: Operation[Host], planned: Object, macs: Collection[str], former: Iterable[Object]
) -> dict[str, list[str]]:
    """The same for interfaces of a guest that runs on, and had the addresses of `former` where they were before.

    It asks for others at once, as its link comes back, or much later; so it is waited for for half a minute at most,
    and that none came is a warning.

    Raises:
        StoppedError: it was stopped.
    """
    known = [address for interface in former for address in interface["addresses"] or ()]
    try:
        return _wait(operation, planned, macs, min(start_timeout(planned), _ASKING_AGAIN), former=known)
    except TimedOutError as problem:
        operation.warn(warning(problem.diagnostics[0].summary, f"{_KEEPS_ITS_OWN} {problem.diagnostics[0].detail}"))
        return {}


_KEEPS_ITS_OWN = (
    "The guest runs on, connected as the plan said, and has not asked for another address yet: its DHCP client does "
    "not look whether the link went down and up. Have it ask, or reboot it."
)


def _wait(
    operation: Operation[Host],
    planned: Object,
    macs: Collection[str],
    timeout: float,
    *,
    before: Leases = frozenset(),
    former: Collection[str] = (),
) -> dict[str, list[str]]:
    if operation.host.is_simulated:
        # Nothing boots there, so what has no address at once never gets one.
        there = {found.mac for found in read_addresses(operation.host, planned["id"])}
        macs = [mac for mac in macs if mac.lower() in there]
    if not macs:
        return {}
    operation.progress("waiting for addresses", None, None)
    found = wait_for_addresses(
        operation.host, planned["id"], macs, timeout=timeout, before=before, former=former, stop=operation.stop
    )
    return by_mac(address for addresses in found.values() for address in addresses)
