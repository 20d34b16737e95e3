"""Disks that are in snapshots: what becomes of those when such a disk is taken away or exchanged."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error, warning
from kvmform.host.host import Host
from kvmform.host.snapshot_files import captured_targets, is_external
from kvmform.schema import Check, Path, Problem

__all__ = ["check_captured_disks"]

_SOURCES = {"volume_id", "url", "file", "block_device", "target"}


def check_captured_disks(check: Check[Host]) -> Iterator[Problem]:
    """An external snapshot can't be deleted any more without its disks; an internal one not be reverted to."""
    observed = check.observed
    record = check.host.inventory.domains.get(observed.object["id"]) if observed is not None else None
    touched = dict(_touched(check))
    if record is None or not record.has_snapshots or not touched or check.replace:
        return
    leaving = set(check.leaving("libvirt_snapshot"))
    staying = [
        each for each in check.host.inventory.snapshots.of(record.uuid) if f"{each.domain}/{each.name}" not in leaving
    ]
    for target, path in touched.items():
        names = [each.name for each in staying if target in captured_targets(each)]
        if any(is_external(each) for each in staying if each.name in names):
            detail = (
                f"The disk {target} is in external snapshots of the domain ({', '.join(names)}): it goes on in files "
                "of theirs, and libvirt puts them together with the image again only while the domain has the disk. "
                "Delete the snapshots first, or with the same apply."
            )
            yield Problem(path, error("Disk is in a snapshot", detail))
        elif names:
            detail = (
                f"The disk {target} is in snapshots of the domain ({', '.join(names)}). Reverting to one of them "
                "brings the disk back to the guest as it was then; once its image is gone, they can't be reverted to."
            )
            yield Problem(path, warning("Disk is in a snapshot", detail))


def _touched(check: Check[Host]) -> Iterator[tuple[str, Path]]:
    """Targets of the disks that are taken away or exchanged, each with the place to show."""
    before = check.observed.object["disk"] if check.observed is not None else ()
    for edit in check.edits:
        match edit.path:
            case ("disk", int()) if edit.after is None:
                yield edit.before["target"], ("disk",)
            case ("disk", int(index), str(name)) if name in _SOURCES:
                target = edit.before if name == "target" else check.planned["disk"][index]["target"]
                if any(disk["target"] == target for disk in before):
                    yield target, ("disk", index)
