"""The disks that a snapshot captures."""

from __future__ import annotations

from pathlib import PurePosixPath

from kvmform.host.records import DomainRecord
from kvmform.struct import Struct
from kvmform.xml.document import Document

__all__ = ["CapturedDisk", "captured_disks", "default_file", "disks_of"]


class CapturedDisk(Struct):
    """A writable disk of a domain: `target` is its device name (`vda`), `format` that of its image.

    `type` says what `source` is: a `file`, a `block` device, a `network` disk's name. `snapshot` is what the domain
    has to say of how it is captured, if anything.
    """

    target: str
    format: str
    source: str
    type: str = "file"
    snapshot: str | None = None
    shareable: bool = False


_WRITABLE = {"disk", "lun", "floppy"}


def captured_disks(document: Document) -> list[CapturedDisk]:
    """The disks that libvirt captures: all but read-only ones, CD-ROMs and empty drives."""
    found = []
    for disk in document.find_all("devices/disk"):
        if disk.get("device", "disk") not in _WRITABLE or disk.find("readonly") is not None:
            continue
        target, driver, source = disk.find("target"), disk.find("driver"), disk.find("source")
        if target is not None and source is not None:
            format_ = driver.get("type", "raw") if driver is not None else "raw"
            place = source.get("file") or source.get("dev") or source.get("name") or ""
            found.append(
                CapturedDisk(
                    target=target.get("dev", ""),
                    format=format_,
                    source=place,
                    type=disk.get("type", "file"),
                    snapshot=disk.get("snapshot"),
                    shareable=disk.find("shareable") is not None,
                )
            )
    return found


def disks_of(record: DomainRecord) -> list[CapturedDisk]:
    """The disks that would be captured of a domain as it is now."""
    return captured_disks(Document.parse(record.live_xml or record.xml))


def default_file(image: str, snapshot: str) -> str:
    """Where libvirt has a disk go on if it isn't told: the image's name, with the snapshot's as its suffix."""
    return str(PurePosixPath(image).with_suffix("")) + f".{snapshot}"
