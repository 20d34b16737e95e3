"""A domain's static addresses, kept in step with its network interfaces."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from kvmform.host.host import Host
from kvmform.host.operation import Kind
from kvmform.host.records import NetworkRecord
from kvmform.resources.domain.interface.owners import owner_of
from kvmform.resources.domain.interface.reading import network_name
from kvmform.resources.domain.interface.reservations import Reservation, release, reserve
from kvmform.resources.domain.interface.wanted_addresses import wanted_addresses
from kvmform.schema import Object

__all__ = ["release_addresses", "reserve_addresses"]

_one_at_a_time = threading.Lock()
"""Domains that exchange their addresses are changed in several threads."""


def reserve_addresses(host: Host, domain: Object, lineage: str) -> None:
    """Make the reservations that the interfaces want.

    One that another domain of the same state has gives way: the plan made sure that it gives up the address too.

    Raises:
        DiagnosticError: a network can't.
    """
    with _one_at_a_time:
        for network, reservation in _reservations(host, domain):
            reserve(host, _as_it_is(host, network), [reservation], _is_ours(host, lineage))


def _is_ours(host: Host, lineage: str) -> Callable[[Reservation], bool]:
    def is_ours(entry: Reservation) -> bool:
        owner = owner_of(host, entry)
        return owner is not None and owner.lineage == lineage

    return is_ours


def release_addresses(host: Host, prior: Object, planned: Object | None = None) -> None:
    """Remove the reservations that were made for the interfaces, but for those that are still planned.

    Raises:
        HostError: libvirt refuses.
    """
    with _one_at_a_time:
        kept = {(network.uuid, _key(entry), entry.address) for network, entry in _reservations(host, planned or {})}
        for network, entry in _reservations(host, prior):
            if (network.uuid, _key(entry), entry.address) not in kept:
                release(host, _as_it_is(host, network), [entry])


def _key(entry: Reservation) -> str:
    """What its server knows the interface by."""
    return entry.name if entry.version == 6 else entry.mac


def _reservations(host: Host, domain: Object) -> Iterator[tuple[NetworkRecord, Reservation]]:
    """Every reservation of a domain with its network; a network that is gone took its own with it."""
    for each in wanted_addresses(domain):
        name = network_name(host, each.interface)
        network = host.inventory.networks.named(name) if name else None
        if network is not None:
            yield network, Reservation(each.interface["mac"].lower(), each.name, each.address)


def _as_it_is(host: Host, network: NetworkRecord) -> NetworkRecord:
    """The network as it is at this moment: other domains make reservations in it too."""
    host.inventory.forget(Kind.NETWORK, network.uuid)
    return host.inventory.networks.get(network.uuid) or network
