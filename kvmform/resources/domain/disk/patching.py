"""Disks in a definition that is brought up to date."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kvmform.host.host import Host
from kvmform.resources.domain.device.elements import attribute, before, find_known, remove, take_address
from kvmform.resources.domain.disk.controllers import add_scsi_controllers
from kvmform.resources.domain.disk.locations import is_kept_at, location_of, places_of
from kvmform.resources.domain.disk.places import DISK_PLACES, OWN_PLACES, SOURCE_PLACES, disk_xml
from kvmform.resources.domain.effects import Undertaking
from kvmform.resources.domain.machine.defaults import with_machine
from kvmform.schema import Object
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_rows, read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["find_disk", "patch_disks"]


def find_disk(document: Document, target: str) -> Element | None:
    """The disk with this target."""
    found = (disk for disk in document.find_all("devices/disk") if attribute(disk, "target", "dev") == target)
    return next(found, None)


def patch_disks(
    host: Host,
    document: Document,
    planned: Object,
    work: Undertaking,
    live: Document | None,
    *,
    all_of_them: bool = False,
) -> None:
    """Remove, change and add disks; one that the running guest has already gets the same PCI address."""
    for disk in work.removed("disk"):
        remove(find_disk(document, disk["target"]))
    machine = with_machine(host, planned)["machine"]
    touched = work.touched("disk")
    for index, disk in enumerate(planned["disk"]):
        places = places_of(host, disk, machine)
        existing = find_known(document, find_disk, before(touched, index, "target"), disk["target"])
        if existing is None:
            element = document.add("devices", disk_xml(places))
            take_address(element, find_disk(live, disk["target"]) if live is not None else None)
        elif all_of_them or index in touched:
            _patch_disk(host, document, existing, places, touched.get(index, {}).keys())
        add_scsi_controllers(document, [places])


def _patch_disk(host: Host, document: Document, element: Element, places: Object, edited: Collection[str]) -> None:
    before = read_rows(element, DISK_PLACES)
    location, wanted = location_of(host, before), location_of(host, places)
    kept = {name for name in OWN_PLACES if name not in edited}
    if is_kept_at(host, document, location, wanted):
        kept |= set(SOURCE_PLACES)
        kept |= {"format"} if "format" not in edited or location != wanted else set()
    else:
        remove(element.find("source"))
        remove(element.find("backingStore"))
        kept -= {"startup_policy"}
    if before["device"] != places["device"]:
        kept -= {"readonly"}
    if before["bus"] != places["bus"]:
        remove(element.find("address"))
    patch_rows(element, DISK_PLACES, {name: value for name, value in places.items() if name not in kept})
