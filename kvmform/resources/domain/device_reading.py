"""Disks and network interfaces as a domain's XML has them, in the words of the record."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.host.host import Host
from kvmform.resources.domain.boot import SEED_SERIALS
from kvmform.resources.domain.device_rows import DISK, NETWORK_INTERFACE
from kvmform.resources.domain.disks import DISK_PLACES
from kvmform.resources.domain.equivalence import same_mac
from kvmform.resources.domain.interfaces import INTERFACE_PLACES, SOURCE_ROWS, interface_places, read_source
from kvmform.resources.domain.locations import is_kept_at, location_of, wanted_location
from kvmform.resources.domain.shape import shaped
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

__all__ = ["disk_elements", "interface_elements", "network_name", "read_disks", "read_interfaces"]

_DISK_SOURCES = ("volume_id", "url", "file", "block_device")


def disk_elements(document: Document) -> list[Object]:
    """The places of every disk in the XML, but for the drives of seeds."""
    found = [read_rows(element, DISK_PLACES) for element in document.find_all("devices/disk")]
    return [places for places in found if places["serial"] not in SEED_SERIALS]


def interface_elements(document: Document) -> list[Object]:
    """The places of every network interface in the XML."""
    return [read_rows(element, INTERFACE_PLACES) for element in document.find_all("devices/interface")]


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


def read_interfaces(host: Host, document: Document, prior: Object) -> list[Object]:
    """The interfaces of the record that are in the XML; all of them where there is no record of any.

    Addresses are not in the XML; they are as in the record.
    """
    elements = interface_elements(document)
    if "network_interface" not in prior:
        return [_interface(host, {}, places) for places in elements]
    found = []
    for interface in prior["network_interface"] or ():
        places = next((places for places in elements if _is_same(host, interface, places)), None)
        if places is not None:
            elements.remove(places)
            found.append(_interface(host, interface, places))
    return found


def _is_same(host: Host, interface: Object, places: Object) -> bool:
    """By MAC address; where the record has none, by what it is connected to."""
    if interface.get("mac"):
        return same_mac(interface["mac"], places["mac"])
    wanted = interface_places({**interface, "mac": places["mac"]}, network_name(host, interface))
    return all(places[name] == wanted[name] for name in ("type", "network", "bridge", "device"))


def network_name(host: Host, interface: Object) -> str | None:
    """The name of the network that a block means, if it means one."""
    if interface.get("network_name"):
        return str(interface["network_name"])
    record = host.inventory.networks.get(interface["network_id"]) if interface.get("network_id") else None
    return record.name if record is not None else None


def _interface(host: Host, prior: Object, places: Object) -> Object:
    def network_id(name: str) -> str | None:
        record = host.inventory.networks.named(name)
        return record.uuid if record is not None else None

    source = read_source(places, network_id)
    known = {name: prior[name] for name in SOURCE_ROWS if prior.get(name)}
    if known and all(source[name] == value for name, value in known.items()):
        found: Object = {name: source[name] for name in ("network_id", "network_name")}
    else:
        found = source
        prior = {**prior, **{name: source[name] for name in SOURCE_ROWS}}
    mac = (places["mac"] or "").upper()
    return shaped(NETWORK_INTERFACE.rows, {**found, "mac": mac}, prior)
