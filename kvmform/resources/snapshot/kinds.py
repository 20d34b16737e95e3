"""The two kinds of snapshots: internal (within the images), and external (in files of their own).

Where the configuration doesn't choose, what is off is snapshotted internally, and so is a
running guest with its memory; only the disks of a running guest go into files of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.host.records import DomainRecord, PowerState
from kvmform.host.snapshot_files import is_external as is_external_there
from kvmform.resources.elements import elements
from kvmform.schema import Check, Object

__all__ = [
    "existing_domain",
    "is_external",
    "keeps_memory",
    "planned_domain",
    "wants_external",
    "will_run",
    "with_other_kind",
]

EXTERNAL, NONE = "external", "no"
"""libvirt's words for how a disk is captured; the third is "internal"."""


def wants_external(snapshot: Object, *, running: bool) -> bool:
    """Whether a snapshot is external if it is taken now, of a guest that runs or doesn't."""
    if isinstance(snapshot["external"], bool):
        return snapshot["external"]
    own = any(disk["file"] or disk["snapshot"] == EXTERNAL for disk in elements(snapshot["disk"]))
    return own or bool(snapshot["memory_file"]) or (snapshot["memory"] is False and running)


def is_external(snapshot: Object, *, running: bool) -> bool:
    """Whether a snapshot is external, or will be."""
    files = snapshot["files"]
    return bool(files) if isinstance(files, list) else wants_external(snapshot, running=running)


def keeps_memory(snapshot: Object, *, running: bool, external: bool) -> bool:
    """Whether the memory is kept; by itself only within an image."""
    if isinstance(snapshot["memory"], bool):
        return snapshot["memory"]
    return running and (not external or bool(snapshot["memory_file"]))


def planned_domain(check: Check[Host]) -> Object | None:
    """The domain of the snapshot, if this configuration has it."""
    return next((d for d in check.others("libvirt_domain") if d["id"] == check.planned["domain_id"]), None)


def existing_domain(check: Check[Host]) -> DomainRecord | None:
    """The domain of the snapshot, if it is there already and stays."""
    uuid = check.planned["domain_id"]
    if not isinstance(uuid, str) or uuid in check.leaving("libvirt_domain"):
        return None
    return check.host.inventory.domains.get(uuid)


def will_run(check: Check[Host]) -> bool:
    """Whether the guest runs by the time that the snapshot is taken."""
    planned = planned_domain(check)
    if planned is not None:
        return planned["running"] is not False
    uuid = check.planned["domain_id"]
    record = check.host.inventory.domains.get(uuid) if isinstance(uuid, str) else None
    return record is None or record.state in {PowerState.RUNNING, PowerState.PAUSED}


def with_other_kind(check: Check[Host], *, running: bool) -> Iterator[str]:
    """Names of the domain's other snapshots, there or planned, that are of the other kind."""
    domain, own = check.planned["domain_id"], is_external(check.planned, running=running)
    for other in check.others("libvirt_snapshot"):
        if other["domain_id"] == domain and is_external(other, running=running) is not own:
            yield str(other["name"])
    leaving = set(check.leaving("libvirt_snapshot"))
    replaced = check.observed.object["name"] if check.observed is not None else None
    for record in check.host.inventory.snapshots.of(domain) if isinstance(domain, str) else ():
        if record.name == replaced or f"{domain}/{record.name}" in leaving:
            continue
        if is_external_there(record) is not own:
            yield record.name
