"""Images that can't hold the snapshot that is planned, and files that can't be made for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.snapshot.disks import CapturedDisk, default_file, disks_of
from kvmform.resources.snapshot.kinds import NONE, elements, existing_domain, planned_domain
from kvmform.schema import Check, Object, Plain, Problem
from kvmform.values.model import Unknown
from kvmform.xml.document import Document

__all__ = ["check_images"]


def check_images(check: Check[Host], *, external: bool) -> Iterator[Problem]:
    """What the disks of the domain, as planned or as they are, don't allow."""
    disks = list(_disks(check))
    yield from _check_targets(check, disks, external=external)
    yield from _check_files(check, disks) if external else _check_formats(disks)


def _check_targets(check: Check[Host], disks: list[CapturedDisk], *, external: bool) -> Iterator[Problem]:
    known = {disk.target for disk in disks}
    for index, block in enumerate(elements(check.planned["disk"])):
        target, path = block["target"], ("disk", index)
        if known and isinstance(target, str) and target not in known:
            detail = f'The domain has no disk "{target}" that can be captured; it has {", ".join(sorted(known))}.'
            yield Problem((*path, "target"), error("No such disk", detail))
        if not external and (block["file"] or block["snapshot"] not in {None, "internal"}):
            detail = (
                "This is an internal snapshot: it is kept inside the images, and in all of them, as libvirt takes no "
                "other. Write external = true to choose disk by disk, and to name files."
            )
            yield Problem(path, error("Disk of an internal snapshot", detail))
        if external and block["snapshot"] == "internal":
            detail = "This is an external snapshot; libvirt does not mix. Leave out external, or this."
            yield Problem((*path, "snapshot"), error("Disk of an external snapshot", detail))


def _check_formats(disks: list[CapturedDisk]) -> Iterator[Problem]:
    """An internal snapshot needs images that can hold one: qcow2."""
    for disk in disks:
        if disk.format == "raw":
            detail = (
                f"The disk {disk.target} ({disk.source}) is raw, and a raw image can't hold a snapshot. Give its "
                'volume format = "qcow2"; or have the disks go on in files of their own: external = true, for a '
                "running guest together with memory = false."
            )
            yield Problem(("domain_id",), error("Snapshot of a raw disk", detail))


def _check_files(check: Check[Host], disks: list[CapturedDisk]) -> Iterator[Problem]:
    """The files that the disks would go on in: each has a place, none is taken."""
    name, own = check.planned["name"], {block["target"]: block for block in elements(check.planned["disk"])}
    files: dict[str, str] = {}
    for disk in disks:
        block = own.get(disk.target)
        if block is not None and block["snapshot"] == NONE:
            continue
        file = block["file"] if block is not None else None
        if file is None and disk.type != "file":
            detail = (
                f"The disk {disk.target} ({disk.source}) is no file, so there is no place beside it that it could go "
                f'on in. Name one: disk {{ target = "{disk.target}", file = "/…" }}; or leave the disk out, with '
                f'snapshot = "{NONE}".'
            )
            yield Problem(("domain_id",), error("No place for an external snapshot", detail))
        elif isinstance(name, str) and not isinstance(file, Unknown) and (file or disk.source):
            files[disk.target] = file or default_file(disk.source, name)
    replaced = check.observed.object["files"] if check.observed is not None else ()
    for target, file in files.items():
        taken = Counter(files.values())[file] > 1
        if taken or (file not in (replaced or ()) and check.host.inventory.volumes.get(file) is not None):
            owner = "another disk would go on in it too" if taken else "there is a volume of this path already"
            detail = f"The disk {target} would go on in {file}, and {owner}. Name another file in a disk block."
            yield Problem(("domain_id",), error("File of a snapshot is taken", detail))


def _disks(check: Check[Host]) -> Iterator[CapturedDisk]:
    planned = planned_domain(check)
    if planned is not None:
        for index, disk in enumerate(elements(planned["disk"])):
            image = disk.get("volume_id") or disk.get("file") or disk.get("block_device") or ""
            format_ = _format_of(check, disk)
            if format_ is not None:
                kind = "block" if disk.get("block_device") else "file"
                yield CapturedDisk(disk.get("target") or f"number {index + 1}", format_, _shown(image), kind)
        return
    record = existing_domain(check)
    if record is not None:
        yield from disks_of(record)


def _shown(image: Plain) -> str:
    return image.prefix if isinstance(image, Unknown) else str(image)


def _format_of(check: Check[Host], disk: Object) -> str | None:
    """The format of a planned disk's image; None where it can't be told yet, or is not captured."""
    volume = disk.get("volume_id")
    if volume is None:
        file = disk.get("file")
        if isinstance(file, str) and not file.endswith(".iso"):
            return "qcow2" if file.endswith(".qcow2") else "raw"
        return "raw" if isinstance(disk.get("block_device"), str) else None
    place = volume.prefix if isinstance(volume, Unknown) else volume
    for other in check.others("libvirt_volume"):
        own = other["id"].prefix if isinstance(other["id"], Unknown) else other["id"]
        if place and own == place:
            return other["format"] if isinstance(other["format"], str) else None
    record = check.host.inventory.volumes.get(volume) if isinstance(volume, str) else None
    return Document.parse(record.xml).get("target/format/@type") if record is not None else None
