"""A network as a configuration would describe it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.resources.metadata import any_metadata
from kvmform.resources.network.reading import serves_no_dhcp
from kvmform.resources.network.rendering import network_xml
from kvmform.schema import Object, Portrait
from kvmform.xml.document import Document, parse_element
from kvmform.xml.unsaid import unsaid

__all__ = ["portray"]

_IDLE = frozenset({"dns", "dhcp", "forward"})
_OF_LIBVIRT = re.compile(
    r"^(uuid|name|mac/)|^@connections|/@(family|netmask|prefix)$|^(mac|bridge)/|^forward/(interface|@dev)"
)
_USUAL_PORTS = [{"start": 1024, "end": 65535}]
_QEMU = "52:54:00:"
"""How MAC addresses begin that libvirt draws."""


def portray(host: Host, found: Object) -> Portrait:
    """What is written of a network: not the MAC address that libvirt drew for its bridge."""
    record = host.inventory.networks.get(found["id"])
    definition = Document.parse(record.xml) if record is not None else None
    told = {
        **found,
        "forward": [{**each, "nat": [nat for nat in each["nat"] if not _is_usual(nat)]} for each in found["forward"]],
        "mac": None if str(found["mac"]).startswith(_QEMU) else found["mac"],
        "metadata": any_metadata(definition) if definition is not None else None,
    }
    return Portrait(
        told, _IDLE, () if definition is None else tuple(_unsaid(found | {"metadata": told["metadata"]}, definition))
    )


def _is_usual(nat: Object) -> bool:
    said = {name: value for name, value in nat.items() if value not in (None, False, [])}
    return bool(said == {"port": _USUAL_PORTS})


def _unsaid(found: Object, definition: Document) -> Iterator[str]:
    """What no argument says: that the host has another address than the first one, for example."""
    for element in sorted(definition.find_all("ip"), key=serves_no_dhcp):  # Arguments have them in this order.
        definition.root.append(element)
    return unsaid(parse_element(network_xml(found)), definition.root, _OF_LIBVIRT)
