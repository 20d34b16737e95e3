"""Network interfaces in a definition that is brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.host.host import Host
from kvmform.resources.domain.device.elements import attribute, before, find_known, remove, take_address
from kvmform.resources.domain.effects import Undertaking
from kvmform.resources.domain.interface.places import INTERFACE_PLACES, interface_places, interface_xml
from kvmform.resources.domain.interface.reading import network_name
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["find_interface", "patch_interfaces"]


def find_interface(document: Document, mac: str) -> Element | None:
    """The interface with this MAC address, in any case."""
    found = (
        interface
        for interface in document.find_all("devices/interface")
        if attribute(interface, "mac", "address").lower() == mac.lower()
    )
    return next(found, None)


def patch_interfaces(host: Host, document: Document, planned: Object, work: Undertaking, live: Document | None) -> None:
    """The same for network interfaces."""
    for interface in work.removed("network_interface"):
        remove(find_interface(document, interface["mac"]))
    touched = work.touched("network_interface")
    for index, interface in enumerate(planned["network_interface"]):
        places = interface_places(interface, network_name(host, interface))
        existing = find_known(document, find_interface, before(touched, index, "mac"), interface["mac"])
        if existing is None:
            element = document.add("devices", interface_xml(places))
            take_address(element, find_interface(live, interface["mac"]) if live is not None else None)
        elif index in touched:
            changed = {name: value for name, value in places.items() if name != "model"}
            patch_rows(existing, INTERFACE_PLACES, changed)
