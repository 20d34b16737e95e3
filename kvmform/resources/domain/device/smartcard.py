"""Smart cards."""

from __future__ import annotations

from kvmform.resources.domain.device.chardev import CHARDEV_RULES, chardev_rows, chardev_unwritten
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.rows import text
from kvmform.resources.domain.policies import at_boot
from kvmform.schema import Block
from kvmform.schema.rules import one_of

__all__ = ["SMARTCARD"]

_AT_START = at_boot("libvirt can't plug smart cards")
_PASSED_THROUGH = ("mode", ("passthrough",))

SMARTCARD = Device(
    name="smartcard",
    unwritten=chardev_unwritten,
    rules=(*CHARDEV_RULES, one_of("mode", ("host", "passthrough"))),
    block=Block(
        doc="A smart card reader.",
        max_items=1,
        xml="devices/smartcard",
        match=(("mode",),),
        change=_AT_START,
        rows={
            "mode": text(
                "`passthrough` for a card of the client's, `host` for the host's.",
                "@mode",
                _AT_START,
                default="passthrough",
            ),
            "type": text(
                "How `passthrough` is reached: `spicevmc`, `tcp`, …",
                "@type",
                _AT_START,
                default="spicevmc",
                only_with=_PASSED_THROUGH,
            ),
            **chardev_rows(_AT_START),
        },
    ),
)
