"""Serial ports beside the console's."""

from __future__ import annotations

from kvmform.resources.domain.device.chardev import CHARDEV_RULES, chardev_bus, chardev_rows, chardev_unwritten
from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import text
from kvmform.schema import Block, Object
from kvmform.schema.rules import one_of

__all__ = ["SERIAL"]

_TARGET_TYPES = (
    *("isa-serial", "usb-serial", "pci-serial", "spapr-vio-serial", "system-serial", "sclp-serial", "isa-debugcon"),
)


_BUSES = {"usb-serial": Bus.USB, "pci-serial": Bus.PCI}


def _bus(serial: Object) -> Bus:
    return chardev_bus(serial, _BUSES.get(serial["target_type"], Bus.SOLDERED))


_PLUGGED = hot_plugged(_bus)

SERIAL = Device(
    name="serial",
    bus=_bus,
    unwritten=chardev_unwritten,
    rules=(*CHARDEV_RULES, one_of("target_type", _TARGET_TYPES)),
    block=Block(
        doc="A serial port; the first one is the guest's console too.",
        xml="devices/serial",
        match=(("target_type", "target_port"), ("target_type", "type"), ("target_type",)),
        change=_PLUGGED,
        rows={
            "type": text("`pty`, `tcp`, `unix`, `file`, `udp`, `dev`, …", "@type", _PLUGGED, default="pty"),
            **chardev_rows(_PLUGGED),
            "target_type": text(
                "`isa-serial`, `usb-serial`, `pci-serial`, …; the machine's usual one if unset.",
                "target/@type",
                _PLUGGED,
            ),
            "target_port": text(
                "Number of the port in the guest; the next free one if unset.", "target/@port", _PLUGGED
            ),
        },
    ),
)
