"""Where the content of a disk is, asked of the host: one text for each place, however it is written."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.host import Host
from kvmform.host.records import VolumeRecord
from kvmform.host.snapshot_files import files_below
from kvmform.resources.domain.disk.places import PORTS, SOURCE_PLACES, disk_places
from kvmform.schema import Object
from kvmform.xml.document import Document

__all__ = ["content_path", "is_kept_at", "location_of", "places_of", "wanted_location"]

_LONGEST_CHAIN = 64


def places_of(host: Host, disk: Object, machine: str | None) -> Object:
    """The places of a disk, with the path and format of its volume as they are on the host now."""
    key = disk.get("volume_id")
    volume = host.inventory.volumes.get(key) if key else None
    pool = host.inventory.pools.get(volume.pool) if volume is not None else None
    return disk_places(disk, machine, volume, pool.name if pool is not None else None)


def content_path(host: Host, identity: str) -> str:
    """The path of a volume by its key; what is no volume's key is a path already.

    The ids of seeds are a key and a revision, with a semicolon in between.
    """
    key = identity.partition(";")[0]
    volume = host.inventory.volumes.get(key)
    return volume.path if volume is not None else key


def location_of(host: Host, places: Object) -> str:
    """Where the disk with these places has its content."""
    match places["type"]:
        case "file":
            return str(places["file"] or "")
        case "block":
            return str(places["block"] or "")
        case "volume":
            volume = _named_volume(host, places["pool"] or "", places["volume"] or "")
            return volume.path if volume is not None else f"{places['pool']}/{places['volume']}"
    words = (str(places[name]) for name in SOURCE_PLACES if name != "hosts" and places[name])
    return " ".join((*words, *(_server(host, places["protocol"]) for host in places["hosts"] or ())))


def _server(host: Object, protocol: str) -> str:
    return str(host["socket"] or f"{host['name']}:{host['port'] or PORTS.get(protocol)}")


def wanted_location(host: Host, disk: Object) -> str:
    """Where a `disk` block says that the content is."""
    key = disk.get("volume_id")
    if key and key.startswith("/"):
        return str(key)
    return location_of(host, places_of(host, {**disk, "target": ""}, None))


def is_kept_at(host: Host, document: Document, location: str, wanted: str) -> bool:
    """Whether a disk with its content at a location is the one that is wanted.

    After an external snapshot it is at an overlay over the wanted image. That chain is in the
    XML of a running domain, in that of volumes, and in what libvirt has written down of the snapshots.
    """
    if location == wanted:
        return True
    for disk in document.find_all("devices/disk"):
        source = disk.find("source")
        if source is not None and source.get("file") == location:
            below = {item.get("file") for item in disk.iterfind(".//backingStore/source")}
            return (
                wanted in below
                or wanted in _backing_files(host, location)
                or wanted in files_below(host.inventory.snapshots.of(document.get("uuid") or ""), location)
            )
    return False


def _backing_files(host: Host, location: str) -> Iterator[str]:
    for _ in range(_LONGEST_CHAIN):
        volume = host.inventory.volumes.get(location)
        backing = Document.parse(volume.xml).get("backingStore/path") if volume is not None else None
        if backing is None:
            return
        yield backing
        location = backing


def _named_volume(host: Host, pool: str, name: str) -> VolumeRecord | None:
    record = host.inventory.pools.named(pool)
    return host.inventory.volumes.named(record.uuid, name) if record is not None else None
