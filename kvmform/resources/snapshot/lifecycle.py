"""The verbs of `libvirt_snapshot`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.host.records import DomainRecord, SnapshotRecord
from kvmform.host.snapshot_deletion import remove_snapshot
from kvmform.host.snapshot_files import snapshot_files
from kvmform.host.snapshots import redefine_snapshot
from kvmform.resources.snapshot.reverting import revert
from kvmform.resources.snapshot.schema import SCHEMA
from kvmform.resources.snapshot.taking import take
from kvmform.schema import Edit, Object, Observed, Operation, Proposal
from kvmform.values.model import Unknown
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_rows, read_rows

__all__ = ["create", "delete", "find", "propose", "read", "update"]


def propose(proposal: Proposal) -> Object:
    """The id is known beforehand, as domain and name are."""
    planned = dict(proposal.planned)
    domain, name = planned["domain_id"], planned["name"]
    if proposal.observed is None and not isinstance(domain, Unknown) and not isinstance(name, Unknown):
        planned["id"] = f"{domain}/{name}"
    return planned


def find(host: Host, meant: str) -> Object | None:
    """The snapshot `DOMAIN/NAME`, where the domain is given by name or UUID."""
    domain, _, name = meant.partition("/")
    record = host.inventory.domains.named(domain) or host.inventory.domains.get(domain)
    snapshot = host.inventory.snapshots.get(record.uuid, name) if record is not None else None
    return None if snapshot is None else {"domain_id": snapshot.domain, "name": snapshot.name}


def read(host: Host, prior: Object) -> Observed | None:
    """The snapshot with the domain and the name that `prior` has."""
    domain, name = prior.get("domain_id"), prior.get("name")
    if not isinstance(domain, str) or not isinstance(name, str):
        return None
    record = host.inventory.snapshots.get(domain, name)
    return None if record is None else Observed(_object(record, prior))


_AS_WRITTEN = ("memory", "external", "memory_file", "quiesce", "revert")
"""Arguments that say how the snapshot was taken, and that libvirt does not keep."""


def _object(record: SnapshotRecord, prior: Object) -> Object:
    found = read_rows(Document.parse(record.xml).root, SCHEMA.rows)
    return {
        **found,
        **{name: prior.get(name) for name in _AS_WRITTEN},
        "id": f"{record.domain}/{record.name}",
        "name": record.name,
        "domain_id": record.domain,
        "disk": prior.get("disk") or [],
        "files": snapshot_files(record),
        "created": _created(record),
        "current": record.current,
    }


def _created(record: SnapshotRecord) -> str | None:
    seconds = Document.parse(record.xml).get("creationTime")
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else None


def create(operation: Operation[Host], planned: Object) -> Object:
    """Take the snapshot; one that an interrupted run took is kept.

    Raises:
        DiagnosticError: it can't be taken.
    """
    host, domain = operation.host, planned["domain_id"]
    if host.inventory.snapshots.get(domain, planned["name"]) is None:
        take(operation, _domain(host, domain), planned)
    return _as_it_is(host, planned)


def _domain(host: Host, uuid: str) -> DomainRecord:
    record = host.inventory.domains.get(uuid)
    if record is None:
        detail = f"There is no domain with the UUID {uuid} on the host. domain_id must be the id of a libvirt_domain."
        raise DiagnosticError.of("Domain not found", detail)
    return record


def _as_it_is(host: Host, planned: Object) -> Object:
    observed = read(host, planned)
    assert observed is not None
    return observed.object


def update(operation: Operation[Host], prior: Object, planned: Object, edits: Sequence[Edit]) -> Object:
    """Change the description; take the guest back where `revert` asks for it."""
    host, domain, name = operation.host, planned["domain_id"], planned["name"]
    edited = {edit.path[0] for edit in edits}
    if "description" in edited:
        snapshot = host.inventory.snapshots.get(domain, name)
        assert snapshot is not None
        document = Document.parse(snapshot.xml)
        patch_rows(document.root, SCHEMA.rows, {"description": planned["description"]})
        redefine_snapshot(host, domain, document.text, current=snapshot.current)
    if "revert" in edited and planned["revert"] is not None:
        record = _domain(host, domain)
        operation.progress(f"reverting {record.name}", None, None)
        revert(host, record, name)
    return _as_it_is(host, {**prior, **planned})


def delete(operation: Operation[Host], prior: Object) -> None:
    """Delete the snapshot and its files; those that follow it stay.

    Raises:
        HostError: it can't be deleted, as the domain is now.
    """
    if operation.host.inventory.domains.get(prior["domain_id"]) is not None:
        remove_snapshot(operation.host, prior["domain_id"], prior["name"])
