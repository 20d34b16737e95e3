"""Directories of the host that the guest mounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from kvmform.diagnostics import error, warning
from kvmform.host.host import Host
from kvmform.resources.domain.device.device import Bus, Device
from kvmform.resources.domain.device.policies import hot_plugged
from kvmform.resources.domain.device.rows import flag, number, text
from kvmform.resources.domain.rows import AT_START
from kvmform.schema import Block, Check, Object, Path, Problem, Row
from kvmform.schema.rules import at_least, one_of
from kvmform.values.types import BOOL, STRING
from kvmform.xml.codecs import ON_OFF, PRESENCE

__all__ = ["FILESYSTEM"]

_VIRTIOFS = "virtiofs"
_READ_ONLY_SINCE = (11, 0, 0)
"""The libvirt that has virtiofs for reading alone."""


def _bus(filesystem: Object) -> Bus:
    return Bus.SHARED_MEMORY if filesystem["driver_type"] == _VIRTIOFS else Bus.SOLDERED


def _check(check: Check[Host], path: Path, filesystem: Object) -> Iterator[Problem]:
    """What is said must be so, and the directory must be there when the guest starts."""
    host, source = check.host, filesystem["source"]
    is_locked = filesystem["driver_type"] == _VIRTIOFS and filesystem["readonly"] is True
    if is_locked and not host.is_simulated and host.libvirt_version < _READ_ONLY_SINCE:
        version = ".".join(map(str, host.libvirt_version))
        detail = (
            f"libvirt {version} has virtiofs only for reading and writing; from version 11 on it can be for reading "
            'alone. Write readonly = false, and let the guest mount it by "-o ro"; or leave driver_type out, for 9p.'
        )
        yield Problem((*path, "readonly"), error("virtiofs can't be read only", detail))
    if host.is_local and isinstance(source, str) and not FilePath(source).is_dir():
        detail = f"{source} is no directory of the host. The guest starts only when it is there."
        yield Problem((*path, "source"), warning("Directory not found", detail))


_9P = ("driver_type", (None, "", "path", "handle"))
_FS = ("driver_type", (_VIRTIOFS,))

FILESYSTEM = Device(
    name="filesystem",
    bus=_bus,
    key=("target",),
    offered={"driver_type": "filesystem/driverType"},
    check=_check,
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
        change=hot_plugged(_bus),
        rows={
            "accessmode": text("`mapped`, `passthrough` or `squash`.", "@accessmode", default="mapped", only_with=_9P),
            "multidevs": text(
                "What to do where the directory spans file systems: `remap`, `forbid` or `warn`.",
                "@multidevs",
                only_with=_9P,
            ),
            "driver_type": text("`path` (9p), which it is if unset, or `virtiofs`.", "driver/@type"),
            "queue": number("Length of the request queue, for `virtiofs`.", "driver/@queue", only_with=_FS),
            "binary_path": text("Path of virtiofsd on the host.", "binary/@path", only_with=_FS),
            "xattr": flag("Whether virtiofsd keeps extended attributes.", "binary/@xattr", only_with=_FS, codec=ON_OFF),
            "cache": text(
                "What virtiofsd lets the guest keep: `none` or `always`.", "binary/cache/@mode", only_with=_FS
            ),
            "source": Row(
                type=STRING, required=True, change=AT_START, xml="source/@dir", doc="Path of the directory on the host."
            ),
            "target": Row(
                type=STRING, required=True, change=AT_START, xml="target/@dir", doc="Tag by which the guest mounts it."
            ),
            "readonly": Row(
                type=BOOL,
                default=True,
                change=AT_START,
                xml="readonly",
                codec=PRESENCE,
                doc="Whether the guest can't write to it; by virtiofs only from libvirt 11 on.",
            ),
        },
    ),
)
