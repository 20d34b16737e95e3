"""Disks: from what a user writes to the places of libvirt's `<disk>` element, and back.

In between stand *places*: a flat object with a value for each place in the element
(`DISK_PLACES`). The template renders it, an update patches it, and `read` compares it.
A volume that is a file is always written as `type='file'` with its path: the security
drivers and snapshots of libvirt do not follow `type='volume'`.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, product
from urllib.parse import urlsplit

from kvmform.host.records import VolumeRecord
from kvmform.resources.domain.equivalence import machine_family
from kvmform.schema import Object, Plain, Row
from kvmform.values.types import BOOL, STRING
from kvmform.xml.codecs import PRESENCE
from kvmform.xml.document import Document
from kvmform.xml.template import render

__all__ = ["DISK_PLACES", "SOURCE_PLACES", "assign_targets", "bus_of", "disk_places", "disk_xml", "is_cdrom"]


def _place(path: str) -> Row:
    return Row(type=STRING, doc=f"The place `{path}` of a disk.", xml=path)


DISK_PLACES: Mapping[str, Row] = {
    "type": _place("@type"),
    "device": _place("@device"),
    "format": _place("driver/@type"),
    "file": _place("source/@file"),
    "block": _place("source/@dev"),
    "pool": _place("source/@pool"),
    "volume": _place("source/@volume"),
    "protocol": _place("source/@protocol"),
    "path": _place("source/@name"),
    "query": _place("source/@query"),
    "host": _place("source/host/@name"),
    "port": _place("source/host/@port"),
    "target": _place("target/@dev"),
    "bus": _place("target/@bus"),
    "serial": _place("serial"),
    "wwn": _place("wwn"),
    "readonly": Row(type=BOOL, doc="Whether the guest can't write to the disk.", xml="readonly", codec=PRESENCE),
}
"""Every place of a `<disk>` element that kvmform writes."""

SOURCE_PLACES = ("type", "file", "block", "pool", "volume", "protocol", "path", "query", "host", "port")
"""Those that say where the content is."""

_PREFIXES = {"virtio": "vd", "ide": "hd"}


def is_cdrom(disk: Object) -> bool:
    """Whether a disk is a CD-ROM drive: its image is a file, or at a URL, that ends in `.iso`."""
    return any(isinstance(source, str) and source.endswith(".iso") for source in (disk.get("file"), disk.get("url")))


def bus_of(disk: Object, machine: Plain) -> str:
    """The bus that a disk is on: virtio, or SCSI where the user says so.

    CD-ROM drives are on the bus that the machine type has by itself: IDE on `pc`, SATA on
    `q35`, and SCSI on those that have neither.
    """
    if disk.get("scsi") is True:
        return "scsi"
    if not is_cdrom(disk):
        return "virtio"
    family = machine_family(machine) if isinstance(machine, str) and machine else "pc"
    return {"pc": "ide", "q35": "sata"}.get(family, "scsi")


def assign_targets(disks: Sequence[Object], machine: Plain, taken: Iterable[str]) -> list[Object]:
    """The same disks, each with a target device name that fits its bus (`vda`, `sda`, `hda`).

    A disk keeps the name that it has; `taken` are names of drives that kvmform did not make.
    """
    prefixes = [_PREFIXES.get(bus_of(disk, machine), "sd") for disk in disks]
    kept = [
        disk["target"] if str(disk.get("target") or "").startswith(prefix) else None
        for disk, prefix in zip(disks, prefixes, strict=True)
    ]
    used = {*taken, *(name for name in kept if name is not None)}
    named: list[Object] = []
    for disk, prefix, name in zip(disks, prefixes, kept, strict=True):
        target = name or next(free for free in _names(prefix) if free not in used)
        used.add(target)
        named.append({**disk, "target": target})
    return named


def _names(prefix: str) -> Iterator[str]:
    """Target names in their order: `vda` to `vdz`, then `vdaa`."""
    letters = chain.from_iterable(product(string.ascii_lowercase, repeat=length) for length in count(1))
    return (prefix + "".join(letter) for letter in letters)


def disk_places(disk: Object, machine: Plain, volume: VolumeRecord | None, pool: str | None = None) -> Object:
    """The places of a disk.

    Args:
        disk: a `disk` block, with its target.
        machine: the domain's machine type.
        volume: the volume of `volume_id`, where that is given.
        pool: the name of that volume's storage pool.
    """
    cdrom = is_cdrom(disk)
    places: Object = dict.fromkeys(DISK_PLACES)
    places |= {
        "device": "cdrom" if cdrom else "disk",
        "format": "raw",
        "target": disk["target"],
        "bus": bus_of(disk, machine),
        "wwn": disk.get("wwn") or None,
        "readonly": cdrom,
    }
    if disk.get("volume_id"):
        places |= _volume_source(disk["volume_id"], volume, pool)
    elif disk.get("url"):
        places |= _url_source(disk["url"])
    elif disk.get("file"):
        places |= {"type": "file", "file": disk["file"], "format": _format_by_name(disk["file"])}
    elif disk.get("block_device"):
        places |= {"type": "block", "block": disk["block_device"]}
    else:
        places |= {"type": "file"}
    return places


def _volume_source(key: str, volume: VolumeRecord | None, pool: str | None) -> Object:
    if volume is None:
        return {"type": "file", "file": key, "format": _format_by_name(key)}
    document = Document.parse(volume.xml)
    source: Object = {"format": document.get("target/format/@type") or "raw"}
    match document.get("@type"):
        case "block":
            return source | {"type": "block", "block": volume.path, "format": "raw"}
        case "network" | "netdir":
            return source | {"type": "volume", "pool": pool, "volume": volume.name}
    return source | {"type": "file", "file": volume.path}


def _url_source(url: str) -> Object:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443, "ftp": 21, "ftps": 990}.get(parts.scheme)
    return {
        "type": "network",
        "protocol": parts.scheme,
        "path": parts.path,
        "query": parts.query or None,
        "host": parts.hostname,
        "port": None if port is None else str(port),
        "format": _format_by_name(parts.path),
    }


def _format_by_name(name: str) -> str:
    return "qcow2" if name.endswith(".qcow2") else "raw"


def disk_xml(places: Object) -> str:
    """The `<disk>` element with these places."""
    return render(__package__, "disk.xml.j2", {"disk": places})
