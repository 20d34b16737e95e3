"""A network as a configuration would describe it."""

from __future__ import annotations

import re

from kvmform.host.host import Host
from kvmform.resources.network.rendering import network_xml
from kvmform.schema import Object, Portrait
from kvmform.xml.document import Document, element_text, parse_element
from kvmform.xml.owner import OWNER_NAMESPACE
from kvmform.xml.unsaid import unsaid

__all__ = ["portray"]

_IDLE = frozenset({"dns", "dhcp", "forward"})
_OF_LIBVIRT = re.compile(
    r"^(uuid|name|mac/)|^@connections|/@(family|netmask|prefix)$|^(mac|bridge)/|^forward/interface"
)
_QEMU = "52:54:00:"
"""How MAC addresses begin that libvirt draws."""


def portray(host: Host, found: Object) -> Portrait:
    """What is written of a network: not the MAC address that libvirt drew for its bridge."""
    record = host.inventory.networks.get(found["id"])
    definition = Document.parse(record.xml) if record is not None else None
    foreign = definition.find_all("metadata/*") if definition is not None else []
    told = {
        **found,
        "mac": None if str(found["mac"]).startswith(_QEMU) else found["mac"],
        "metadata": next((element_text(each) for each in foreign if OWNER_NAMESPACE not in str(each.tag)), None),
    }
    notes = () if definition is None else unsaid(parse_element(network_xml(told)), definition.root, _OF_LIBVIRT)
    return Portrait(told, _IDLE, tuple(notes))
