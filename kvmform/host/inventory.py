"""What a host has, read once per command and shared by everything that asks.

All objects of a kind are listed together, in a few calls; the XML of one is read when it
is wanted, or of many in parallel after `prefetch`. What kvmform itself writes is read
anew, object by object, so that a thousand creations don't list a thousand times.
"""

from __future__ import annotations

from kvmform.host.operation import Kind
from kvmform.host.records import DomainRecord, NetworkRecord, PoolRecord
from kvmform.host.shelf import Reader, Shelf
from kvmform.host.snapshot_shelf import SnapshotShelf
from kvmform.host.volume_shelf import VolumeShelf

__all__ = ["Inventory"]


class Inventory:
    """Everything a host has, on five shelves.

    ::

        host.inventory.domains.get(uuid)
        host.inventory.pools.named("default")
        host.inventory.volumes.of(pool.uuid)
    """

    __slots__ = ("domains", "networks", "pools", "snapshots", "volumes")

    def __init__(self, read: Reader) -> None:
        self.pools: Shelf[PoolRecord] = Shelf(Kind.POOL, read)
        self.networks: Shelf[NetworkRecord] = Shelf(Kind.NETWORK, read)
        self.domains: Shelf[DomainRecord] = Shelf(Kind.DOMAIN, read)
        self.volumes = VolumeShelf(read)
        self.snapshots = SnapshotShelf(read)

    @property
    def revision(self) -> tuple[int, ...]:
        """Another one after each write to a pool, a volume or a domain: what was made of them all is out of date."""
        return self.pools.revision, self.volumes.revision, self.domains.revision

    def forget(self, kind: Kind, identity: str) -> None:
        """Read an object, and what belongs to it, anew when it is next asked for.

        `identity` is a UUID; of a volume it is the key, of a snapshot the domain's UUID. Nothing is
        known yet of an object whose identity is empty.
        """
        if not identity:
            return
        match kind:
            case Kind.POOL:
                self.pools.forget(identity)
                self.volumes.forget_pool(identity)
            case Kind.NETWORK:
                self.networks.forget(identity)
            case Kind.VOLUME:
                self.volumes.forget(identity)
            case Kind.DOMAIN | Kind.SNAPSHOT:
                self.domains.forget(identity)
                self.snapshots.forget(identity)
            case Kind.HOST:
                return
