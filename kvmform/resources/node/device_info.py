"""`libvirt_node_device_info`: one of a host's own devices.

Numbers are strings, as provider 0.8 has them. What a device of its sort doesn't have is
empty; where 0.8 knew only one of several features, or not a sort at all, all is told here.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from kvmform.host.host import Host
from kvmform.host.node import read_node_device
from kvmform.resources.recorded import made
from kvmform.schema import Block, DataSource, Object, Reading, Row, Schema
from kvmform.values.types import STRING, ListType, MapType
from kvmform.xml.document import Document

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["DATA_SOURCE"]

_TEXTS = {
    "type": "`pci`, `usb_device`, `usb`, `net`, `storage`, `scsi`, `scsi_host`, `drm`, `system` and so on.",
    "class": "Class (`pci`, `usb`).",
    "domain": "Domain of the address (`pci`).",
    "bus": "Bus of the address (`pci`, `usb_device`, `scsi`).",
    "slot": "Slot of the address (`pci`).",
    "function": "Function of the address (`pci`).",
    "block": "Path of the block device (`storage`).",
    "drive_type": "`disk`, `cdrom` and so on (`storage`).",
    "model": "Model (`storage`).",
    "serial": "Serial number (`storage`).",
    "size": "Bytes (`storage`).",
    "logical_block_size": "Bytes of a block (`storage`).",
    "num_blocks": "Blocks (`storage`).",
    "device": "Number on its bus (`usb_device`).",
    "number": "Number of the interface (`usb`).",
    "subclass": "Subclass (`usb`).",
    "protocol": "Protocol (`usb`).",
    "description": "What it is (`usb`).",
    "interface": "Name of the network interface (`net`).",
    "address": "MAC address (`net`).",
    "host": "Host (`scsi`, `scsi_host`).",
    "target": "Target (`scsi`).",
    "lun": "Logical unit (`scsi`).",
    "scsi_type": "Sort of the SCSI device (`scsi`).",
    "unique_id": "Unique id (`scsi_host`).",
    "drm_type": "`primary`, `render` or `control` (`drm`).",
}

_NUMBERS = {
    "pci": ("domain", "bus", "slot", "function"),
    "usb": ("number", "class", "subclass", "protocol"),
    "storage": ("size", "logical_block_size", "num_blocks"),
    "scsi": ("host", "bus", "target", "lun"),
    "scsi_host": ("host", "unique_id"),
}
"""Texts that are numbers, by type of the device: without any they are 0."""

_ELSEWHERE = {"scsi_type": ("scsi", "type"), "drm_type": ("drm", "type")}
"""Texts of one type of device that have another name in the XML."""

_MAPS = {
    "hardware": (("vendor", "version", "serial", "uuid"), "Maker, version, serial number and UUID (`system`)."),
    "firmware": (("vendor", "version", "release_date"), "Maker, version and date (`system`)."),
    "product": ((), "Its `id` and `name` (`pci`, `usb_device`); of a `system` the name."),
    "vendor": ((), "The maker's `id` and `name` (`pci`, `usb_device`)."),
    "link": ((), "`speed` and `state` of the link (`net`)."),
    "capability": ((), "The `type` of the network (`net`)."),
}

_ADDRESS = ("domain", "bus", "slot", "function")

_SCHEMA = Schema(
    doc="One of the host's own devices.",
    rows={
        "id": made(STRING, "A checksum of `xml`."),
        "name": Row(type=STRING, doc="Its name, one of those of `libvirt_node_devices`.", required=True),
        "path": made(STRING, "Where it is in /sys."),
        "parent": made(STRING, "Name of the device that it is on."),
        "xml": made(STRING, "The XML that libvirt has of it."),
        "devnode": Block(
            doc="A file in /dev that leads to it.",
            read_only=True,
            rows={"type": made(STRING, "`dev` or `link`."), "path": made(STRING, "Path of the file.")},
        ),
        "capability": Block(
            doc="What it is, and can do: one element.",
            read_only=True,
            rows={
                **{name: made(STRING, doc) for name, doc in _TEXTS.items()},
                **{name: made(MapType(STRING), doc) for name, (_, doc) in _MAPS.items()},
                "features": made(ListType(STRING), "What its driver can do (`net`)."),
                "iommu_group": Block(
                    doc="What can be given to a guest only together with it (`pci`): one element.",
                    read_only=True,
                    rows={
                        "number": made(STRING, "Number of the group; 0 where the host has no IOMMU."),
                        "addresses": made(
                            ListType(MapType(STRING)), "`domain`, `bus`, `slot` and `function` of each device in it."
                        ),
                    },
                ),
            },
        ),
    },
)


def _read(reading: Reading[Host], config: Object) -> Object:
    xml = read_node_device(reading.host, config["name"])
    document = Document.parse(xml)
    capability = document.find("capability")
    return {
        "id": str(zlib.crc32(xml.encode())),
        "name": config["name"],
        "path": document.get("path") or "",
        "parent": document.get("parent") or "",
        "xml": xml,
        "devnode": [{"type": node.get("type"), "path": node.text} for node in document.find_all("devnode")],
        "capability": [] if capability is None else [_capability(capability)],
    }


def _capability(element: Element) -> Object:
    kind = element.get("type", "")
    found: Object = {name: _text(element, kind, name) for name in _TEXTS}
    found |= {name: _map(element, kind, name) for name in _MAPS}
    return found | {
        "type": kind,
        "features": [feature.get("name", "") for feature in element.findall("feature")],
        "iommu_group": [_iommu_group(element)] if kind == "pci" else [],
    }


def _text(element: Element, kind: str, name: str) -> str:
    only, place = _ELSEWHERE.get(name, (kind, name))
    text = (element.findtext(place) or "").strip() if only == kind else ""
    # As the provider prints what it took for a number; libvirt writes some in hexadecimal.
    return str(int(text or "0", 0)) if name in _NUMBERS.get(kind, ()) else text


def _map(element: Element, kind: str, name: str) -> dict[str, str]:
    part = element.find(name)
    keys = _MAPS[name][0]
    if part is None:
        return dict.fromkeys(keys, "") if kind == "system" else {}
    if keys:
        return {key: part.findtext(key) or "" for key in keys}
    match name:
        case "link":
            return {key: part.get(key, "") for key in ("speed", "state")}
        case "capability":
            return {"type": part.get("type", "")}
    named = {"name": part.text or ""}
    return named if kind == "system" else {"id": part.get("id", ""), **named}


def _iommu_group(element: Element) -> Object:
    group = element.find("iommuGroup")
    if group is None:
        return {"number": "0", "addresses": []}
    addresses = [{part: address.get(part, "") for part in _ADDRESS} for address in group.findall("address")]
    return {"number": group.get("number", "0"), "addresses": addresses}


DATA_SOURCE: DataSource[Host] = DataSource(name="libvirt_node_device_info", schema=_SCHEMA, read=_read)
