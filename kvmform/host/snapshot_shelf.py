"""The snapshots of a host's domains, read per domain when wanted."""

from __future__ import annotations

import threading

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.elements import parse, text_of
from kvmform.host.errors import NotFoundError
from kvmform.host.operation import Kind, Operation
from kvmform.host.records import SnapshotRecord
from kvmform.host.shelf import Reader

__all__ = ["SnapshotShelf"]


class SnapshotShelf:
    """The snapshots of all domains. Safe for use by any number of threads."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._records: dict[str, tuple[SnapshotRecord, ...]] = {}
        self._writes: dict[str, int] = {}

    def of(self, domain: str) -> tuple[SnapshotRecord, ...]:
        """All snapshots of a domain (by UUID), each after its parent; none if the domain is gone.

        Raises:
            HostError: the host can't be read.
        """
        with self._lock:
            if domain in self._records:
                return self._records[domain]
            write = self._writes.get(domain, 0)
        operation = Operation("list the snapshots of", Kind.DOMAIN, name=domain)
        try:
            records = self._read(operation, lambda connection: _read_tree(connection, domain))
        except NotFoundError:
            return ()
        with self._lock:
            if self._writes.get(domain, 0) == write:
                self._records[domain] = records
        return records

    def get(self, domain: str, name: str) -> SnapshotRecord | None:
        """One snapshot of a domain (by UUID); None if there is none of this name.

        Raises:
            HostError: the host can't be read.
        """
        return next((record for record in self.of(domain) if record.name == name), None)

    def forget(self, domain: str) -> None:
        """Read the snapshots of this domain anew when they are next asked for."""
        with self._lock:
            self._writes[domain] = self._writes.get(domain, 0) + 1
            self._records.pop(domain, None)


def _read_tree(connection: Connection, domain: str) -> tuple[SnapshotRecord, ...]:
    handle = connection.domain(domain)
    snapshots = handle.listAllSnapshots(libvirt.VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL)
    if not snapshots:
        return ()
    current = str(handle.snapshotCurrent(0).getName()) if handle.hasCurrentSnapshot(0) else None
    records = []
    for snapshot in snapshots:
        name, xml = str(snapshot.getName()), str(snapshot.getXMLDesc(0))
        parent = text_of(parse(xml), "parent/name") or None
        records.append(SnapshotRecord(name, domain, parent, name == current, xml))
    return tuple(records)
