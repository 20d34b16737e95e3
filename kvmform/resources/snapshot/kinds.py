"""The two kinds of snapshots: internal (within the images), and external (images in files of their own).

What is off is snapshotted internally, and so is a running guest with its memory; only the
disks of a running guest go into files of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.host.records import PowerState, SnapshotRecord
from kvmform.schema import Check, Object
from kvmform.xml.document import Document

__all__ = ["is_external", "planned_domain", "will_run", "with_other_kind"]

_EXTERNAL = "disk-snapshot"
"""What libvirt calls the state of a guest in an external snapshot."""


def is_external(snapshot: Object, *, running: bool) -> bool:
    """Whether a snapshot is external, or will be if it is taken of a guest that runs or doesn't."""
    state = snapshot["state"]
    return state == _EXTERNAL if isinstance(state, str) else snapshot["memory"] is False and running


def planned_domain(check: Check[Host]) -> Object | None:
    """The domain of the snapshot, if this configuration has it."""
    return next((d for d in check.others("libvirt_domain") if d["id"] == check.planned["domain_id"]), None)


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
    replaced = check.observed.object["name"] if check.observed is not None else None
    for record in check.host.inventory.snapshots.of(domain) if isinstance(domain, str) else ():
        if record.name != replaced and (_state_of(record) == _EXTERNAL) is not own:
            yield record.name


def _state_of(record: SnapshotRecord) -> str | None:
    return Document.parse(record.xml).get("state")
