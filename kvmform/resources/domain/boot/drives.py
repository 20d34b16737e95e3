"""The drives of seeds, in a definition that is brought up to date, and in a running guest."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import update_device
from kvmform.host.host import Host
from kvmform.resources.domain.boot.seeds import SEED_SERIALS, seeds
from kvmform.resources.domain.disk.places import DISK_PLACES, SOURCE_PLACES, disk_xml
from kvmform.resources.domain.machine.defaults import with_machine
from kvmform.resources.domain.running_guest import RunningGuest
from kvmform.schema import Object
from kvmform.xml.document import Document, element_text, remove_element
from kvmform.xml.rows import patch_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["exchange_medium", "patch_drives"]


def patch_drives(host: Host, document: Document, planned: Object, *, anew: bool = False) -> None:
    """Add, change and remove the drives of seeds; one that stays keeps its place, unless all are made anew."""
    wanted = {drive["serial"]: drive for drive in seeds(host, with_machine(host, planned))}
    for serial in sorted(SEED_SERIALS):
        existing, drive = _drive(document, serial), wanted.get(serial)
        if existing is not None and drive is not None and not anew:
            patch_rows(existing, DISK_PLACES, {name: drive[name] for name in SOURCE_PLACES})
            continue
        if existing is not None:
            remove_element(existing)
        if drive is not None:
            document.add("devices", disk_xml(drive))


def exchange_medium(guest: RunningGuest) -> None:
    """Put the new seed of cloud-init into the guest's CD-ROM drive, so that it finds it whenever it boots.

    The file may have the name of the old one, and then libvirt takes them for the same: so the
    drive is emptied first. A seed on a disk is exchanged when the guest is next started.
    """
    drive = _drive(guest.document, "cloudinit")
    wanted = seeds(guest.host, with_machine(guest.host, guest.planned | {"coreos_ignition": None}))
    if drive is None or drive.get("device") != "cdrom" or not wanted:
        return
    guest.operation.progress("exchanging the seed", None, None)
    medium = deepcopy(drive)
    patch_rows(medium, DISK_PLACES, {name: wanted[0][name] for name in SOURCE_PLACES})
    remove_source(drive)
    for content in (drive, medium):
        update_device(guest.host, guest.uuid, element_text(content), Affect.LIVE, force=True)


def remove_source(drive: Element) -> None:
    """Make a drive an empty one."""
    for element in drive.findall("source"):
        remove_element(element)


def _drive(document: Document, serial: str) -> Element | None:
    return document.find(f"devices/disk[serial='{serial}']")
