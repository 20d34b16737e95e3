"""Static DHCP reservations: the entries of a network that give an interface its address.

They belong to the interface that asks for them, hence are changed with it and removed with
it. libvirt takes them while the network is active, in what it is and in its definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_address

from kvmform.diagnostics import DiagnosticError
from kvmform.host.affect import Affect
from kvmform.host.host import Host
from kvmform.host.networks import NetworkSection, UpdateCommand, update_network
from kvmform.host.records import NetworkRecord
from kvmform.struct import Struct
from kvmform.xml.document import Document

__all__ = ["Reservation", "holders", "release", "reservations_in", "reserve", "reserved_for", "serves_dhcp"]


class Reservation(Struct):
    """One `<host>` entry; `name` may be empty. IPv6 has no MAC addresses in DHCP, so there the host's name counts."""

    mac: str
    name: str
    address: str

    @property
    def version(self) -> int:
        """4 or 6."""
        return ip_address(self.address).version

    def xml(self) -> str:
        """The entry as libvirt takes it."""
        from xml.sax.saxutils import quoteattr  # brings http and ssl with it, and only changes need it

        mac = f" mac={quoteattr(self.mac)}" if self.version == 4 else ""
        name = f" name={quoteattr(self.name)}" if self.name else ""
        return f"<host{mac}{name} ip={quoteattr(self.address)}/>"

    def is_of(self, mac: str, name: str) -> bool:
        """Whether it is meant for this interface."""
        return self.mac == mac.lower() if self.mac else self.name == name

    def is_in_the_way_of(self, other: Reservation) -> bool:
        """Whether libvirt would take the two for one, though they are meant for two interfaces."""
        if self.version != other.version or self.is_of(other.mac, other.name):
            return False
        return self.address == other.address or bool(self.name and self.name == other.name)


@lru_cache(maxsize=32)
def reservations_in(xml: str) -> tuple[Reservation, ...]:
    """The reservations in a network's XML."""
    found = (
        Reservation(element.get("mac", "").lower(), element.get("name", ""), element.get("ip", ""))
        for element in Document.parse(xml).find_all("ip/dhcp/host")
    )
    return tuple(entry for entry in found if entry.address)


@lru_cache(maxsize=32)
def holders(xml: str) -> Mapping[str, Reservation]:
    """The reservations in a network's XML by their addresses."""
    return {entry.address: entry for entry in reservations_in(xml)}


@lru_cache(maxsize=32)
def _reserved(xml: str) -> Mapping[str, frozenset[str]]:
    """Addresses by MAC address, or by name where an entry has none."""
    found: dict[str, set[str]] = {}
    for entry in reservations_in(xml):
        found.setdefault(entry.mac or entry.name, set()).add(entry.address)
    return {guest: frozenset(addresses) for guest, addresses in found.items()}


def reserved_for(record: NetworkRecord, mac: str, name: str) -> frozenset[str]:
    """Addresses that a network reserves for an interface, in its definition and while it is active."""
    known = [
        _reserved(xml).get(mac.lower(), frozenset()) | _reserved(xml).get(name, frozenset())
        for xml in (record.xml, record.live_xml or record.xml)
    ]
    return known[0] & known[1]


def serves_dhcp(record: NetworkRecord, address: str) -> bool:
    """Whether the network has a DHCP server for addresses of this kind."""
    return _parent(Document.parse(record.xml), address) is not None


def reserve(
    host: Host,
    record: NetworkRecord,
    reservations: Iterable[Reservation],
    gives_way: Callable[[Reservation], bool] = lambda _entry: False,
) -> None:
    """Make reservations, or change those that the same interfaces have already.

    `gives_way` tells of an entry that has the address or the name whether it may be removed.

    Raises:
        DiagnosticError: the network serves no DHCP, or an entry that doesn't give way has the address or the name.
    """
    for reservation in reservations:
        for affect, xml in _definitions(record):
            existing = [entry for entry in reservations_in(xml) if entry.version == reservation.version]
            if reservation in existing:
                continue
            for entry in existing:
                if entry.is_in_the_way_of(reservation) and gives_way(entry):
                    _update(host, record, UpdateCommand.DELETE, entry, affect, xml)
            own = [entry for entry in existing if entry.is_of(reservation.mac, reservation.name)]
            if own and reservation.version == 6:
                _update(host, record, UpdateCommand.DELETE, own[0], affect, xml)
                own = []
            _update(host, record, UpdateCommand.MODIFY if own else UpdateCommand.ADD, reservation, affect, xml)


def release(host: Host, record: NetworkRecord, reservations: Iterable[Reservation]) -> None:
    """Remove reservations; those that are gone already are passed over.

    Raises:
        HostError: libvirt refuses.
    """
    for reservation in reservations:
        for affect, xml in _definitions(record):
            for entry in reservations_in(xml):
                if entry.address == reservation.address and entry.is_of(reservation.mac, reservation.name):
                    _update(host, record, UpdateCommand.DELETE, entry, affect, xml)


def _definitions(record: NetworkRecord) -> Iterator[tuple[Affect, str]]:
    """What has to be changed: the definition, and the network as it is while it is active."""
    yield Affect.CONFIG, record.xml
    if record.live_xml is not None:
        yield Affect.LIVE, record.live_xml


def _update(
    host: Host, record: NetworkRecord, command: UpdateCommand, reservation: Reservation, affect: Affect, xml: str
) -> None:
    parent = _parent(Document.parse(xml), reservation.address)
    if parent is None:
        raise DiagnosticError.of(
            "No DHCP server for the address",
            f'The address {reservation.address} can\'t be reserved: the network "{record.name}" serves no '
            f"IPv{reservation.version} addresses by DHCP. Enable DHCP in the network, or remove the address.",
        )
    update_network(host, record.uuid, command, NetworkSection.DHCP_HOST, reservation.xml(), affect, parent=parent)


def _parent(document: Document, address: str) -> int | None:
    """Index of the `<ip>` element with the DHCP server for this kind of address."""
    family = f"ipv{ip_address(address).version}"
    for index, element in enumerate(document.find_all("ip")):
        if element.get("family", "ipv4") == family and element.find("dhcp") is not None:
            return index
    return None
