"""What kind of drive a `disk` block is: its device, its bus, and its name on that bus."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, product

from kvmform.resources.domain.equivalence import machine_family
from kvmform.schema import Object, Plain

__all__ = ["BUSES", "DEVICES", "HOT_BUSES", "PLACES_ON_BUS", "assign_targets", "bus_of", "device_of", "has_medium"]

DEVICES = ("disk", "cdrom", "floppy", "lun")
BUSES = ("virtio", "scsi", "sata", "ide", "usb", "fdc")
"""libvirt's names."""

HOT_BUSES = frozenset({"virtio", "scsi", "usb"})
"""Those that QEMU plugs drives into while the guest runs."""

PLACES_ON_BUS = {"ide": 4, "fdc": 2}
"""How many drives a bus takes that can't be had twice."""

_PREFIXES = {"virtio": "vd", "ide": "hd", "fdc": "fd"}


def device_of(disk: Object) -> str:
    """`device` as it is written; else a CD-ROM drive where the image, a file or at a URL, ends in `.iso`."""
    if isinstance(disk.get("device"), str) and disk["device"]:
        return str(disk["device"])
    is_iso = any(isinstance(source, str) and source.endswith(".iso") for source in (disk.get("file"), disk.get("url")))
    return "cdrom" if is_iso else "disk"


def has_medium(disk: Object) -> bool:
    """Whether it is a drive whose medium can be taken out."""
    return device_of(disk) in {"cdrom", "floppy"}


def bus_of(disk: Object, machine: Plain) -> str:
    """The bus that a disk is on: as it is written, else virtio for disks, and FDC for floppies.

    CD-ROM drives are on the bus that the machine type has by itself: IDE on `pc`, SATA on
    `q35`, and SCSI on those that have neither.
    """
    if isinstance(disk.get("bus"), str) and disk["bus"]:
        return str(disk["bus"])
    device = device_of(disk)
    if disk.get("scsi") is True or device == "lun":
        return "scsi"
    if device != "cdrom":
        return "fdc" if device == "floppy" else "virtio"
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
