"""Give a running guest at once what it can have without a reboot.

Every verb looks at what the guest has already, so that an update which was stopped in the
middle goes on where it stopped. The definition is brought up to date afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import attach_device, detach_device, set_memory, set_vcpus, update_device
from kvmform.host.host import Host
from kvmform.resources.domain.definition import with_machine
from kvmform.resources.domain.device_patching import find_disk, find_interface
from kvmform.resources.domain.device_reading import network_name
from kvmform.resources.domain.disks import DISK_PLACES
from kvmform.resources.domain.effects import Undertaking
from kvmform.resources.domain.interfaces import INTERFACE_PLACES, interface_places
from kvmform.resources.domain.locations import location_of, places_of
from kvmform.schema import Edit, Object, Operation, Plain
from kvmform.struct import Struct
from kvmform.xml.document import Document, element_text, parse_element, remove_element
from kvmform.xml.rows import patch_rows, read_rows
from kvmform.xml.template import render

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["change_live"]

_KIB_PER_MIB = 1024
_BRIDGED = {"network", "bridge"}
_WORDS = {"disk": "a disk", "interface": "a network interface"}


class _Guest(Struct):
    """A running guest, by its live XML, and what is planned of it."""

    operation: Operation[Host]
    document: Document
    planned: Object

    @property
    def host(self) -> Host:
        return self.operation.host

    @property
    def uuid(self) -> str:
        return str(self.planned["id"])


def change_live(
    operation: Operation[Host], live_xml: str, facts: Mapping[str, Plain], planned: Object, work: Undertaking
) -> None:
    """Carry out edits that are live, or a short interruption.

    Args:
        operation: the update.
        live_xml: the running guest as it is.
        facts: what `read` found out about it.
        planned: what it shall be.
        work: all edits.

    Raises:
        HostError: the guest or libvirt refuses; what it refused is not in the definition yet.
    """
    guest, live = _Guest(operation, Document.parse(live_xml), planned), work.live()
    if "memory" in live.names:
        set_memory(guest.host, guest.uuid, planned["memory"] * _KIB_PER_MIB, Affect.LIVE)
    if "vcpu" in live.names and planned["vcpu"] > facts["vcpu"]:
        set_vcpus(guest.host, guest.uuid, planned["vcpu"], Affect.LIVE)
    if not facts["hotplug"]:
        return
    for disk in live.removed("disk"):
        _unplug(guest, find_disk(guest.document, disk["target"]))
    for interface in live.removed("network_interface"):
        _unplug(guest, find_interface(guest.document, interface["mac"]))
    for index in _due(planned, work, "disk"):
        _plug_disk(guest, planned["disk"][index])
    for index in _due(planned, work, "network_interface"):
        edits = live.touched("network_interface").get(index, {})
        _plug_interface(guest, planned["network_interface"][index], edits)


def _due(planned: Object, work: Undertaking, block: str) -> list[int]:
    """The elements that are edited live; where something was left undone all but those that await a boot."""
    live = work.live()
    if "pending" not in live.names:
        return list(live.touched(block))
    waiting = work.touched(block).keys() - live.touched(block).keys()
    return [index for index in range(len(planned[block])) if index not in waiting]


def _unplug(guest: _Guest, device: Element | None) -> None:
    if device is None:
        return
    guest.operation.progress(f"unplugging {_WORDS[device.tag]}", None, None)
    detach_device(guest.host, guest.uuid, element_text(device), Affect.LIVE, stop=guest.operation.stop)


def _plug_disk(guest: _Guest, disk: Object) -> None:
    places = places_of(guest.host, disk, with_machine(guest.host, guest.planned)["machine"])
    existing = find_disk(guest.document, disk["target"])
    xml = render(__package__, "disk.xml.j2", {"disk": places})
    if existing is None:
        guest.operation.progress(f"plugging disk {disk['target']}", None, None)
        if places["bus"] == "scsi":
            _plug_scsi_controller(guest)
        attach_device(guest.host, guest.uuid, xml, Affect.LIVE)
    elif places["device"] == "cdrom" and not _holds_already(guest, existing, places):
        update_device(guest.host, guest.uuid, xml, Affect.LIVE, force=True)


def _holds_already(guest: _Guest, drive: Element, places: Object) -> bool:
    return location_of(guest.host, read_rows(drive, DISK_PLACES)) == location_of(guest.host, places)


def _plug_scsi_controller(guest: _Guest) -> None:
    """Of virtio; the controller that libvirt would add by itself has no place on a PCI Express machine."""
    if guest.document.find("devices/controller[@type='scsi']") is None:
        controller = guest.document.add("devices", '<controller type="scsi" index="0" model="virtio-scsi"/>')
        attach_device(guest.host, guest.uuid, element_text(controller), Affect.LIVE)


def _plug_interface(guest: _Guest, interface: Object, edits: Mapping[str, Edit]) -> None:
    before = edits["mac"].before if "mac" in edits else interface["mac"]
    existing = find_interface(guest.document, before)
    places = interface_places(interface, network_name(guest.host, interface))
    xml = render(__package__, "interface.xml.j2", {"interface": places})
    if existing is not None and not _differs(existing, places) and not edits.keys() & {"network_id", "network_name"}:
        return
    if existing is not None and not _can_move(existing, places):
        _unplug(guest, existing)
        existing = None
    if existing is not None:
        _move(guest, existing, places)
    elif find_interface(guest.document, interface["mac"]) is None or before == interface["mac"]:
        guest.operation.progress(f"plugging network interface {interface['mac']}", None, None)
        attach_device(guest.host, guest.uuid, xml, Affect.LIVE)


def _differs(existing: Element, places: Object) -> bool:
    """Whether an interface is connected otherwise; on a network, libvirt says more of it than was asked for."""
    before = read_rows(existing, INTERFACE_PLACES)
    told = ("network", "mac") if places["network"] else ("type", "mac", "network", "bridge", "device", "mode")
    return any(before[name] != places[name] for name in told)


def _can_move(existing: Element, places: Object) -> bool:
    """Between networks and bridges an interface moves; any other has to be unplugged and plugged in again."""
    before = read_rows(existing, INTERFACE_PLACES)
    return before["mac"] == places["mac"] and before["type"] in _BRIDGED and places["type"] in _BRIDGED


def _move(guest: _Guest, existing: Element, places: Object) -> None:
    """Connect an interface to another bridge; its link goes down and up, so that the guest asks for an address.

    An interface of a network that was made anew looks as if it were on it already, and libvirt
    would do nothing; it goes there by way of the bridge itself.
    """
    if places["type"] == "network":
        bridge = _bridge_of(guest.host, places["network"])
        if bridge is not None:
            _update(guest, existing, {**places, "type": "bridge", "network": None, "bridge": bridge})
    _update(guest, existing, places, link="down")
    _update(guest, existing, places, link="up")


def _bridge_of(host: Host, network: str) -> str | None:
    record = host.inventory.networks.named(network)
    return Document.parse(record.live_xml or record.xml).get("bridge/@name") if record is not None else None


def _update(guest: _Guest, existing: Element, places: Object, link: str = "up") -> None:
    interface = parse_element(element_text(existing))
    for name in ("source", "link"):
        for stale in interface.findall(name):
            remove_element(stale)
    patch_rows(interface, INTERFACE_PLACES, {name: value for name, value in places.items() if name != "model"})
    interface.append(parse_element(f'<link state="{link}"/>'))
    update_device(guest.host, guest.uuid, element_text(interface), Affect.LIVE)
