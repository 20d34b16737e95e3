"""Whether a domain is ready: what a plan promises of it, and waiting for it."""

from __future__ import annotations

from collections.abc import Collection

from kvmform.host.addresses import Leases
from kvmform.host.host import Host
from kvmform.resources.domain.life.power import start_timeout, wait_for_leases
from kvmform.schema import Object, Operation, Plain
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL

__all__ = ["promised", "wait_until_ready", "waits"]


def promised(planned: Object, observed: Object | None) -> Plain:
    """`ready` as it will be: what failed to come true is waited for again, and so is a guest that is started."""
    if any(isinstance(planned[name], Unknown) for name in ("running", "paused", "wait_for")):
        return Unknown(BOOL)
    if planned["running"] is not True or planned["paused"] is True:
        return None
    if observed is not None and observed["ready"] is False:
        return True if planned["wait_for"] else None
    starts = observed is None or not observed["running"] or observed["paused"]
    if not planned["wait_for"]:
        return None
    return True if starts else observed["ready"] if observed is not None else None


def waits(planned: Object) -> bool:
    """Whether there is anything that the domain is waited for when it was started."""
    nics = planned["network_interface"]
    return not planned["paused"] and (bool(planned["wait_for"]) or any(nic["wait_for_lease"] for nic in nics))


def wait_until_ready(
    operation: Operation[Host], planned: Object, macs: Collection[str], before: Leases
) -> dict[str, list[str]]:
    """Wait for the addresses of these interfaces, and for all that `wait_for` says, at the same time.

    Returns:
        The addresses, by MAC address in lower case.

    Raises:
        HostError: something did not come true in time, with the evidence; StoppedError.
    """
    if not planned["wait_for"] or planned["paused"] or operation.host.is_simulated:
        return wait_for_leases(operation, planned, macs, before)
    from kvmform.resources.domain.readiness.waiting import Waiting  # brings sockets, which few need

    with Waiting(operation, planned, before, start_timeout(planned)).begun() as waiting:
        found = wait_for_leases(operation, planned, macs, before)
        waiting.wait()
        return waiting.found() | found
