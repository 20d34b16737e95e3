"""Directories of the host that the guest mounts."""

from __future__ import annotations

from kvmform.resources.domain.rows import AT_START, text
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, STRING
from kvmform.xml.codecs import PRESENCE

__all__ = ["FILESYSTEM"]

FILESYSTEM = Block(
    doc="A directory of the host that the guest mounts by 9p.",
    xml="devices/filesystem",
    match=(("target",),),
    change=AT_START,
    rows={
        "source": Row(
            type=STRING, required=True, change=AT_START, xml="source/@dir", doc="Path of the directory on the host."
        ),
        "target": Row(
            type=STRING, required=True, change=AT_START, xml="target/@dir", doc="Tag by which the guest mounts it."
        ),
        "accessmode": text("`mapped`, `passthrough` or `squash`.", xml="@accessmode", default="mapped"),
        "readonly": Row(
            type=BOOL,
            default=True,
            change=AT_START,
            xml="readonly",
            codec=PRESENCE,
            doc="Whether the guest can't write to it.",
        ),
    },
)
