"""Network interfaces as a domain's XML has them, in the words of the record."""

from __future__ import annotations

from kvmform.host.host import Host
from kvmform.resources.domain.equivalence import same_mac
from kvmform.resources.domain.interface.places import INTERFACE_PLACES, SOURCE_ROWS, interface_places, read_source
from kvmform.resources.domain.interface.rows import NETWORK_INTERFACE
from kvmform.resources.domain.shape import shaped
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

__all__ = ["network_name", "read_interfaces"]


def interface_elements(document: Document) -> list[Object]:
    """The places of every network interface in the XML."""
    return [read_rows(element, INTERFACE_PLACES) for element in document.find_all("devices/interface")]


def read_interfaces(host: Host, document: Document, prior: Object) -> list[Object]:
    """The interfaces of the record that are in the XML; all of them where there is no record of any.

    Addresses are not in the XML; they are as in the record.
    """
    elements = interface_elements(document)
    if "network_interface" not in prior:
        return [_interface(host, {}, places) for places in elements]
    found = []
    for interface in prior["network_interface"] or ():
        places = next((places for places in elements if _is_same(host, interface, places)), None)
        if places is not None:
            elements.remove(places)
            found.append(_interface(host, interface, places))
    return found


def _is_same(host: Host, interface: Object, places: Object) -> bool:
    """By MAC address; where the record has none, by what it is connected to."""
    if interface.get("mac"):
        return same_mac(interface["mac"], places["mac"])
    wanted = interface_places({**interface, "mac": places["mac"]}, network_name(host, interface))
    return all(places[name] == wanted[name] for name in ("type", "network", "bridge", "device"))


def network_name(host: Host, interface: Object) -> str | None:
    """The name of the network that a block means, if it means one."""
    if interface.get("network_name"):
        return str(interface["network_name"])
    record = host.inventory.networks.get(interface["network_id"]) if interface.get("network_id") else None
    return record.name if record is not None else None


def _interface(host: Host, prior: Object, places: Object) -> Object:
    def network_id(name: str) -> str | None:
        record = host.inventory.networks.named(name)
        return record.uuid if record is not None else None

    source = read_source(places, network_id)
    known = {name: prior[name] for name in SOURCE_ROWS if prior.get(name)}
    if known and all(source[name] == value for name, value in known.items()):
        found: Object = {name: source[name] for name in ("network_id", "network_name")}
    else:
        found = source
        prior = {**prior, **{name: source[name] for name in SOURCE_ROWS}}
    mac = (places["mac"] or "").upper()
    return shaped(NETWORK_INTERFACE.rows, {**found, "mac": mac}, prior)
