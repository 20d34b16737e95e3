"""Deleting a snapshot with all that belongs to it: its data, its files, and what libvirt has written down.

What an external snapshot's files hold goes into the file below them: libvirt commits it, with that file as the base,
and never further down, so that an image which several disks share is not written to.
"""

from __future__ import annotations

from kvmform.host.errors import HostError, InvalidStateError
from kvmform.host.files import delete_file
from kvmform.host.host import Host
from kvmform.host.power import power_off_domain, start_domain
from kvmform.host.snapshot_files import disk_files, is_external, memory_file
from kvmform.host.snapshots import delete_snapshot

__all__ = ["delete_external_snapshots", "remove_snapshot"]


def remove_snapshot(host: Host, domain: str, name: str) -> None:
    """Delete a snapshot of a domain (by UUID); those that follow it stay. Done if it is gone already.

    Raises:
        HostError: it can't be deleted, as the domain is now.
    """
    snapshot = host.inventory.snapshots.get(domain, name)
    if snapshot is None:
        return
    memory = memory_file(snapshot)
    if memory is not None:
        delete_file(host, memory)  # libvirt leaves it behind.
    followers = [other for other in host.inventory.snapshots.of(domain) if other.parent == name]
    record = host.inventory.domains.get(domain)
    if record is None or record.active or not followers or not is_external(snapshot):
        delete_snapshot(host, domain, name)
        return
    # Of a domain that is off, libvirt deletes external snapshots only from the end: it knows no chain of images then.
    if record.managed_save:
        raise InvalidStateError.of(
            f'Cannot delete snapshot "{name}"',
            f'The memory of "{record.name}" is saved, and others follow this external snapshot: it can be deleted '
            "only while the guest runs, or after those that follow. Start the guest first.",
        )
    try:
        start_domain(host, domain, paused=True)
        delete_snapshot(host, domain, name)
    finally:
        power_off_domain(host, domain)


def delete_external_snapshots(host: Host, domain: str) -> list[str]:
    """Put the images of a domain that is off together again, before it goes.

    Returns the files of snapshots that libvirt can't delete; they are left where they are.
    """
    left: list[str] = []
    for snapshot in reversed(host.inventory.snapshots.of(domain)):
        if not is_external(snapshot):
            continue
        try:
            remove_snapshot(host, domain, snapshot.name)
        except HostError:
            left += disk_files(snapshot)
    return left
