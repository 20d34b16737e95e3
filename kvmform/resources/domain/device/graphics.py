"""The graphical console."""

from __future__ import annotations

from kvmform.resources.domain.rows import AT_START, text
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, NUMBER
from kvmform.xml.codecs import Words

__all__ = ["GRAPHICS"]

GRAPHICS = Block(
    doc="A graphical console; without this block the guest has none.",
    max_items=1,
    xml="devices/graphics",
    change=AT_START,
    rows={
        "type": text("`spice` or `vnc`.", xml="@type", default="spice"),
        "autoport": Row(
            type=BOOL,
            default=True,
            change=AT_START,
            xml="@autoport",
            codec=Words("yes", "no", absent=True),
            doc="Let libvirt choose the TCP port.",
        ),
        "listen_type": text("`none`, `address`, `network` or `socket`.", xml="listen/@type", default="none"),
        "listen_address": text(
            "Address to listen at, for `listen_type` `address`.", xml="listen/@address", default="127.0.0.1"
        ),
        "websocket": Row(
            type=NUMBER, change=AT_START, xml="@websocket", doc="Port for VNC over WebSocket; -1 chooses one."
        ),
    },
)
