"""A domain's static addresses, kept in step with its network interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.host.operation import Kind
from kvmform.host.records import NetworkRecord
from kvmform.resources.domain.interface.reading import network_name
from kvmform.resources.domain.interface.reservations import Reservation, release, reserve
from kvmform.schema import Object

__all__ = ["release_addresses", "reserve_addresses"]


def reserve_addresses(host: Host, domain: Object) -> None:
    """Make the reservations that the interfaces want.

    Raises:
        DiagnosticError: a network can't.
    """
    for network, reservation in _reservations(host, domain):
        reserve(host, _as_it_is(host, network), [reservation])


def release_addresses(host: Host, prior: Object, planned: Object | None = None) -> None:
    """Remove the reservations that were made for the interfaces, but for those that are still planned.

    Raises:
        HostError: libvirt refuses.
    """
    kept = {(network.uuid, entry.mac, entry.address) for network, entry in _reservations(host, planned or {})}
    for network, entry in _reservations(host, prior):
        if (network.uuid, entry.mac, entry.address) not in kept:
            release(host, _as_it_is(host, network), [entry])


def _reservations(host: Host, domain: Object) -> Iterator[tuple[NetworkRecord, Reservation]]:
    """Every reservation of a domain with its network; a network that is gone took its own with it."""
    for interface in domain.get("network_interface") or ():
        wanted = interface["reserved_addresses"] or ()
        name = network_name(host, interface) if wanted else None
        network = host.inventory.networks.named(name) if name else None
        if network is not None:
            hostname, mac = interface["hostname"] or domain["name"], interface["mac"].lower()
            yield from ((network, Reservation(mac, hostname, address)) for address in wanted)


def _as_it_is(host: Host, network: NetworkRecord) -> NetworkRecord:
    """The network as it is at this moment: other domains make reservations in it too."""
    host.inventory.forget(Kind.NETWORK, network.uuid)
    return host.inventory.networks.get(network.uuid) or network
