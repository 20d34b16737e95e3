"""What the inventory knows of the objects of a host. Plain data: nothing of libvirt is in it."""

from __future__ import annotations

from enum import StrEnum

from kvmform.struct import Struct

__all__ = [
    "DomainRecord",
    "Lease",
    "NetworkRecord",
    "PoolRecord",
    "PowerState",
    "Record",
    "SnapshotRecord",
    "VolumeRecord",
    "runs",
]


class PowerState(StrEnum):
    """What a domain does at the moment.

    `CRASHED` is a guest that panicked and is kept for somebody to look at, `ASLEEP` one that
    sleeps in memory; `OTHER` is in between, such as shutting down.
    """

    RUNNING = "running"
    PAUSED = "paused"
    SHUT_OFF = "shut off"
    CRASHED = "crashed"
    ASLEEP = "asleep"
    OTHER = "other"


class Record(Struct):
    """What storage pools, networks and domains have in common.

    `xml` is the persistent definition, what the object will be when it next starts. It is the
    live XML where there is no other: for transient objects, and for networks and storage pools
    of a simulated host. `live_xml` is what an active object is now; None if it is inactive.
    Passwords are in neither.
    """

    uuid: str
    name: str
    active: bool
    persistent: bool
    autostart: bool
    xml: str
    live_xml: str | None


class PoolRecord(Record):
    """A storage pool."""


class NetworkRecord(Record):
    """A network."""


class DomainRecord(Record):
    """A domain. `managed_save`: its memory is saved on disk, and the next start goes on from there."""

    state: PowerState
    managed_save: bool
    has_snapshots: bool


def runs(record: DomainRecord) -> bool:
    """Whether the guest runs, be it paused or asleep; one that crashed doesn't, though its memory is still there."""
    return record.active and record.state is not PowerState.CRASHED


class VolumeRecord(Struct):
    """A storage volume. `key` identifies it on its host; for files it is the path. `pool` is a UUID."""

    key: str
    name: str
    path: str
    pool: str
    xml: str


class SnapshotRecord(Struct):
    """A snapshot of a domain (`domain` is a UUID); `parent` is None for the first of a tree."""

    name: str
    domain: str
    parent: str | None
    current: bool
    xml: str


class Lease(Struct):
    """An address that a network's DHCP server has given away.

    `mac` is in lower case. `expires` is in seconds since 1970 by the host's clock, 0 if never.
    """

    mac: str
    address: str
    prefix: int
    hostname: str | None
    expires: int
