"""The addresses of a domain's interfaces, as the networks that they are on know them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from weakref import WeakKeyDictionary

from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.networks import read_leases
from kvmform.host.records import Lease, NetworkRecord
from kvmform.resources.domain.interface.reservations import reserved_for
from kvmform.schema import Object

__all__ = ["sort_addresses", "with_addresses"]

_FRESH_SECONDS = 1.0
"""So long the leases of a network, once read, serve all domains on it."""

_lock = threading.Lock()
_known: WeakKeyDictionary[Host, dict[str, tuple[float, Mapping[str, list[str]]]]] = WeakKeyDictionary()


def with_addresses(host: Host, interface: Object, domain: str, *, running: bool) -> Object:
    """An interface with the addresses that it has, and those of them that kvmform reserved.

    Args:
        host: where the domain is.
        interface: as read, with the addresses of the record.
        domain: name of the domain.
        running: whether the guest runs.
    """
    name = interface.get("network_name")
    network = host.inventory.networks.named(name) if name else None
    reserved = _reserved(network, interface, interface.get("hostname") or domain) if network is not None else []
    addresses = reserved
    if not addresses and running:
        leased = _leased(host, network, interface["mac"]) if network is not None else []
        # Who has no lease got its address otherwise: it is what the last wait for it found.
        addresses = leased or interface.get("addresses") or []
    return interface | {"addresses": addresses, "reserved_addresses": reserved}


def sort_addresses(addresses: Iterable[str]) -> list[str]:
    """Each once, IPv4 before IPv6, else in the order given."""
    return sorted(dict.fromkeys(addresses), key=lambda address: ip_address(address).version)


def _reserved(network: NetworkRecord, interface: Object, name: str) -> list[str]:
    """Of what kvmform reserved (provider 0.8 kept no record of it) that which the network still has."""
    ours = interface["reserved_addresses"]
    if ours is None:
        ours = interface.get("addresses") or []
    present = reserved_for(network, interface["mac"], name)
    return [address for address in ours if address in present]


def _leased(host: Host, network: NetworkRecord, mac: str) -> list[str]:
    if not network.active or not host.can(Feature.LEASES):
        return []
    with _lock:
        known = _known.setdefault(host, {})
        read_at, leased = known.get(network.uuid, (float("-inf"), {}))
        if time.monotonic() - read_at > _FRESH_SECONDS:
            leased = _by_mac(read_leases(host, network.uuid))
            known[network.uuid] = time.monotonic(), leased
    return sort_addresses(leased.get(mac.lower(), ()))


def _by_mac(leases: Iterable[Lease]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for lease in leases:
        found.setdefault(lease.mac, []).append(lease.address)
    return found
