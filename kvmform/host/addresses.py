"""The addresses of a guest, from the three that may know them.

The DHCP server of a NIC's network (leases), the guest agent, and the host's ARP table are
asked. One that fails says nothing; it never ends a search. The ARP table is believed only
for NICs on networks where libvirt serves no DHCP: it remembers guests that are gone.

So do leases, for an hour. Hence :func:`remember_leases` is called before a guest is started,
and what was there by then does not count. The same address leased anew does, because the
lease then has another expiry; the clocks of the two machines need not agree for that.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

from kvmform.host.binding import libvirt
from kvmform.host.elements import parse
from kvmform.host.errors import HostError
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.networks import read_leases
from kvmform.host.nics import Nic, read_nics
from kvmform.host.operation import Kind, Operation
from kvmform.host.records import Lease
from kvmform.struct import Struct

__all__ = [
    "ALL_SOURCES",
    "AddressSearch",
    "GuestAddress",
    "InterfaceAddresses",
    "Leases",
    "Source",
    "can_tell_addresses",
    "read_addresses",
    "read_interfaces",
    "remember_leases",
]

Leases = frozenset[Lease]


class Source(StrEnum):
    """Who says that a NIC has an address."""

    LEASE = "lease"
    AGENT = "agent"
    ARP = "arp"


ALL_SOURCES = frozenset(Source)


class GuestAddress(Struct):
    """An address of a NIC; `mac` is in lower case, `prefix` the length of the network's part in bits."""

    mac: str
    address: str
    prefix: int
    source: Source


def remember_leases(host: Host, domain: str) -> Leases:
    """The leases that a domain's NICs have now, which is before it is started.

    Raises:
        HostError: the host can't be read.
    """
    record = host.inventory.domains.get(domain)
    if record is None:
        return frozenset()
    search = AddressSearch(host, domain, record.xml)
    return frozenset(lease for nic in search.nics for lease in search.leases(nic))


def read_addresses(host: Host, domain: str, sources: frozenset[Source] = ALL_SOURCES) -> tuple[GuestAddress, ...]:
    """The addresses that a domain's NICs have at this moment; nothing if it is not running.

    Raises:
        HostError: the host can't be read.
    """
    record = host.inventory.domains.get(domain)
    if record is None or record.live_xml is None:
        return ()
    search = AddressSearch(host, domain, record.live_xml, sources=sources)
    return (*search.look(), *search.ask_agent())


class InterfaceAddresses(Struct):
    """What one source tells of one interface. `name` is that of the guest's where the agent tells, else of the tap.

    `addresses` are with the lengths of their network parts in bits.
    """

    name: str
    mac: str | None
    addresses: tuple[tuple[str, int], ...]


def read_interfaces(host: Host, domain: str, source: Source) -> tuple[InterfaceAddresses, ...]:
    """What a source tells of the interfaces of a domain, as it is: also addresses that nobody else can reach.

    Raises:
        HostError: the source doesn't tell.
    """
    number = getattr(libvirt, f"VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_{source.upper()}")
    found = host.read(
        Operation("read the addresses of", Kind.DOMAIN, domain),
        lambda connection: connection.domain(domain).interfaceAddresses(number, 0) or {},
    )
    return tuple(
        InterfaceAddresses(
            name=str(name),
            mac=facts.get("hwaddr") or None,
            addresses=tuple((str(each["addr"]), int(each["prefix"])) for each in facts.get("addrs") or ()),
        )
        for name, facts in found.items()
    )


def can_tell_addresses(host: Host, nics: Iterable[Nic]) -> bool:
    """False where asking would crash: libvirt's test driver does over an interface on a network without addresses."""
    return not host.is_simulated or all(_has_addresses(host, nic.network) for nic in nics)


class AddressSearch:
    """Looking for the addresses of one running domain, as often as one likes."""

    def __init__(
        self,
        host: Host,
        domain: str,
        xml: str,
        before: Leases = frozenset(),
        sources: frozenset[Source] = ALL_SOURCES,
        former: Collection[str] = (),
    ) -> None:
        """Args: domain: its UUID; xml: of the domain; before: leases that don't count; sources: whom to ask.

        `former` are addresses that NICs had elsewhere: those of another subnet than the NIC's own don't count either.
        """
        self.nics = read_nics(xml)
        self.reasons: dict[Source, str] = {}
        """Why a source has nothing to say, in a sentence, for a message to the user."""
        self._host = host
        self._domain = domain
        self._before = before
        self._sources = sources
        self._former = former
        self._dhcp = {nic.network: _dhcp_network(host, nic.network) for nic in self.nics if nic.network}

    def look(self) -> Iterator[GuestAddress]:
        """The addresses that leases and ARP tell now. The agent, which may take seconds, is left out."""
        if Source.LEASE in self._sources:
            yield from self._leased() if self._host.can(Feature.LEASES) else self._told_by(Source.LEASE)
        if Source.ARP in self._sources:
            unserved = {nic.mac for nic in self.nics if self._network(nic) is None}
            if unserved:
                yield from (found for found in self._told_by(Source.ARP) if found.mac in unserved)

    def ask_agent(self) -> Iterator[GuestAddress]:
        """The addresses that the guest agent tells. It may take seconds to say that it does not answer."""
        if Source.AGENT in self._sources and self._host.can(Feature.AGENT):
            yield from self._told_by(Source.AGENT)

    def leases(self, nic: Nic) -> tuple[Lease, ...]:
        """All leases of a NIC, also those of a former life of the guest; none if it can't be told."""
        network = self._network(nic)
        if network is None or not self._host.can(Feature.LEASES):
            return ()
        try:
            return read_leases(self._host, network, nic.mac)
        except HostError as problem:
            self.reasons[Source.LEASE] = problem.diagnostics[0].detail
            return ()

    def evidence(self, macs: Collection[str]) -> Iterator[str]:
        """What is known of these NICs (MAC addresses in lower case) in place of an address, one statement a line."""
        for nic in self.nics:
            if nic.mac not in macs:
                continue
            where = f"on the network {nic.network}" if nic.network else "on no network of libvirt's"
            leases = ", ".join(lease.address for lease in self.leases(nic))
            former = f"has only leases from before it was started: {leases}" if leases else "has no DHCP lease"
            yield f"- {nic.mac} is {where} and {former}."
        for source, reason in sorted(self.reasons.items()):
            yield f"- {source}: {reason}"

    def _network(self, nic: Nic) -> str | None:
        return self._dhcp.get(nic.network) if nic.network else None

    def _leased(self) -> Iterator[GuestAddress]:
        for nic in self.nics:
            for lease in self.leases(nic):
                if lease.expires == 0 or lease not in self._before:
                    yield GuestAddress(lease.mac, lease.address, lease.prefix, Source.LEASE)

    def _told_by(self, source: Source) -> Iterator[GuestAddress]:
        if not can_tell_addresses(self._host, self.nics):
            return
        try:
            interfaces = read_interfaces(self._host, self._domain, source)
        except HostError as problem:
            self.reasons[source] = problem.diagnostics[0].detail
            return
        self.reasons.pop(source, None)
        nics = {nic.mac: nic for nic in self.nics}
        for interface in interfaces:
            mac = str(interface.mac or "").lower()
            for address, prefix in interface.addresses if mac in nics else ():
                if _is_useful(address) and not self._is_left_behind(address, nics[mac]):
                    yield GuestAddress(mac, address, prefix, source)

    def _is_left_behind(self, address: str, nic: Nic) -> bool:
        if address not in self._former or nic.network is None:
            return False
        subnets = _subnets(self._host, nic.network)
        return bool(subnets) and not any(ipaddress.ip_address(address) in subnet for subnet in subnets)


def _dhcp_network(host: Host, name: str) -> str | None:
    """UUID of the network, if it is one on which libvirt serves DHCP."""
    record = host.inventory.networks.named(name)
    return record.uuid if record is not None and "<dhcp" in (record.live_xml or record.xml) else None


def _subnets(host: Host, network: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The subnets that a network's definition has; none where libvirt gives no addresses."""
    record = host.inventory.networks.named(network)
    return [
        ipaddress.ip_network(
            f"{ip.get('address')}/{ip.get('prefix') or ip.get('netmask') or ''}".rstrip("/"), strict=False
        )
        for ip in (parse(record.xml).iterfind("ip[@address]") if record is not None else ())
    ]


def _has_addresses(host: Host, network: str | None) -> bool:
    record = host.inventory.networks.named(network) if network else None
    return record is None or "<ip " in record.xml


def _is_useful(address: str) -> bool:
    """Whether others can reach the guest by it: what a NIC gives itself does not count."""
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)
