"""PCI Express root ports: a machine has room for as many hot-plugged devices as it has free ones.

Only machines of the PCI Express kind (`q35`, `virt`) need them; on `pc` devices go to slots
of the one PCI bus. libvirt adds ports for the devices of a definition, but none to spare, and
no port can be added to a running guest.
"""

from __future__ import annotations

from kvmform.resources.domain.equivalence import machine_family
from kvmform.xml.document import Document

__all__ = ["SPARE_PORTS", "free_root_ports", "root_ports"]

SPARE_PORTS = 8
"""How many devices can be added to a running guest before it has to be rebooted once."""

_PORT = "devices/controller[@type='pci'][@model='pcie-root-port']"


def root_ports(machine: str, devices: int) -> int:
    """How many ports to define for a machine with this many devices; 0 if it needs none."""
    return devices + SPARE_PORTS if machine_family(machine) in {"q35", "virt"} else 0


def free_root_ports(document: Document) -> int | None:
    """How many ports nothing is plugged into; None if the machine has no ports."""
    ports = {int(port.get("index", "0")) for port in document.find_all(_PORT)}
    if not ports:
        return None
    addresses = document.find_all("devices/*/address[@type='pci']")
    return len(ports - {int(address.get("bus", "0"), 16) for address in addresses})
