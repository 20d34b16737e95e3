"""Disks that are plugged, and media that are exchanged, while the guest runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import attach_device, set_block_io_tune, update_device
from kvmform.resources.domain.device.elements import remove
from kvmform.resources.domain.disk.controllers import add_scsi_controllers
from kvmform.resources.domain.disk.drive import device_of, has_medium
from kvmform.resources.domain.disk.limits import limits_of
from kvmform.resources.domain.disk.locations import location_of, places_of
from kvmform.resources.domain.disk.patching import find_disk
from kvmform.resources.domain.disk.places import DISK_PLACES, SOURCE_PLACES, disk_xml
from kvmform.resources.domain.disk.policies import DISK_SOURCES
from kvmform.resources.domain.disk.rows import DISK
from kvmform.resources.domain.machine.defaults import with_machine
from kvmform.resources.domain.running_guest import RunningGuest
from kvmform.resources.domain.shape import agree
from kvmform.schema import Object
from kvmform.xml.document import Document, element_text
from kvmform.xml.rows import patch_rows, read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["is_left_out", "is_live_change", "plug_disk"]

_SET_BY_UPDATE = ("snapshot", "startup_policy")
_SET_WHILE_RUNNING = (*_SET_BY_UPDATE, "iotune")


def is_left_out(before: Object | None, after: Object | None) -> bool:
    """Whether the guest was started without this disk, or without its medium, because the image was not there."""
    if after is None or after["startup_policy"] not in {"optional", "requisite"}:
        return False
    return before is None or (has_medium(after) and not any(before[name] for name in DISK_SOURCES))


def is_live_change(before: Object, after: Object) -> bool:
    """Whether a disk becomes another one without a reboot: all that differs can be set, or is a medium."""
    medium = DISK_SOURCES if has_medium(before) and has_medium(after) else ()
    free = {*medium, "device", "format", *_SET_WHILE_RUNNING}
    rows = (name for name in DISK.rows if name not in free)
    return device_of(before) == device_of(after) and all(
        agree(DISK.rows[name], before[name], after[name]) for name in rows
    )


def plug_disk(guest: RunningGuest, disk: Object, edited: Collection[str]) -> None:
    """Plug a disk that the guest does not have; of one that it has, exchange the medium and set what can be set.

    Args:
        guest: the guest.
        disk: the disk as it is planned.
        edited: the arguments that are edited; where it isn't told which, all are looked at.
    """
    places = places_of(guest.host, disk, with_machine(guest.host, guest.planned)["machine"])
    existing = find_disk(guest.document, disk["target"])
    if existing is not None:
        _change(guest, existing, places, edited or _SET_WHILE_RUNNING)
        return
    guest.operation.progress(f"plugging disk {disk['target']}", None, None)
    for controller in add_scsi_controllers(guest.document, [places]):
        attach_device(guest.host, guest.uuid, controller, Affect.LIVE)
    attach_device(guest.host, guest.uuid, disk_xml(places), Affect.LIVE)


def _change(guest: RunningGuest, existing: Element, places: Object, edited: Collection[str]) -> None:
    """What libvirt updates is the disk as it is, with what can be changed changed."""
    now = read_rows(existing, DISK_PLACES)
    wanted = {name: places[name] for name in _SET_BY_UPDATE if name in edited}
    element = Document.parse(element_text(existing)).root
    if places["device"] in {"cdrom", "floppy"} and location_of(guest.host, now) != location_of(guest.host, places):
        guest.operation.progress(f"exchanging the medium of {places['target']}", None, None)
        remove(element.find("source"))
        remove(element.find("backingStore"))
        wanted |= {name: places[name] for name in (*SOURCE_PLACES, "format", "startup_policy")}
    if any(now[name] != value for name, value in wanted.items()):
        patch_rows(element, DISK_PLACES, wanted)
        update_device(guest.host, guest.uuid, element_text(element), Affect.LIVE, force=True)
    limits = limits_of(places["iotune"])
    if "iotune" in edited and limits != limits_of(now["iotune"]):
        set_block_io_tune(guest.host, guest.uuid, places["target"], limits, Affect.LIVE)
