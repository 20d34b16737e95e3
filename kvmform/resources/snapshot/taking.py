"""Taking a snapshot: what libvirt is told, worked out from the domain as it is at that moment."""

from __future__ import annotations

from pathlib import PurePosixPath

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.host.records import DomainRecord, PowerState
from kvmform.host.snapshots import create_snapshot
from kvmform.resources.elements import elements
from kvmform.resources.snapshot.agent import will_quiesce
from kvmform.resources.snapshot.disks import CapturedDisk, disks_of
from kvmform.resources.snapshot.kinds import EXTERNAL, NONE, keeps_memory, wants_external
from kvmform.schema import Object, Operation
from kvmform.xml.template import render

__all__ = ["default_memory_file", "take"]


def take(operation: Operation[Host], record: DomainRecord, planned: Object) -> None:
    """Take the snapshot of a domain.

    Raises:
        DiagnosticError: the guest is not in the power state that it must be in; libvirt refuses.
    """
    running = record.state in {PowerState.RUNNING, PowerState.PAUSED}
    external = wants_external(planned, running=running)
    memory = keeps_memory(planned, running=running, external=external)
    if memory and not running:
        detail = f'The guest "{record.name}" is not running, so there is no memory to keep. Start it, or leave out '
        raise DiagnosticError.of("Snapshot without memory", f"{detail}memory = true.")
    disks = disks_of(record)
    values = {
        **planned,
        "external": external,
        "memory_file": (planned["memory_file"] or default_memory_file(record, disks, planned["name"]))
        if external and memory
        else None,
        "disks": _disks(disks, elements(planned["disk"]), external=external),
    }
    create_snapshot(
        operation.host,
        record.uuid,
        render(__package__, "snapshot.xml.j2", values),
        disk_only=external and not memory,
        quiesce=external and not memory and running and will_quiesce(operation, record, planned["quiesce"]),
    )


def _disks(disks: list[CapturedDisk], written: list[Object], *, external: bool) -> list[Object]:
    """Each disk with what becomes of it; none where libvirt captures all by itself."""
    if not external and not written:
        return []
    own = {disk["target"]: disk for disk in written}
    kind = EXTERNAL if external else "internal"
    return [
        {
            "target": disk.target,
            "snapshot": told.get("snapshot") or (NONE if disk.snapshot == NONE else kind),
            "file": told.get("file"),
        }
        for disk in disks
        for told in (own.get(disk.target, {}),)
    ]


def default_memory_file(record: DomainRecord, disks: list[CapturedDisk], name: str) -> str:
    """Where an external snapshot keeps the memory if nobody says: beside the first image.

    Raises:
        DiagnosticError: the domain has no image in a file.
    """
    image = next((disk.source for disk in disks if disk.type == "file" and disk.source), None)
    if image is None:
        detail = f'No disk of "{record.name}" is a file, so there is no place beside one. Give memory_file a path.'
        raise DiagnosticError.of("No place for the memory", detail)
    return str(PurePosixPath(image).with_name(f"{record.name}.{name}.memory"))
