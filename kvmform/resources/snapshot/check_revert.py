"""What reverting to a snapshot would run into, and what it brings back."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import Diagnostic, error, warning
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.records import DomainRecord, SnapshotRecord
from kvmform.host.snapshot_files import is_external
from kvmform.resources.snapshot.definition import disks_in, has_hot_plugged_vcpus, is_redefined, returning
from kvmform.schema import Check, Problem
from kvmform.xml.document import Document

__all__ = ["check_revert", "obstacles", "told_of_definition"]


def check_revert(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of a snapshot whose `revert` has a new text."""
    domain, name = check.planned["domain_id"], check.planned["name"]
    snapshot, record = check.host.inventory.snapshots.get(domain, name), check.host.inventory.domains.get(domain)
    if snapshot is None or record is None:
        return
    yield from map(_problem, obstacles(check.host, record, snapshot))
    told = told_of_definition(record, snapshot)
    if told is not None:
        yield _problem(told)


def _problem(diagnostic: Diagnostic) -> Problem:
    return Problem(("revert",), diagnostic)


def obstacles(host: Host, domain: DomainRecord, snapshot: SnapshotRecord) -> Iterator[Diagnostic]:
    """Why the domain can't be reverted to the snapshot, or would be left broken by that."""
    if is_external(snapshot) and not host.can(Feature.EXTERNAL_REVERT):
        detail = (
            f'"{snapshot.name}" is an external snapshot, in files of its own, and libvirt on this host can\'t revert '
            "to those; libvirt 9.9 and later can. Take snapshots inside the images: with memory, or of a guest that "
            "is off."
        )
        yield error("Revert not supported", detail)
    document = Document.parse(snapshot.xml)
    if document.get("state") in {"running", "paused"} and has_hot_plugged_vcpus(document.find("domain")):
        detail = (
            f'When "{snapshot.name}" was taken, processors had been added to the running guest. QEMU can\'t load '
            "memory that was saved so, and reverting would leave the guest off. Take a new snapshot after a reboot."
        )
        yield error("Revert to memory with plugged processors", detail)
    for disk in disks_in(snapshot):
        if disk.type == "file" and not _is_there(host, domain, disk.source):
            detail = (
                f"The disk {disk.target} was {disk.source} when the snapshot was taken, and that image is gone. "
                "libvirt would take the other disks back and stop there. Put the image back, or delete the snapshot."
            )
            yield error("Image of a snapshot is gone", detail)


def _is_there(host: Host, domain: DomainRecord, path: str) -> bool:
    """Whether an image is a disk of the domain still, or a volume of the host; what is in no pool can't be told."""
    if f"'{path}'" in domain.xml or host.inventory.volumes.get(path) is not None:
        return True
    directory = path.rpartition("/")[0]
    return not any(
        (Document.parse(pool.xml).get("target/path") or "").rstrip("/") == directory
        for pool in host.inventory.pools.all()
    )


def told_of_definition(domain: DomainRecord, snapshot: SnapshotRecord) -> Diagnostic | None:
    """What comes back beside the disks' content, where that differs from what is."""
    if not is_redefined(domain, snapshot):
        return None
    back, gone = returning(domain, snapshot)
    disks = [f"the disk {target} comes back to the guest" for target in back]
    disks += [f"the disk {target}, which is newer, is taken away from it" for target in gone]
    detail = (
        f'The definition of "{domain.name}" was changed since the snapshot was taken, and comes back with it'
        f"{': ' if disks else ''}{'; '.join(disks)}. The next plan shows what then differs from the configuration; "
        "apply that too."
    )
    if back:
        detail += " A disk that is not in the configuration any more stays until somebody takes it away."
    return warning("Reverting takes the definition back too", detail)
