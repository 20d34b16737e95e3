"""Interfaces of running guests, plugged into a network again after it was started anew.

libvirt makes a new bridge at each start, and leaves the taps of running guests without one.
Nor does it move a tap to a bridge that, by name, it is on already. So each interface of the
network is told to be on the bridge as such, and then on the network again: the one connects
it, the other makes libvirt count it in. It takes milliseconds, and for the guest it is a
cable that was pulled out and put back in: network clients ask for their address again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.host.affect import Affect
from kvmform.host.devices import update_device
from kvmform.host.errors import InvalidStateError, NotFoundError
from kvmform.host.host import Host
from kvmform.host.records import NetworkRecord
from kvmform.struct import Struct
from kvmform.xml.document import Document, element_text, insert_element, make_element, parse_element, remove_element

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["Interface", "interfaces_on", "is_in_use", "plug_in", "port_groups_in_use"]


class Interface(Struct):
    """One interface of a running guest, and how it is to be plugged in.

    `domain` is a UUID, `xml` the element as it is now. With `is_direct` it is on the network's
    bridge without a word of the network. `link` is the state of its link in the definition.
    """

    domain: str
    xml: str
    is_direct: bool
    port_group: str | None
    link: str


def interfaces_on(host: Host, record: NetworkRecord) -> Iterator[Interface]:
    """The interfaces of running guests on a network, some of which may have been started a moment ago.

    Raises:
        HostError: the host can't be read.
    """
    host.inventory.domains.forget_all()
    yield from _known_interfaces(host, record)


def is_in_use(host: Host, record: NetworkRecord) -> bool:
    """Whether a running guest is on the network, as far as the inventory knows.

    Raises:
        HostError: the host can't be read.
    """
    connections = Document.parse(record.live_xml or record.xml).get("@connections") or "0"
    return connections != "0" or next(_known_interfaces(host, record), None) is not None


def port_groups_in_use(host: Host, record: NetworkRecord) -> list[str]:
    """Port groups of running guests, as far as the inventory knows; "" where an interface names none.

    Raises:
        HostError: the host can't be read.
    """
    return sorted({interface.port_group or "" for interface in _known_interfaces(host, record)})


def _known_interfaces(host: Host, record: NetworkRecord) -> Iterator[Interface]:
    bridge = _own_bridge(record)
    for domain in host.inventory.domains.all():
        if domain.live_xml is None or not _is_named(domain.live_xml, record.name, bridge):
            continue
        defined = {_mac(element): element for element in _interfaces(domain.xml)}
        for live in _interfaces(domain.live_xml):
            wanted = defined.get(_mac(live), live)
            if _attribute(live, "source", "network") == record.name or (
                bridge is not None and _attribute(live, "source", "bridge") == bridge
            ):
                yield Interface(
                    domain=domain.uuid,
                    xml=element_text(_without_links(live, wanted)),
                    is_direct=record.name not in {_attribute(e, "source", "network") for e in (live, wanted)},
                    port_group=_attribute(wanted, "source", "portgroup"),
                    link=_attribute(wanted, "link", "state") or "up",
                )


def _is_named(xml: str, *names: str | None) -> bool:
    """Whether one of the names is somewhere in the XML, which is soon seen: then it is worth while to read it."""
    return any(name is not None and quoted in xml for name in names for quoted in (f"'{name}'", f'"{name}"'))


def _own_bridge(record: NetworkRecord) -> str | None:
    """The bridge that libvirt made for the network. Guests may be on it without a word of the network."""
    document = Document.parse(record.live_xml or record.xml)
    return None if document.get("forward/@mode") == "bridge" else document.get("bridge/@name")


def _interfaces(xml: str) -> list[Element]:
    return Document.parse(xml).find_all("devices/interface")


def _without_links(live: Element, defined: Element) -> Element:
    """An interface as it is, but for what it was given by the network, which may have changed."""
    for name in _OF_THE_NETWORK:
        for element in live.findall(name):
            remove_element(element)
        for element in defined.findall(name):
            insert_element(live, parse_element(element_text(element)))
    if defined.get(_TRUST) is None:
        live.attrib.pop(_TRUST, "")
    return live


_OF_THE_NETWORK = ("bandwidth", "vlan", "virtualport", "port")
_TRUST = "trustGuestRxFilters"


def _mac(interface: Element) -> str | None:
    return _attribute(interface, "mac", "address")


def _attribute(interface: Element, child: str, name: str) -> str | None:
    element = interface.find(child)
    return None if element is None else element.get(name)


def plug_in(host: Host, record: NetworkRecord, interfaces: Iterable[Interface]) -> None:
    """Connect them to the network, which is active by now. A guest that was shut down meanwhile is passed over.

    Raises:
        DiagnosticError: libvirt refuses some; the others are connected.
    """
    started = host.inventory.networks.get(record.uuid)
    bridge = Document.parse(started.live_xml or started.xml).get("bridge/@name") if started is not None else None
    if bridge is None:
        return  # Guests are connected to a device of the host, which did not go away.
    problems = Diagnostics()
    for interface in interfaces:
        network = {"network": record.name}
        if interface.port_group is not None:
            network["portgroup"] = interface.port_group
        way = [network, {"bridge": bridge}] if interface.is_direct else [{"bridge": bridge}, network]
        try:
            for source, link in zip(way, ("down", interface.link), strict=True):
                update_device(host, interface.domain, _connected(interface.xml, source, link), Affect.LIVE)
        except (NotFoundError, InvalidStateError):
            continue
        except DiagnosticError as problem:
            problems.caught(problem)
    problems.raise_errors()


def _connected(interface: str, source: Mapping[str, str], link: str) -> str:
    """The interface with another source, and this state of its link."""
    element = parse_element(interface)
    for stale in (*element.findall("source"), *element.findall("link")):
        remove_element(stale)
    element.set("type", "network" if "network" in source else "bridge")
    insert_element(element, make_element("source", source))
    insert_element(element, make_element("link", {"state": link}))
    return element_text(element)
