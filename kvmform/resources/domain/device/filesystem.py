"""Directories of the host that the guest mounts."""

from __future__ import annotations

from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import number, text
from kvmform.schema import Block, Object, Row
from kvmform.schema.rules import at_least, one_of
from kvmform.values.types import BOOL, STRING
from kvmform.xml.codecs import PRESENCE

__all__ = ["FILESYSTEM"]

_VIRTIOFS = "virtiofs"


def _bus(filesystem: Object) -> Bus:
    return Bus.PCI_EXPRESS if filesystem["driver_type"] == _VIRTIOFS else Bus.SOLDERED


_PLUGGED = hot_plugged(_bus)
_9P = ("driver_type", (None, "", "path", "handle"))
_FS = ("driver_type", (_VIRTIOFS,))

FILESYSTEM = Device(
    name="filesystem",
    bus=_bus,
    key=("target",),
    offered={"driver_type": "filesystem/driverType"},
    rules=(
        one_of("driver_type", ("", "path", "handle", _VIRTIOFS)),
        one_of("accessmode", ("", "mapped", "passthrough", "squash")),
        one_of("multidevs", ("default", "remap", "forbid", "warn")),
        one_of("cache", ("none", "always")),
        at_least("queue", 1),
    ),
    block=Block(
        doc="A directory of the host that the guest mounts by 9p, or by virtiofs.",
        xml="devices/filesystem[@type='mount']",
        match=(("target",),),
        change=_PLUGGED,
        rows={
            "accessmode": text(
                "`mapped`, `passthrough` or `squash`.", "@accessmode", _PLUGGED, default="mapped", only_with=_9P
            ),
            "multidevs": text(
                "What to do where the directory spans file systems: `remap`, `forbid` or `warn`.",
                "@multidevs",
                _PLUGGED,
                only_with=_9P,
            ),
            "driver_type": text("`path` (9p), which it is if unset, or `virtiofs`.", "driver/@type", _PLUGGED),
            "queue": number("Length of the request queue, for `virtiofs`.", "driver/@queue", _PLUGGED, only_with=_FS),
            "binary_path": text("Path of virtiofsd on the host.", "binary/@path", _PLUGGED, only_with=_FS),
            "cache": text(
                "What virtiofsd lets the guest keep: `none` or `always`.", "binary/cache/@mode", _PLUGGED, only_with=_FS
            ),
            "source": Row(
                type=STRING, required=True, change=_PLUGGED, xml="source/@dir", doc="Path of the directory on the host."
            ),
            "target": Row(
                type=STRING, required=True, change=_PLUGGED, xml="target/@dir", doc="Tag by which the guest mounts it."
            ),
            "readonly": Row(
                type=BOOL,
                default=True,
                change=_PLUGGED,
                xml="readonly",
                codec=PRESENCE,
                only_with=_9P,
                doc="Whether the guest can't write to it; virtiofs can't say so.",
            ),
        },
    ),
)
