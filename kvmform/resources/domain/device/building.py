"""The devices of a new domain, rendered through their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import build_element

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["build_device", "device_texts", "ports_taken"]


def build_device(device: Device, value: Object) -> Element:
    """The element of one device."""
    return build_element(device.block, device.told(value))


def device_texts(devices: tuple[Device, ...], domain: Object) -> list[str]:
    """The XML of each device that a new domain has."""
    return [_text(build_device(device, value)) for device in devices for value in device.wanted(domain)]


def _text(element: Element) -> str:
    document = Document(element)
    document.indent()
    return document.text


def ports_taken(devices: tuple[Device, ...], domain: Object) -> int:
    """How many PCI Express ports the blocks of a domain take."""
    return sum(
        device.bus(value) in {Bus.PCI_EXPRESS, Bus.SHARED_MEMORY}
        for device in devices
        for value in domain[device.name] or ()
    )
