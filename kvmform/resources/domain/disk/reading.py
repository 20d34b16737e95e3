"""Disks as a domain's XML has them, in the words of the record."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.host.host import Host
from kvmform.resources.domain.boot.seeds import SEED_SERIALS
from kvmform.resources.domain.disk.drive import bus_of
from kvmform.resources.domain.disk.locations import is_kept_at, location_of, wanted_location
from kvmform.resources.domain.disk.places import DISK_PLACES, OWN_PLACES
from kvmform.resources.domain.disk.policies import DISK_SOURCES
from kvmform.resources.domain.disk.rows import DISK
from kvmform.resources.domain.shape import shaped
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

__all__ = ["disk_elements", "read_disks", "unrecorded_disks"]

_URL_PROTOCOLS = ("http", "https", "ftp", "ftps")


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


def unrecorded_disks(host: Host, document: Document, known: Sequence[Object]) -> dict[str, Object]:
    """The sources, by target, of the disks in the XML that are not among those known."""
    targets = {disk["target"] for disk in known}
    return {
        places["target"]: _source(host, places) for places in disk_elements(document) if places["target"] not in targets
    }


def _element_of(host: Host, document: Document, disk: Object, elements: Sequence[Object]) -> Object | None:
    """By its target; a record of provider 0.8 has none, so by its content."""
    if disk.get("target"):
        return next((places for places in elements if places["target"] == disk["target"]), None)
    wanted = wanted_location(host, disk)
    return next((places for places in elements if _holds(host, document, places, wanted)), None)


def _holds(host: Host, document: Document, places: Object, wanted: str) -> bool:
    return is_kept_at(host, document, location_of(host, places), wanted)


def _disk(host: Host, document: Document, prior: Object, places: Object) -> Object:
    held = _holds(host, document, places, wanted_location(host, prior))
    disk = shaped(DISK.rows, _in_words_of(host, prior, places), dict.fromkeys(DISK.rows) | prior if prior else {})
    return disk if held else disk | dict.fromkeys(DISK_SOURCES) | {"source": []} | _source(host, places)


def _in_words_of(host: Host, prior: Object, places: Object) -> Object:
    """The rows of a disk but for its source."""
    found = {name: places[name] for name in ("device", "bus", "format", "target", *OWN_PLACES)}
    is_as_said = prior and bus_of(prior, None) == places["bus"]
    found["scsi"] = prior.get("scsi") if is_as_said else places["bus"] == "scsi"
    if places["device"] == "cdrom":  # Nobody can write to them, and some machines have them on SCSI without being told.
        found |= {name: prior.get(name) for name in ("scsi", "readonly")}
    if prior.get("format") and location_of(host, places) != wanted_location(host, prior):
        found["format"] = prior["format"]  # That of an overlay says nothing of the image under it.
    if prior.get("snapshot") == "no" and places["readonly"]:
        found["snapshot"] = "no"  # libvirt doesn't write down what goes without saying.
    if prior.get("iotune") and not places["iotune"]:
        found["iotune"] = [{}]
    return found


def _source(host: Host, places: Object) -> Object:
    location = location_of(host, places)
    match places["type"]:
        case "block":
            return {"block_device": location}
        case "network":
            return _network_source(places)
    volume = host.inventory.volumes.get(location)
    return {"file": location or None} if volume is None else {"volume_id": volume.key}


def _network_source(places: Object) -> Object:
    """As a URL where it can be one."""
    hosts = places["hosts"]
    if places["protocol"] in _URL_PROTOCOLS and len(hosts) == 1:
        port = f":{hosts[0]['port']}" if hosts[0]["port"] else ""
        query = f"?{places['query']}" if places["query"] else ""
        return {"url": f"{places['protocol']}://{hosts[0]['name']}{port}{places['path']}{query}"}
    auth = {name: places[name] for name in ("username", "secret_type", "secret_uuid", "secret_usage")}
    source = {"protocol": places["protocol"], "name": places["path"], "host": hosts}
    return {"source": [source | {"auth": [auth] if any(auth.values()) else []}]}
