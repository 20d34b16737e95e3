"""PCI Express root ports: a machine has room for as many hot-plugged devices as it has free ones.

Only machines of the PCI Express kind (`q35`, `virt`) need them; on `pc` devices go to slots
of the one PCI bus. libvirt adds ports for the devices of a definition, but none to spare, and
no port can be added to a running guest.
"""

from __future__ import annotations

from kvmform.resources.domain.equivalence import machine_family
from kvmform.xml.document import Document

__all__ = ["add_root_ports", "free_root_ports", "root_ports"]

_SPARE_PORTS = 8
"""How many devices can be added to a running guest before it has to be rebooted once."""

_PLUGGED = (
    *("interface", "filesystem", "disk/target[@bus='virtio']/..", "controller[@type='scsi']"),
    *("rng", "vsock", "hostdev[@type='pci']", "hostdev[@type='mdev']", "input[@bus='virtio']"),
)
"""Devices that take a port each."""

_PORT = "devices/controller[@type='pci'][@model='pcie-root-port']"


def root_ports(machine: str, devices: int) -> int:
    """How many ports to define for a machine with this many devices; 0 if it needs none."""
    return devices + _SPARE_PORTS if machine_family(machine) in {"q35", "virt"} else 0


def add_root_ports(document: Document) -> None:
    """Add to a definition as many ports as are missing to the usual number of spare ones."""
    free = free_root_ports(document)
    if free is None:
        return
    unplaced = sum(
        element.find("address") is None for path in _PLUGGED for element in document.find_all(f"devices/{path}")
    )
    last = max(int(port.get("index", "0")) for port in document.find_all("devices/controller[@type='pci']"))
    for index in range(last + 1, last + 1 + _SPARE_PORTS + unplaced - free):
        document.add("devices", f'<controller type="pci" index="{index}" model="pcie-root-port"/>')


def free_root_ports(document: Document) -> int | None:
    """How many ports nothing is plugged into; None if the machine has no ports."""
    ports = {int(port.get("index", "0")) for port in document.find_all(_PORT)}
    if not ports:
        return None
    addresses = document.find_all("devices/*/address[@type='pci']")
    return len(ports - {int(address.get("bus", "0"), 16) for address in addresses})
