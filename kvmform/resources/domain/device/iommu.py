"""The guest's own IOMMU, by which it can hand its devices on."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import flag, number, text
from kvmform.resources.domain.policies import at_boot
from kvmform.schema import Block
from kvmform.schema.rules import one_of
from kvmform.xml.codecs import ON_OFF

__all__ = ["IOMMU"]

_AT_START = at_boot("an IOMMU is part of the mainboard")
_INTEL = ("model", ("intel",))

IOMMU = Device(
    name="iommu",
    sole=True,
    rules=(one_of("model", ("intel", "virtio", "smmuv3")),),
    block=Block(
        doc="An IOMMU in the guest.",
        max_items=1,
        xml="devices/iommu",
        change=_AT_START,
        rows={
            "model": text("`intel` (`q35`), `virtio`, or `smmuv3` (`virt`).", "@model", _AT_START, default="intel"),
            "intremap": flag(
                "Remap interrupts; needs the feature of a split IOAPIC.",
                "driver/@intremap",
                _AT_START,
                codec=ON_OFF,
                only_with=_INTEL,
            ),
            "caching_mode": flag(
                "Let the guest hand its devices on to guests of its own.",
                "driver/@caching_mode",
                _AT_START,
                codec=ON_OFF,
                only_with=_INTEL,
            ),
            "eim": flag(
                "Interrupts for more than 255 processors.", "driver/@eim", _AT_START, codec=ON_OFF, only_with=_INTEL
            ),
            "iotlb": flag("Cache translations in devices.", "driver/@iotlb", _AT_START, codec=ON_OFF, only_with=_INTEL),
            "aw_bits": number("Width of addresses, in bits.", "driver/@aw_bits", _AT_START, only_with=_INTEL),
        },
    ),
)
