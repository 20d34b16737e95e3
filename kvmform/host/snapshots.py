"""Snapshots of domains: thin verbs. Domains are named by UUID, their snapshots by name."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.elements import name_in
from kvmform.host.errors import NotFoundError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation
from kvmform.host.records import PowerState

__all__ = ["create_snapshot", "delete_snapshot", "redefine_snapshot", "revert_to_snapshot"]


def create_snapshot(
    host: Host,
    domain: str,
    xml: str,
    *,
    disk_only: bool = False,
    quiesce: bool = False,
) -> str:
    """Make a snapshot of a domain as it is at this moment. Returns its name.

    Args:
        host: where the domain is.
        domain: its UUID.
        xml: `<domainsnapshot>`; says whether memory is kept, and per disk whether it is internal or external.
        disk_only: keep the disks only, in files of their own, not the memory of a running guest.
        quiesce: let the guest agent freeze the file systems meanwhile; only with `disk_only`.

    Raises:
        HostError: NameTakenError; UnsupportedError, for example for an internal snapshot of a raw disk.
    """
    flags = 0
    if disk_only:
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC
    if quiesce:
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE
    return host.write(
        Operation(f'make the snapshot "{name_in(xml)}" of', Kind.DOMAIN, domain),
        lambda connection: str(connection.domain(domain).snapshotCreateXML(xml, flags).getName()),
    )


def redefine_snapshot(host: Host, domain: str, xml: str, *, current: bool) -> None:
    """Change what libvirt has written down of a snapshot (its description); the data stays as it is.

    `xml` is the snapshot's own, patched; `current`: whether the domain goes on from it.

    Raises:
        HostError: it can't be changed.
    """
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE
    if current:
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT
    host.write(
        Operation(f'describe the snapshot "{name_in(xml)}" of', Kind.DOMAIN, domain),
        lambda connection: connection.domain(domain).snapshotCreateXML(xml, flags),
    )


def revert_to_snapshot(
    host: Host,
    domain: str,
    name: str,
    *,
    state: PowerState | None = None,
    force: bool = False,
) -> None:
    """Take a domain back to a snapshot: its disks, its definition, and its memory if that was kept.

    Args:
        host: where the domain is.
        domain: its UUID.
        name: of the snapshot.
        state: `RUNNING` or `PAUSED` to have it in that state afterwards; None for the one in the snapshot.
        force: also if the guest must be powered off for it.

    Raises:
        HostError: NotFoundError; UnsupportedError if the snapshot is external and libvirt is old.
    """
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE if force else 0
    match state:
        case PowerState.RUNNING:
            flags |= libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING
        case PowerState.PAUSED:
            flags |= libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED
        case _:
            pass

    def revert(connection: Connection) -> None:
        handle = connection.domain(domain)
        handle.revertToSnapshot(handle.snapshotLookupByName(name, 0), flags)

    host.write(Operation(f'revert to the snapshot "{name}" of', Kind.DOMAIN, domain), revert)


def delete_snapshot(
    host: Host,
    domain: str,
    name: str,
    *,
    with_children: bool = False,
    only_metadata: bool = False,
) -> None:
    """Delete a snapshot, and all that descend from it if `with_children`. Done if it is gone already.

    Without `with_children` its children become those of its parent. They are deleted leaf first, one
    call each: libvirtd 9.0 crashes on its own flag for that where the tree branches.
    `only_metadata` makes libvirt forget it and leaves the data in the image.

    Raises:
        HostError: it can't be deleted.
    """
    has_data = not host.is_simulated  # The test driver, which keeps metadata only, does not know the flag.
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_METADATA_ONLY if only_metadata and has_data else 0

    def delete(connection: Connection) -> None:
        handle = connection.domain(domain)
        snapshot = handle.snapshotLookupByName(name, 0)
        for one in _leaf_first(snapshot) if with_children else (snapshot,):
            one.delete(flags)

    with suppress(NotFoundError):
        host.write(Operation(f'delete the snapshot "{name}" of', Kind.DOMAIN, domain), delete)


def _leaf_first(snapshot: Any) -> list[Any]:
    """The descendants of a snapshot, each before its parent, and at the end itself."""
    ordered = []
    for child in snapshot.listAllChildren(0):
        ordered.extend(_leaf_first(child))
    ordered.append(snapshot)
    return ordered
