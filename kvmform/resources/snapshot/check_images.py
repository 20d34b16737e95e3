"""Images that can't hold the snapshot that is planned, and files that can't be made for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.resources.elements import elements
from kvmform.resources.snapshot.disks import CapturedDisk, default_file
from kvmform.resources.snapshot.kinds import NONE
from kvmform.resources.snapshot.planned_disks import disks_at_hand, is_more_to_come
from kvmform.schema import Check, Problem
from kvmform.values.model import Unknown

__all__ = ["check_images"]


def check_images(check: Check[Host], *, external: bool, memory: bool) -> Iterator[Problem]:
    """What the disks of the domain, as planned or as they are, don't allow."""
    disks = disks_at_hand(check)
    alone = external and memory
    if not (alone or _is_any_selected(check, disks, external=external)) and check.host.can(Feature.EXTERNAL_SNAPSHOT):
        detail = (
            "The domain has no disk that would be captured: none at all, or each is read-only, or is left out. A "
            "snapshot without a disk can only keep memory in a file of its own (external = true, memory = true)."
        )
        yield Problem(("domain_id",), error("Nothing to capture", detail))
    yield from _check_targets(check, disks, external=external)
    yield from _check_files(check, disks) if external else _check_internal(disks)


def _is_any_selected(check: Check[Host], disks: list[CapturedDisk], *, external: bool) -> bool:
    """Whether a disk is captured, or may be; of an internal snapshot all are."""
    if not external:
        return bool(disks) or is_more_to_come(check)
    own = {block["target"]: block["snapshot"] for block in elements(check.planned["disk"])}
    return is_more_to_come(check) or any((own.get(disk.target) or disk.snapshot) != NONE for disk in disks)


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


def _check_internal(disks: list[CapturedDisk]) -> Iterator[Problem]:
    """An internal snapshot is of all disks, and needs images that can hold one: qcow2."""
    for disk in disks:
        if disk.snapshot not in {None, "internal"}:
            detail = (
                f'The disk {disk.target} has snapshot = "{disk.snapshot}" in the domain, and an internal snapshot is '
                "kept in the images of all disks. Leave that out; or have the disks go on in files of their own: "
                "external = true, for a running guest together with memory = false."
            )
            yield Problem(("domain_id",), error("Disk of an internal snapshot", detail))
        elif disk.format == "raw":
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
        block = own.get(disk.target, {"file": None, "snapshot": None})
        if (block["snapshot"] or disk.snapshot) == NONE:
            continue
        file = block["file"]
        if disk.shareable:
            detail = (
                f"The disk {disk.target} ({disk.source}) is shareable, and several guests can't share the qcow2 file "
                f'that it would go on in. Leave it out: disk {{ target = "{disk.target}", snapshot = "{NONE}" }}.'
            )
            yield Problem(("domain_id",), error("Snapshot of a shared disk", detail))
        elif file is None and disk.type != "file":
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
