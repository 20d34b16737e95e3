"""Who uses a volume: the domains that have it as a disk, and the linked clones that hold only what differs from it.

All are looked through once, and again only after something was written on the host.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

from kvmform.host.host import Host
from kvmform.host.records import DomainRecord, VolumeRecord
from kvmform.struct import Struct
from kvmform.xml.document import Document

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["Use", "clones_of", "uses_of"]

Place = str | tuple[str | None, str | None]
"""A path, or names of a storage pool and of a volume in it."""


class Use(Struct):
    """A disk of a domain, by the name of its target.

    `running`: of the guest that is active, else of the definition alone. `covered`: the disk's own
    content is in a file over the volume, that of an external snapshot. `readonly`: the guest only reads it.
    """

    domain: DomainRecord
    target: str
    running: bool
    covered: bool
    readonly: bool = False


def uses_of(host: Host, volume: VolumeRecord) -> Iterator[Use]:
    """The disks that have their content in a volume, or in what is over it."""
    pool = host.inventory.pools.get(volume.pool)
    known = _USES.of(host)
    yield from known.get(volume.path, ())
    yield from known.get((pool.name if pool is not None else "", volume.name), ())


def clones_of(host: Host, volume: VolumeRecord) -> Iterator[VolumeRecord]:
    """The volumes, of any active storage pool, that are nothing without this one."""
    yield from _CLONES.of(host).get(volume.path, ())


ItemT = TypeVar("ItemT")


class _Lookup(Generic[ItemT]):
    """What a host has, by place: made anew when the host was written to since."""

    def __init__(self, find: Callable[[Host], Iterator[tuple[Place, ItemT]]]) -> None:
        self._find = find
        self._lock = threading.Lock()
        self._made: WeakKeyDictionary[Host, tuple[tuple[int, ...], Mapping[Place, list[ItemT]]]] = WeakKeyDictionary()

    def of(self, host: Host) -> Mapping[Place, list[ItemT]]:
        """The items of each place."""
        revision = host.inventory.revision
        with self._lock:
            made = self._made.get(host)
            if made is None or made[0] != revision:
                found: dict[Place, list[ItemT]] = {}
                for place, item in self._find(host):
                    found.setdefault(place, []).append(item)
                made = self._made[host] = (revision, found)
            return made[1]


def _find_uses(host: Host) -> Iterator[tuple[Place, Use]]:
    for domain in host.inventory.domains.all():
        for xml, running in ((domain.live_xml, True), (domain.xml, False)):
            for disk in Document.parse(xml).find_all("devices/disk") if xml is not None else ():
                target, source = disk.find("target"), disk.find("source")
                if target is None:
                    continue
                own = _place(source) if source is not None else ""
                below = {_place(each) for each in disk.iterfind(".//backingStore/source")} - {own}
                is_readonly = disk.find("readonly") is not None
                for place in (own, *below):
                    yield place, Use(domain, target.get("dev", ""), running, place != own, is_readonly)


def _place(source: Element) -> Place:
    if source.get("volume") is not None:
        return source.get("pool"), source.get("volume")
    return source.get("file", source.get("dev", ""))


def _find_clones(host: Host) -> Iterator[tuple[Place, VolumeRecord]]:
    for pool in host.inventory.pools.all():
        for volume in host.inventory.volumes.of(pool.uuid):
            if "<backingStore" in volume.xml:
                yield Document.parse(volume.xml).get("backingStore/path") or "", volume


_USES = _Lookup(_find_uses)
_CLONES = _Lookup(_find_clones)
