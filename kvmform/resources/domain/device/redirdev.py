"""USB devices of the one who looks at the guest's screen."""

from __future__ import annotations

from kvmform.resources.domain.device.chardev import CHARDEV_RULES, chardev_bus, chardev_rows, chardev_unwritten
from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import text
from kvmform.schema import Block, Object

__all__ = ["REDIRDEV"]


def _bus(redirdev: Object) -> Bus:
    return chardev_bus(redirdev, Bus.USB)


_PLUGGED = hot_plugged(_bus)

REDIRDEV = Device(
    name="redirdev",
    bus=_bus,
    unwritten=chardev_unwritten,
    rules=CHARDEV_RULES,
    block=Block(
        doc="A port for a USB device of the SPICE client's machine, or of one that is reached by TCP.",
        xml="devices/redirdev[@bus='usb']",
        match=(("type", "source_host", "source_service"), ("type",)),
        pair_rest=False,
        change=_PLUGGED,
        rows={
            "type": text("`spicevmc`, `tcp` or `unix`.", "@type", _PLUGGED, default="spicevmc"),
            **chardev_rows(_PLUGGED),
        },
    ),
)
