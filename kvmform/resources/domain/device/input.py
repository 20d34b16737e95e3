"""Keyboards, mice and tablets."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import text
from kvmform.schema import Block, Object, Row
from kvmform.schema.rules import one_of
from kvmform.values.types import STRING

__all__ = ["INPUT"]


def _bus(element: Object) -> Bus:
    return {"usb": Bus.USB, "virtio": Bus.PCI_EXPRESS}.get(element["bus"], Bus.SOLDERED)


_PLUGGED = hot_plugged(_bus)

INPUT = Device(
    name="input",
    bus=_bus,
    rules=(
        one_of("type", ("tablet", "mouse", "keyboard", "passthrough", "evdev")),
        one_of("bus", ("usb", "virtio", "ps2")),
    ),
    block=Block(
        doc="A keyboard, mouse or tablet; a PC has a keyboard and a mouse by itself.",
        xml="devices/input",
        match=(("type", "bus"),),
        pair_rest=False,
        change=_PLUGGED,
        rows={
            "type": Row(
                type=STRING,
                required=True,
                xml="@type",
                change=_PLUGGED,
                doc="`tablet`, `mouse`, `keyboard`; `passthrough` (virtio) or `evdev` for a device of the host.",
            ),
            "bus": text(
                "`usb`, `virtio` or `ps2`.",
                "@bus",
                _PLUGGED,
                default="usb",
                only_with=("type", ("tablet", "mouse", "keyboard", "passthrough")),
            ),
            "source_dev": text(
                "Device of the host, for `evdev`.", "source/@dev", _PLUGGED, only_with=("type", ("evdev",))
            ),
            "source_evdev": text(
                "Device of the host, for `passthrough`.",
                "source/@evdev",
                _PLUGGED,
                only_with=("type", ("passthrough",)),
            ),
        },
    ),
)
