"""The NICs of a domain: what must be known of them to find their addresses."""

from __future__ import annotations

from kvmform.host.elements import parse
from kvmform.struct import Struct

__all__ = ["Nic", "read_nics"]


class Nic(Struct):
    """One NIC: its MAC address in lower case, and the name of its network if it is on one of libvirt's."""

    mac: str
    network: str | None


def read_nics(xml: str) -> tuple[Nic, ...]:
    """The NICs in a domain's XML, in its order."""
    nics = []
    for element in parse(xml).iterfind("devices/interface"):
        mac, source = element.find("mac"), element.find("source")
        if mac is not None:
            nics.append(Nic(mac.get("address", "").lower(), source.get("network") if source is not None else None))
    return tuple(nics)
