"""The disks that a snapshot captures."""

from __future__ import annotations

from kvmform.host.records import DomainRecord
from kvmform.struct import Struct
from kvmform.xml.document import Document

__all__ = ["CapturedDisk", "captured_disks"]


class CapturedDisk(Struct):
    """A writable disk of a domain: `target` is its device name (`vda`), `format` that of its image."""

    target: str
    format: str
    source: str


def captured_disks(record: DomainRecord) -> list[CapturedDisk]:
    """The disks that libvirt captures: all but read-only ones, CD-ROMs and floppies."""
    found = []
    for disk in Document.parse(record.live_xml or record.xml).find_all("devices/disk"):
        if disk.get("device", "disk") != "disk" or disk.find("readonly") is not None:
            continue
        target, driver, source = disk.find("target"), disk.find("driver"), disk.find("source")
        if target is not None and source is not None:
            kind = driver.get("type", "raw") if driver is not None else "raw"
            place = source.get("file") or source.get("dev") or source.get("name") or ""
            found.append(CapturedDisk(target.get("dev", ""), kind, place))
    return found
