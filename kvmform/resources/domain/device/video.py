"""The video card."""

from __future__ import annotations

from kvmform.resources.domain.rows import AT_START, text
from kvmform.schema import Block

__all__ = ["VIDEO"]

VIDEO = Block(
    doc="The video card.",
    max_items=1,
    xml="devices/video",
    change=AT_START,
    rows={"type": text("`cirrus`, `virtio`, `qxl`, `vga`, `bochs`, …", xml="model/@type", default="cirrus")},
)
