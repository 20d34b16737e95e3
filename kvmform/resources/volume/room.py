"""How much room a storage pool has left."""

from __future__ import annotations

from kvmform.host.host import Host
from kvmform.host.pools import refresh_pool
from kvmform.xml.codecs import BYTES
from kvmform.xml.document import Document

__all__ = ["noted_room", "room_left"]


def noted_room(xml: str | None) -> int:
    """The bytes that were left when libvirt last looked, from the XML of an active pool."""
    text = Document.parse(xml).get("available") if xml is not None else None
    return int(BYTES.decode(text)) if text is not None else 0


def room_left(host: Host, pool: str, wanted: int) -> int | None:
    """The bytes that are left in the pool of this name; None where that can't be told: it is not active, or not there.

    What libvirt noted may be old. So it looks again where less than `wanted` seems to be left.
    """
    record = host.inventory.pools.named(pool)
    if record is None or not record.active:
        return None
    left = noted_room(record.live_xml)
    if left >= wanted:
        return left
    refresh_pool(host, record.uuid)
    record = host.inventory.pools.get(record.uuid)
    return noted_room(record.live_xml) if record is not None else None
