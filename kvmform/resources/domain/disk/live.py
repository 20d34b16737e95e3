"""Disks that are plugged, and media that are exchanged, while the guest runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import attach_device, update_device
from kvmform.resources.domain.disk.locations import location_of, places_of
from kvmform.resources.domain.disk.patching import find_disk
from kvmform.resources.domain.disk.places import DISK_PLACES, disk_xml
from kvmform.resources.domain.machine.defaults import with_machine
from kvmform.resources.domain.running_guest import RunningGuest
from kvmform.schema import Object
from kvmform.xml.document import element_text
from kvmform.xml.rows import read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["plug_disk"]


def plug_disk(guest: RunningGuest, disk: Object) -> None:
    """Plug a disk that the guest does not have, or exchange the medium of a drive."""
    places = places_of(guest.host, disk, with_machine(guest.host, guest.planned)["machine"])
    existing = find_disk(guest.document, disk["target"])
    xml = disk_xml(places)
    if existing is None:
        guest.operation.progress(f"plugging disk {disk['target']}", None, None)
        if places["bus"] == "scsi":
            _plug_scsi_controller(guest)
        attach_device(guest.host, guest.uuid, xml, Affect.LIVE)
    elif places["device"] == "cdrom" and not _holds_already(guest, existing, places):
        update_device(guest.host, guest.uuid, xml, Affect.LIVE, force=True)


def _holds_already(guest: RunningGuest, drive: Element, places: Object) -> bool:
    return location_of(guest.host, read_rows(drive, DISK_PLACES)) == location_of(guest.host, places)


def _plug_scsi_controller(guest: RunningGuest) -> None:
    """Of virtio; the controller that libvirt would add by itself has no place on a PCI Express machine."""
    if guest.document.find("devices/controller[@type='scsi']") is None:
        controller = guest.document.add("devices", '<controller type="scsi" index="0" model="virtio-scsi"/>')
        attach_device(guest.host, guest.uuid, element_text(controller), Affect.LIVE)
