"""The verbs of `libvirt_snapshot`."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.host.power import start_domain
from kvmform.host.records import DomainRecord, PowerState, SnapshotRecord
from kvmform.host.snapshots import create_snapshot, delete_snapshot, redefine_snapshot, revert_to_snapshot
from kvmform.resources.snapshot.disks import captured_disks
from kvmform.resources.snapshot.schema import SCHEMA
from kvmform.schema import Edit, Object, Observed, Operation, Proposal
from kvmform.values.model import Unknown
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_rows, read_rows
from kvmform.xml.template import render

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


def _object(record: SnapshotRecord, prior: Object) -> Object:
    found = read_rows(Document.parse(record.xml).root, SCHEMA.rows)
    return {
        **found,
        "id": f"{record.domain}/{record.name}",
        "name": record.name,
        "domain_id": record.domain,
        "memory": prior.get("memory"),
        "revert": prior.get("revert"),
        "current": record.current,
    }


def create(operation: Operation[Host], planned: Object) -> Object:
    """Take the snapshot; one that an interrupted run took is kept."""
    host, domain, name = operation.host, planned["domain_id"], planned["name"]
    if host.inventory.snapshots.get(domain, name) is None:
        record = _domain(host, domain)
        running = record.state in {PowerState.RUNNING, PowerState.PAUSED}
        if planned["memory"] and not running:
            detail = f'The guest "{record.name}" is not running, so there is no memory to keep. Start it, or leave out '
            raise DiagnosticError.of("Snapshot without memory", f"{detail}memory = true.")
        disk_only = running and planned["memory"] is False
        targets = [disk.target for disk in captured_disks(record)]
        values = {**planned, "disk_only": disk_only, "targets": targets}
        create_snapshot(host, domain, render(__package__, "snapshot.xml.j2", values), disk_only=disk_only)
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
        record = host.inventory.snapshots.get(domain, name)
        assert record is not None
        document = Document.parse(record.xml)
        patch_rows(document.root, SCHEMA.rows, {"description": planned["description"]})
        redefine_snapshot(host, domain, document.text, current=record.current)
    if "revert" in edited and planned["revert"] is not None:
        _revert(operation, domain, name)
    return _as_it_is(host, {**prior, **planned})


def _revert(operation: Operation[Host], domain: str, name: str) -> None:
    """Take the guest back; one that ran runs again afterwards, also from a snapshot without memory."""
    host, record = operation.host, _domain(operation.host, domain)
    state = PowerState.RUNNING if record.state is PowerState.RUNNING else None
    operation.progress(f"reverting {record.name}", None, None)
    revert_to_snapshot(host, domain, name, state=state, force=True)
    if state is not None and not _domain(host, domain).active:
        start_domain(host, domain)  # The test driver only says that it does.


def delete(operation: Operation[Host], prior: Object) -> None:
    """Delete the snapshot; those that follow it stay."""
    if operation.host.inventory.domains.get(prior["domain_id"]) is not None:
        delete_snapshot(operation.host, prior["domain_id"], prior["name"])
