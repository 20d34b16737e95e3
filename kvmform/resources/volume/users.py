"""Who uses a volume: the domains that have it as a disk, and the linked clones that hold only what differs from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kvmform.host.host import Host
from kvmform.host.records import DomainRecord, VolumeRecord
from kvmform.struct import Struct
from kvmform.xml.document import Document

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["Use", "clones_of", "uses_of"]

_WRITTEN_OTHERWISE = frozenset("&<>'\"")
"""Characters that XML has otherwise."""


class Use(Struct):
    """A disk of a domain, by the name of its target.

    `running`: of the guest that is active, else of the definition alone. `covered`: the disk's own
    content is in a file over the volume, that of an external snapshot.
    """

    domain: DomainRecord
    target: str
    running: bool
    covered: bool


def uses_of(host: Host, volume: VolumeRecord) -> Iterator[Use]:
    """The disks that have their content in a volume, or in what is over it."""
    pool = host.inventory.pools.get(volume.pool)
    place = (pool.name if pool is not None else "", volume.name)
    for domain in host.inventory.domains.all():
        for xml, running in ((domain.live_xml, True), (domain.xml, False)):
            if xml is None or not _may_have(xml, volume.name):
                continue
            for disk in Document.parse(xml).find_all("devices/disk"):
                target, source = disk.find("target"), disk.find("source")
                if target is None:
                    continue
                if source is not None and _is(source, volume, place):
                    yield Use(domain, target.get("dev", ""), running, covered=False)
                elif any(_is(below, volume, place) for below in disk.iterfind(".//backingStore/source")):
                    yield Use(domain, target.get("dev", ""), running, covered=True)


def _is(source: Element, volume: VolumeRecord, place: tuple[str, str]) -> bool:
    if source.get("volume") is not None:
        return (source.get("pool"), source.get("volume")) == place
    return source.get("file", source.get("dev")) == volume.path


def clones_of(host: Host, volume: VolumeRecord) -> Iterator[VolumeRecord]:
    """The volumes, of any active storage pool, that are nothing without this one."""
    for pool in host.inventory.pools.all():
        for other in host.inventory.volumes.of(pool.uuid):
            if _may_have(other.xml, volume.path) and Document.parse(other.xml).get("backingStore/path") == volume.path:
                yield other


def _may_have(xml: str, text: str) -> bool:
    """Whether XML is worth parsing: most has nothing of the text, and a glance costs much less."""
    return text in xml or not _WRITTEN_OTHERWISE.isdisjoint(text)
