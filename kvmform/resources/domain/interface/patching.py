"""Network interfaces in a definition that is brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.host.host import Host
from kvmform.resources.domain.device.elements import attribute, before, find_known, remove, take_address
from kvmform.resources.domain.effects import Undertaking
from kvmform.resources.domain.equivalence import same_mac, same_text
from kvmform.resources.domain.interface.places import INTERFACE_PLACES, interface_places, interface_xml
from kvmform.resources.domain.interface.reading import network_name
from kvmform.resources.domain.interface.rows import OPTION_ROWS
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_changes, patch_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["find_interface", "patch_interface", "patch_interfaces", "prior_interface"]


def find_interface(document: Document, mac: str) -> Element | None:
    """The interface with this MAC address, in any case."""
    found = (
        interface
        for interface in document.find_all("devices/interface")
        if attribute(interface, "mac", "address").lower() == mac.lower()
    )
    return next(found, None)


def patch_interfaces(host: Host, document: Document, planned: Object, work: Undertaking, live: Document | None) -> None:
    """The network interfaces that were edited; those that are plugged anew are put where the guest has them."""
    for interface in work.removed("network_interface"):
        remove(find_interface(document, interface["mac"]))
    touched = work.touched("network_interface")
    for index, interface in enumerate(planned["network_interface"]):
        places = interface_places(interface, network_name(host, interface))
        known_by = before(touched, index, "mac")
        existing = find_known(document, find_interface, known_by, interface["mac"])
        element = existing
        if existing is None:
            element = document.add("devices", interface_xml(places, interface))
        elif index in touched:
            patch_interface(existing, places, interface, prior_interface(work, known_by or interface["mac"]))
        if element is not None:
            take_address(element, find_interface(live, interface["mac"]) if live is not None else None)


def prior_interface(work: Undertaking, mac: str) -> Object:
    """The interface as it was before the edits."""
    return next((nic for nic in work.prior["network_interface"] if same_mac(nic["mac"], mac)), {})


def patch_interface(element: Element, places: Object, interface: Object, prior: Object) -> None:
    """Make one interface what is planned; what is not edited, or not declared, stays as it is."""
    patch_rows(element, INTERFACE_PLACES, {name: value for name, value in places.items() if name != "model"})
    patch_changes(element, OPTION_ROWS, prior, interface)
    if not same_text(prior.get("model"), interface.get("model")):
        patch_rows(element, INTERFACE_PLACES, {"model": places["model"]})
        remove(element.find("address"))  # Another card may need a slot of another kind.
