"""Disks, network interfaces and consoles in a definition that is brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kvmform.host.host import Host
from kvmform.resources.domain.definition import meant, with_machine
from kvmform.resources.domain.device_reading import network_name
from kvmform.resources.domain.disks import DISK_PLACES, SOURCE_PLACES
from kvmform.resources.domain.effects import Undertaking
from kvmform.resources.domain.interfaces import INTERFACE_PLACES, interface_places
from kvmform.resources.domain.locations import is_kept_at, location_of, places_of
from kvmform.schema import Edit, Object, Plain
from kvmform.xml.document import Document, element_text, remove_element
from kvmform.xml.rows import patch_rows, read_rows
from kvmform.xml.template import render

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["find_disk", "find_interface", "patch_consoles", "patch_disks", "patch_interfaces"]


def find_disk(document: Document, target: str) -> Element | None:
    """The disk with this target."""
    found = (disk for disk in document.find_all("devices/disk") if _attribute(disk, "target", "dev") == target)
    return next(found, None)


def find_interface(document: Document, mac: str) -> Element | None:
    """The interface with this MAC address, in any case."""
    found = (
        interface
        for interface in document.find_all("devices/interface")
        if _attribute(interface, "mac", "address").lower() == mac.lower()
    )
    return next(found, None)


def _attribute(element: Element, child: str, name: str) -> str:
    found = element.find(child)
    return found.get(name, "") if found is not None else ""


def _find(
    document: Document, find: Callable[[Document, str], Element | None], before: Plain, now: str
) -> Element | None:
    """A device by what it was known by, or by what it is known by since an earlier attempt."""
    found = find(document, before) if before else None
    return found if found is not None else find(document, now)


def _before(touched: Mapping[int, Mapping[str, Edit]], index: int, name: str) -> Plain:
    """What an argument of the element with this index was, if it is edited."""
    edit = touched.get(index, {}).get(name)
    return edit.before if edit is not None else None


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
        _remove(find_disk(document, disk["target"]))
    machine = with_machine(host, planned)["machine"]
    touched = work.touched("disk")
    for index, disk in enumerate(planned["disk"]):
        places = places_of(host, disk, machine)
        existing = _find(document, find_disk, _before(touched, index, "target"), disk["target"])
        if existing is None:
            element = document.add("devices", render(__package__, "disk.xml.j2", {"disk": places}))
            _take_address(element, find_disk(live, disk["target"]) if live is not None else None)
        elif all_of_them or index in touched:
            _patch_disk(host, document, existing, places)
        if places["bus"] == "scsi" and document.find("devices/controller[@type='scsi']") is None:
            document.add("devices", '<controller type="scsi" index="0" model="virtio-scsi"/>')


def _patch_disk(host: Host, document: Document, element: Element, places: Object) -> None:
    before = read_rows(element, DISK_PLACES)
    if is_kept_at(host, document, location_of(host, before), location_of(host, places)):
        places = {name: value for name, value in places.items() if name not in {*SOURCE_PLACES, "format"}}
    else:
        _remove(element.find("source"))
        _remove(element.find("backingStore"))
    if before["bus"] != places["bus"]:
        _remove(element.find("address"))
    patch_rows(element, DISK_PLACES, places)


def patch_interfaces(host: Host, document: Document, planned: Object, work: Undertaking, live: Document | None) -> None:
    """The same for network interfaces."""
    for interface in work.removed("network_interface"):
        _remove(find_interface(document, interface["mac"]))
    touched = work.touched("network_interface")
    for index, interface in enumerate(planned["network_interface"]):
        places = interface_places(interface, network_name(host, interface))
        existing = _find(document, find_interface, _before(touched, index, "mac"), interface["mac"])
        if existing is None:
            element = document.add("devices", render(__package__, "interface.xml.j2", {"interface": places}))
            _take_address(element, find_interface(live, interface["mac"]) if live is not None else None)
        elif index in touched:
            changed = {name: value for name, value in places.items() if name != "model"}
            patch_rows(existing, INTERFACE_PLACES, changed)


def patch_consoles(document: Document, planned: Object) -> None:
    """All consoles are made anew: libvirt shows the first serial port a second time, as a console."""
    for path in ("devices/serial", "devices/console"):
        for element in document.find_all(path):
            remove_element(element)
    for console in meant("console", planned["console"]):
        document.add("devices", render(__package__, "console.xml.j2", {"console": console}))


def _take_address(element: Element, live: Element | None) -> None:
    address = live.find("address") if live is not None else None
    if address is not None and element.find("address") is None:
        element.append(Document.parse(element_text(address)).root)


def _remove(element: Element | None) -> None:
    if element is not None:
        remove_element(element)
