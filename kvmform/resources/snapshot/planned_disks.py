"""The disks that a snapshot will capture, as the plan has them."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.resources.elements import elements
from kvmform.resources.snapshot.disks import CapturedDisk, disks_of
from kvmform.resources.snapshot.kinds import existing_domain, planned_domain
from kvmform.schema import Check, Object, Plain
from kvmform.values.model import Unknown
from kvmform.xml.document import Document

__all__ = ["disks_at_hand", "is_more_to_come"]


def disks_at_hand(check: Check[Host]) -> list[CapturedDisk]:
    """The disks that would be captured: as planned where the configuration has the domain, else as they are."""
    planned = planned_domain(check)
    if planned is not None:
        return [
            found for number, disk in enumerate(elements(planned["disk"]), 1) for found in _planned(check, disk, number)
        ]
    record = existing_domain(check)
    return disks_of(record) if record is not None else []


def is_more_to_come(check: Check[Host]) -> bool:
    """Whether the domain will have disks of which too little is known yet, or nobody can tell what it will have."""
    planned = planned_domain(check)
    if planned is None:
        return existing_domain(check) is None
    if not isinstance(planned["disk"], list):
        return True
    return any(_format_of(check, disk) is None and not _is_cdrom(disk) for disk in planned["disk"])


def _planned(check: Check[Host], disk: Object, number: int) -> Iterator[CapturedDisk]:
    """A planned disk, if it will be captured, and its format is known."""
    format_ = _format_of(check, disk)
    if format_ is None or disk.get("readonly") is True or _is_cdrom(disk):
        return
    source = next(iter(elements(disk.get("source"))), None)
    image = disk.get("volume_id") or disk.get("file") or disk.get("block_device") or (source or {}).get("name") or ""
    yield CapturedDisk(
        target=disk.get("target") or f"number {number}",
        format=format_,
        source=_shown(image),
        type="network" if source is not None else "block" if disk.get("block_device") else "file",
        snapshot=disk.get("snapshot") if isinstance(disk.get("snapshot"), str) else None,
        shareable=disk.get("shareable") is True,
    )


def _is_cdrom(disk: Object) -> bool:
    device, file = disk.get("device"), disk.get("file")
    return device == "cdrom" or (device is None and isinstance(file, str) and file.endswith(".iso"))


def _shown(image: Plain) -> str:
    return image.prefix if isinstance(image, Unknown) else str(image)


def _format_of(check: Check[Host], disk: Object) -> str | None:
    """The format of a planned disk's image; None where it can't be told yet."""
    volume = disk.get("volume_id")
    if isinstance(disk.get("format"), str):
        return str(disk["format"])
    if volume is None:
        file = disk.get("file")
        if isinstance(file, str):
            return "qcow2" if file.endswith(".qcow2") else "raw"
        return "raw" if isinstance(disk.get("block_device"), str) else None
    place = volume.prefix if isinstance(volume, Unknown) else volume
    for other in check.others("libvirt_volume"):
        own = other["id"].prefix if isinstance(other["id"], Unknown) else other["id"]
        if place and own == place:
            return other["format"] if isinstance(other["format"], str) else None
    record = check.host.inventory.volumes.get(volume) if isinstance(volume, str) else None
    return Document.parse(record.xml).get("target/format/@type") if record is not None else None
