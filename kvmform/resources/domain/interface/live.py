"""Network interfaces that are plugged, and connected elsewhere, while the guest runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import attach_device, update_device
from kvmform.host.host import Host
from kvmform.resources.domain.interface.patching import find_interface
from kvmform.resources.domain.interface.places import INTERFACE_PLACES, interface_places, interface_xml
from kvmform.resources.domain.interface.reading import network_name
from kvmform.resources.domain.running_guest import RunningGuest, unplug
from kvmform.schema import Edit, Object
from kvmform.xml.document import Document, element_text, parse_element, remove_element
from kvmform.xml.rows import patch_rows, read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["plug_interface"]

_BRIDGED = {"network", "bridge"}


def plug_interface(guest: RunningGuest, interface: Object, edits: Mapping[str, Edit]) -> None:
    """Plug an interface that the guest does not have, or connect it elsewhere."""
    before = edits["mac"].before if "mac" in edits else interface["mac"]
    existing = find_interface(guest.document, before)
    places = interface_places(interface, network_name(guest.host, interface))
    xml = interface_xml(places)
    if existing is not None and not _differs(existing, places) and not edits.keys() & {"network_id", "network_name"}:
        return
    if existing is not None and not _can_move(existing, places):
        unplug(guest, existing)
        existing = None
    if existing is not None:
        _move(guest, existing, places)
    elif find_interface(guest.document, interface["mac"]) is None or before == interface["mac"]:
        guest.operation.progress(f"plugging network interface {interface['mac']}", None, None)
        attach_device(guest.host, guest.uuid, xml, Affect.LIVE)


def _differs(existing: Element, places: Object) -> bool:
    """Whether an interface is connected otherwise; on a network, libvirt says more of it than was asked for."""
    before = read_rows(existing, INTERFACE_PLACES)
    told = ("network", "mac") if places["network"] else ("type", "mac", "network", "bridge", "device", "mode")
    return any(before[name] != places[name] for name in told)


def _can_move(existing: Element, places: Object) -> bool:
    """Between networks and bridges an interface moves; any other has to be unplugged and plugged in again."""
    before = read_rows(existing, INTERFACE_PLACES)
    return before["mac"] == places["mac"] and before["type"] in _BRIDGED and places["type"] in _BRIDGED


def _move(guest: RunningGuest, existing: Element, places: Object) -> None:
    """Connect an interface to another bridge; its link goes down and up, so that the guest asks for an address.

    An interface of a network that was made anew looks as if it were on it already, and libvirt
    would do nothing; it goes there by way of the bridge itself.
    """
    if places["type"] == "network":
        bridge = _bridge_of(guest.host, places["network"])
        if bridge is not None:
            _update(guest, existing, {**places, "type": "bridge", "network": None, "bridge": bridge})
    _update(guest, existing, places, link="down")
    _update(guest, existing, places, link="up")


def _bridge_of(host: Host, network: str) -> str | None:
    record = host.inventory.networks.named(network)
    return Document.parse(record.live_xml or record.xml).get("bridge/@name") if record is not None else None


def _update(guest: RunningGuest, existing: Element, places: Object, link: str = "up") -> None:
    interface = parse_element(element_text(existing))
    for name in ("source", "link"):
        for stale in interface.findall(name):
            remove_element(stale)
    patch_rows(interface, INTERFACE_PLACES, {name: value for name, value in places.items() if name != "model"})
    interface.append(parse_element(f'<link state="{link}"/>'))
    update_device(guest.host, guest.uuid, element_text(interface), Affect.LIVE)
