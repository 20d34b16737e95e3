"""Disks as a domain's XML has them, in the words of the record."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.host.host import Host
from kvmform.resources.domain.boot.seeds import SEED_SERIALS
from kvmform.resources.domain.disk.locations import is_kept_at, location_of, wanted_location
from kvmform.resources.domain.disk.places import DISK_PLACES
from kvmform.resources.domain.disk.rows import DISK
from kvmform.resources.domain.shape import shaped
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

__all__ = ["disk_elements", "read_disks"]

_DISK_SOURCES = ("volume_id", "url", "file", "block_device")


def disk_elements(document: Document) -> list[Object]:
    """The places of every disk in the XML, but for the drives of seeds."""
    found = [read_rows(element, DISK_PLACES) for element in document.find_all("devices/disk")]
    return [places for places in found if places["serial"] not in SEED_SERIALS]


def read_disks(host: Host, document: Document, prior: Object) -> list[Object]:
    """The disks of the record that are in the XML; all of them where there is no record of any."""
    elements = disk_elements(document)
    if "disk" not in prior:
        return [_disk(host, document, {}, places) for places in elements]
    found = []
    for disk in prior["disk"] or ():
        places = _element_of(host, document, disk, elements)
        if places is not None:
            elements.remove(places)
            found.append(_disk(host, document, disk, places))
    return found


def _element_of(host: Host, document: Document, disk: Object, elements: Sequence[Object]) -> Object | None:
    """By its target; a record of provider 0.8 has none, so by its content."""
    if disk.get("target"):
        return next((places for places in elements if places["target"] == disk["target"]), None)
    wanted = wanted_location(host, disk)
    return next((places for places in elements if _holds(host, document, places, wanted)), None)


def _holds(host: Host, document: Document, places: Object, wanted: str) -> bool:
    return is_kept_at(host, document, location_of(host, places), wanted)


def _disk(host: Host, document: Document, prior: Object, places: Object) -> Object:
    is_scsi = places["bus"] == "scsi"
    if places["device"] == "cdrom":
        is_scsi = prior.get("scsi")  # Some machines have their drives on SCSI without being told.
    found: Object = {"scsi": is_scsi, "wwn": places["wwn"], "target": places["target"]}
    disk = shaped(DISK.rows, found, prior)
    if _holds(host, document, places, wanted_location(host, prior)):
        return disk
    return disk | dict.fromkeys(_DISK_SOURCES) | _source(host, places)


def _source(host: Host, places: Object) -> Object:
    location = location_of(host, places)
    match places["type"]:
        case "block":
            return {"block_device": location}
        case "network":
            port = f":{places['port']}" if places["port"] else ""
            query = f"?{places['query']}" if places["query"] else ""
            return {"url": f"{places['protocol']}://{places['host']}{port}{places['path']}{query}"}
    volume = host.inventory.volumes.get(location)
    return {"file": location or None} if volume is None else {"volume_id": volume.key}
