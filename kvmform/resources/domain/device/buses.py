"""The buses of a running guest, and whether there is room on them."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.resources.domain.device.device import Bus
from kvmform.resources.domain.device.root_ports import free_root_ports
from kvmform.schema import Plain
from kvmform.xml.document import Document

__all__ = ["bus_facts", "obstacle"]

_USB_PORTS = {"piix3-uhci": 2, "piix4-uhci": 2, "ehci": 6, "ich9-ehci1": 6, "vt82c686b-uhci": 2, "pci-ohci": 3}
_USUAL_USB_PORTS = 4
"""Of xHCI controllers, which can be made with more."""


def bus_facts(document: Document) -> dict[str, Plain]:
    """What policies need to know about the buses of a running guest.

    `free_ports`: PCI Express ports, None on a machine that has slots; `free_usb_ports`, None without USB;
    `virtio_serial`: whether it has a controller for channels; `shared_memory`: whether programs of the host see its
    memory.
    """
    return {
        "free_ports": free_root_ports(document),
        "free_usb_ports": _free_usb_ports(document),
        "shared_memory": document.get("memoryBacking/access/@mode") == "shared"
        or document.find("cpu/numa/cell[@memAccess='shared']") is not None,
        "virtio_serial": document.find("devices/controller[@type='virtio-serial']") is not None,
    }


def obstacle(bus: Bus, facts: Mapping[str, Plain]) -> str | None:
    """Why nothing can be plugged in there while the guest runs; None where it can."""
    match bus:
        case Bus.SOLDERED:
            return "it can't be plugged"
        case Bus.PCI if facts.get("free_ports") is not None:
            return "the machine has no slots of conventional PCI"
        case Bus.SHARED_MEMORY if not facts.get("shared_memory"):
            return "the guest's memory is not shared with the host"
        case Bus.SHARED_MEMORY if not facts.get("control_groups"):
            return "libvirt plugs it only on a host with control groups"  # libvirtd 9.0.0 crashes without.
        case Bus.PCI_EXPRESS | Bus.SHARED_MEMORY if facts.get("free_ports") == 0:
            return "the guest has no free PCI Express ports"
        case Bus.USB if not facts.get("free_usb_ports"):
            return "the guest has no free USB ports"
        case Bus.VIRTIO_SERIAL if not facts.get("virtio_serial"):
            return "the guest has no virtio-serial controller"
    return None


def _free_usb_ports(document: Document) -> int | None:
    controllers = document.find_all("devices/controller[@type='usb']")
    ports = {}
    for controller in controllers:
        if controller.get("model") == "none" or controller.find("master") is not None:
            continue  # A companion shares the ports of its master.
        usual = _USB_PORTS.get(controller.get("model", ""), _USUAL_USB_PORTS)
        ports[controller.get("index", "0")] = int(controller.get("ports", usual))
    if not ports:
        return None
    return sum(ports.values()) - len(document.find_all("devices/*/address[@type='usb']"))
