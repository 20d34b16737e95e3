"""Network interfaces as a domain's XML has them, in the words of the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kvmform.host.host import Host
from kvmform.resources.domain.equivalence import same_mac
from kvmform.resources.domain.interface.places import INTERFACE_PLACES, SOURCE_ROWS, interface_places, read_source
from kvmform.resources.domain.interface.rows import NETWORK_INTERFACE, OPTION_ROWS
from kvmform.resources.domain.shape import shaped
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["network_name", "noted_as_bridge", "read_interfaces"]


def read_interfaces(host: Host, document: Document, prior: Object) -> list[Object]:
    """The interfaces of the record that are in the XML; all of them where there is no record of any.

    Addresses are not in the XML; they are as in the record.
    """
    elements = [_read(element) for element in document.find_all("devices/interface")]
    if "network_interface" not in prior:
        return [_interface(host, options, places, options) for places, options in elements]
    found = []
    for interface in prior["network_interface"] or ():
        element = next((element for element in elements if _is_same(host, interface, element[0])), None)
        if element is not None:
            elements.remove(element)
            found.append(_interface(host, interface, *element))
    return found


def _read(element: Element) -> tuple[Object, Object]:
    """The places of an interface's source, and its options."""
    return read_rows(element, INTERFACE_PLACES), read_rows(element, OPTION_ROWS)


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


def noted_as_bridge(host: Host, found: Sequence[Object], recorded: Sequence[Object]) -> list[list[str | int]]:
    """Where a record of provider 0.8 has the bridge that a network is for, in place of the network.

    It looked at the running guest, whose interface libvirt tells as one on that bridge.
    """
    known = {(nic.get("mac") or "").upper(): nic.get("bridge") for nic in recorded if not nic.get("network_name")}
    paths: list[list[str | int]] = []
    for index, interface in enumerate(found):
        bridge = known.get((interface["mac"] or "").upper())
        network = host.inventory.networks.named(interface["network_name"]) if interface["network_name"] else None
        if bridge and network is not None and Document.parse(network.xml).get("bridge/@name") == bridge:
            paths.append(["network_interface", index, "bridge"])
    return paths


def _interface(host: Host, prior: Object, places: Object, options: Object) -> Object:
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
    return shaped(NETWORK_INTERFACE.rows, {**options, **found, "mac": mac}, prior)
