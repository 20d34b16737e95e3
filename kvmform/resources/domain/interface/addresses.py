"""The addresses of a domain's interfaces, as the networks that they are on know them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from weakref import WeakKeyDictionary

from kvmform.host.addresses import GuestAddress, Source, read_addresses
from kvmform.host.agent import AGENT_CHANNEL
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.networks import read_leases
from kvmform.host.records import DomainRecord, Lease, NetworkRecord, PowerState
from kvmform.resources.domain.interface.reservations import reserved_for
from kvmform.schema import Object
from kvmform.xml.document import Document

__all__ = ["by_mac", "sort_addresses", "told_by_agent", "with_addresses"]

_FRESH_SECONDS = 1.0
"""So long the leases of a network, once read, serve all domains on it."""

_lock = threading.Lock()
_known: WeakKeyDictionary[Host, dict[str, tuple[float, Mapping[str, list[str]]]]] = WeakKeyDictionary()


def told_by_agent(host: Host, record: DomainRecord) -> Mapping[str, list[str]]:
    """The addresses that the guest agent tells, by MAC address in lower case; one that is not there is not asked."""
    connected = f"devices/channel/target[@name='{AGENT_CHANNEL}'][@state='connected']"
    if (
        record.live_xml is None
        or record.state is not PowerState.RUNNING
        or not host.can(Feature.AGENT)
        or Document.parse(record.live_xml).find(connected) is None
    ):
        return {}
    return by_mac(read_addresses(host, record.uuid, frozenset({Source.AGENT})))


def by_mac(addresses: Iterable[GuestAddress]) -> dict[str, list[str]]:
    """Addresses by MAC address; of an interface with leases those alone: they are what is seen of it later on."""
    found: dict[str, list[GuestAddress]] = {}
    for each in addresses:
        found.setdefault(each.mac, []).append(each)
    return {
        mac: sort_addresses(
            [each.address for each in known if each.source is Source.LEASE] or [each.address for each in known]
        )
        for mac, known in found.items()
    }


def with_addresses(
    host: Host, interface: Object, domain: str, told: Mapping[str, list[str]], *, running: bool
) -> Object:
    """An interface with the addresses that it has, and those of them that kvmform reserved.

    Args:
        host: where the domain is.
        interface: as read, with the addresses of the record.
        domain: name of the domain.
        told: what the guest agent tells, if it was asked.
        running: whether the guest runs.
    """
    name = interface.get("network_name")
    network = host.inventory.networks.named(name) if name else None
    reserved = _reserved(network, interface, interface.get("hostname") or domain) if network is not None else []
    addresses = reserved
    if not addresses and running:
        leased = _leased(host, network, interface["mac"]) if network is not None else []
        # Who has no lease got its address otherwise: it is what the agent tells, or the last wait for it found.
        addresses = leased or told.get(interface["mac"].lower()) or interface.get("addresses") or []
    elif not addresses and network is not None and "<dhcp" not in network.xml:
        addresses = interface.get("addresses") or []  # Those that are written: the network gives away no others.
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
            leased = _leases_by_mac(read_leases(host, network.uuid))
            known[network.uuid] = time.monotonic(), leased
    return sort_addresses(leased.get(mac.lower(), ()))


def _leases_by_mac(leases: Iterable[Lease]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for lease in leases:
        found.setdefault(lease.mac, []).append(lease.address)
    return found
