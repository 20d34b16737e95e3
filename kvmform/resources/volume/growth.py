"""Give a volume more room, and tell the guests that run with it."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import DiagnosticError, error
from kvmform.host.devices import resize_block
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.records import VolumeRecord
from kvmform.host.volumes import create_volume, delete_volume, resize_volume
from kvmform.resources.volume.schema import SCHEMA
from kvmform.resources.volume.users import uses_of
from kvmform.schema import Check, Problem
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_rows, read_rows

__all__ = ["check_growth", "grow"]


def check_growth(check: Check[Host]) -> Iterator[Problem]:
    """Whether a volume that is to grow can, and whoever has it will see that."""
    if check.observed is None or not any(edit.path == ("size",) for edit in check.edits):
        return
    record = check.host.inventory.volumes.get(check.observed.object["id"])
    if record is None:
        return
    for use in uses_of(check.host, record):
        if use.covered:
            detail = (
                f'The domain "{use.domain.name}" has its disk {use.target} in the file of a snapshot over this volume, '
                "which stays as small as it is. Delete the snapshot first."
            )
        elif use.running and use.readonly:
            detail = (
                f'The guest of the domain "{use.domain.name}" runs with the volume as its disk {use.target}, and can '
                "only read it; libvirt can't give such a disk another size. Shut the guest off first (running = "
                "false), or take the disk from it."
            )
        else:
            continue
        yield Problem(("size",), error("Volume can't grow now", detail))
        return


def grow(host: Host, record: VolumeRecord, capacity: int) -> None:
    """Make a volume as large as this, in bytes; done if it is.

    Raises:
        DiagnosticError: it is larger; libvirt refuses.
    """
    document = Document.parse(record.xml)
    present = read_rows(document.root, SCHEMA.rows)["size"]
    if present == capacity:
        return
    if present > capacity:
        raise DiagnosticError.of(
            "Volume can't shrink",
            f"{record.key} has {present} bytes, and was to have {capacity}. That would cut off data, so nothing was "
            "done.",
        )
    if not host.can(Feature.VOLUME_RESIZE):
        # A simulated host: its volumes hold nothing, so one that is made again is the same one grown.
        patch_rows(document.root, SCHEMA.rows, {"size": capacity})
        delete_volume(host, record.key)
        create_volume(host, record.pool, document.text)
        return
    users = [use for use in uses_of(host, record) if use.running and not use.covered]
    for user in users:
        resize_block(host, user.domain.uuid, user.target, capacity)
        host.inventory.volumes.forget(record.key, record.pool)
    if not users:
        resize_volume(host, record.key, capacity)
