"""A domain as a configuration would describe it: without what every domain has, or libvirt puts in by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.resources.domain.definition import definition_of
from kvmform.resources.domain.device.devices import DEVICES
from kvmform.resources.domain.disk.locations import places_of
from kvmform.resources.domain.machine.defaults import default_machine
from kvmform.resources.metadata import any_metadata
from kvmform.schema import Object, Plain, Portrait
from kvmform.xml.document import Document, parse_element
from kvmform.xml.owner import Owner, read_owner
from kvmform.xml.unsaid import unsaid

__all__ = ["portray"]

_IDLE = frozenset({"clock", "memballoon", "features", "loader", "boot_menu", "pm"})
_AS_EVER = {"vcpu_placement": "static", "on_poweroff": "destroy", "on_reboot": "restart", "on_crash": "destroy"}
"""What libvirt writes into every definition."""

_FROM_DISK = [{"dev": ["hd"]}]
_CPU = {"mode": "custom", "model": "qemu64", "match": "exact"}
"""The processor of a domain of which none is written."""

_CPU_DETAILS = frozenset({"fallback", "check", "migratable"})
_MEMORY_OF_VIDEO = {"vram": {16384, 65536}, "ram": {65536}, "vgamem": {16384}, "heads": {1}}
_OF_LIBVIRT = re.compile(
    r"(^|/)(address|alias|seclabel)/|^(memory|currentMemory|vcpu|uuid|name)(/|$)|^devices/(console|video|audio|emulator)"
    r"|^devices/controller|/target/model/@name$|^devices/graphics.*/(@port|@listen|@tlsPort|listen)|^metadata/owner"
    r"|^devices/disk\[\w+\]/(@type|source/@(file|dev|dir|pool|volume|index)|backingStore)|^devices/interface.*/(source|target)/|^devices/input\[(mouse|key)"
    r"|/@unit$|^devices/memory/target/size$|^devices/hostdev.*/@managed$|/@accessmode$|/protocol/@type$"
)
"""Places that libvirt fills in, or writes in another way than kvmform does."""


def portray(host: Host, found: Object) -> Portrait:
    """What is written of a domain, and what of its definition no argument says.

    A device that only the running guest has goes with its next boot, and is not spoken of.
    """
    record = host.inventory.domains.get(found["id"])
    definition = Document.parse(record.xml) if record is not None else None
    if definition is not None:
        found = found | _defined(found, definition)
    told = {**found, **{name: None for name, usual in _AS_EVER.items() if found[name] == usual}}
    told |= _machine(host, found)
    told["cpu"] = [each for each in found["cpu"] if not _is_usual_cpu(each)]
    told["boot_device"] = [] if found["boot_device"] == _FROM_DISK else found["boot_device"]
    told["disk"] = [_disk(host, each, found["machine"]) for each in found["disk"]]
    told["network_interface"] = [_interface(each) for each in found["network_interface"]]
    told["console"] = list(_consoles(found))
    told["loader"] = [each for each in found["loader"] if _said(each) - {("readonly", True), ("type", "pflash")}]
    told["metadata"] = any_metadata(definition) if definition is not None else None
    for name, is_written in _WRITTEN.items():
        told[name] = [each for each in found[name] if is_written(each, found)]
    told["video"] = [_video(each) for each in found["video"]]
    told["graphics"] = [_graphics(each) for each in found["graphics"]]
    for device in DEVICES:
        if device.standing is not None and told[device.name]:
            usual = [device.told(each) for each in device.standing({**found, device.name: []})]
            told[device.name] = [each for each in told[device.name] if device.told(each) not in usual]
    notes = tuple(_unsaid(host, found | {"metadata": told["metadata"]}, definition)) if definition else ()
    return Portrait(told, _IDLE, notes, _remark(definition) if definition is not None else "")


def _defined(found: Object, definition: Document) -> Object:
    """The drives and interfaces that are in the definition."""
    targets = {element.get("dev") for element in definition.find_all("devices/disk/target")}
    macs = {element.get("address", "").upper() for element in definition.find_all("devices/interface/mac")}
    return {
        "disk": [disk for disk in found["disk"] if disk["target"] in targets],
        "network_interface": [nic for nic in found["network_interface"] if nic["mac"] in macs],
    }


def _remark(definition: Document) -> str:
    owner = read_owner(definition)
    if owner is None:
        return ""
    return (
        f"It is marked as {owner.address} of the state with the lineage {owner.lineage}. Take it out of that state "
        "before it is imported, or two states look after it."
    )


def _machine(host: Host, found: Object) -> Object:
    """Architecture, machine type and emulator, as far as they are not those that kvmform and the host choose."""
    arch, kind = found["arch"], found["type"]
    capabilities = host.capabilities
    guest = capabilities.guest(arch, kind)
    usual = capabilities.canonical_machine(arch, kind, default_machine(arch) or "")
    return {
        "arch": None if arch == capabilities.arch else arch,
        "machine": None if found["machine"] == usual else found["machine"],
        "emulator": None if guest is not None and found["emulator"] == guest.emulator else found["emulator"],
    }


def _is_usual_cpu(cpu: Object) -> bool:
    said = {name: value for name, value in cpu.items() if value not in (None, []) and name not in _CPU_DETAILS}
    return bool(said == _CPU)


def _disk(host: Host, disk: Object, machine: str | None) -> Object:
    """A disk without what follows from the rest: its bus from its device, its format from its volume."""
    told = dict(disk)
    for name in ("scsi", "bus", "device", "format", "readonly"):
        shorter = {**told, name: False if name == "scsi" else None}
        if places_of(host, shorter, machine) == places_of(host, told, machine):
            told = shorter
    return told


def _interface(interface: Object) -> Object:
    is_usual = interface["model"] == "virtio"
    is_of_libvirt = str(interface["target_dev"] or "").startswith(("vnet", "macvtap"))
    told = interface | ({"model": None} if is_usual else {}) | ({"target_dev": None} if is_of_libvirt else {})
    return told | ({"network_id": None} if interface["network_name"] else {})


def _said(block: Object) -> set[tuple[str, Plain]]:
    """The arguments of a block that have a value; it has no blocks of its own."""
    return {(name, value) for name, value in block.items() if value is not None}


def _consoles(found: Object) -> Iterator[Object]:
    """Those that are more than the first serial port once again."""
    for index, console in enumerate(found["console"]):
        if index or not found["serial"] or console["target_type"] not in {None, "", "serial"}:
            yield {**console, "target_port": str(index)}


def _video(video: Object) -> Object:
    usual = {name for name, values in _MEMORY_OF_VIDEO.items() if video[name] in values}
    return video | dict.fromkeys(usual) | {"primary": None}


def _graphics(graphics: Object) -> Object:
    """Without the ports that libvirt chooses at each start; that it chooses one for WebSockets has to be written."""
    return {name: None if value == -1 and name != "websocket" else value for name, value in graphics.items()}


def _is_own_controller(controller: Object, found: Object) -> bool:
    """Whether it is none of those that libvirt and kvmform add for the devices that there are."""
    options = [
        name for name, value in controller.items() if value is not None and name not in {"type", "index", "model"}
    ]
    model = controller["model"]
    match controller["type"]:
        case "pci":
            return model not in {"pci-root", "pcie-root", "pcie-root-port", "pcie-to-pci-bridge"}
        case "usb":
            usual = "piix3-uhci" if "i440fx" in str(found["machine"]) else "qemu-xhci"
            return bool(options) or model != usual
        case "scsi":
            needed = any(disk["bus"] == "scsi" for disk in found["disk"])
            return bool(options) or model != "virtio-scsi" or not needed
    return bool(options)


def _is_own_input(device: Object, _found: Object) -> bool:
    return bool(device["bus"] != "ps2")


def _is_own_audio(audio: Object, found: Object) -> bool:
    said = {name: value for name, value in audio.items() if value not in (None, [], False)}
    if any(sound["audio_id"] == said.get("id") for sound in found["sound"]):
        return True
    kinds = {"none", *(graphics["type"] for graphics in found["graphics"])}
    return said.get("type") not in kinds or bool(said.keys() - {"id", "type"})


def _is_own_balloon(balloon: Object, _found: Object) -> bool:
    return any(balloon[name] for name in ("autodeflate", "free_page_reporting", "stats_period")) or (
        balloon["model"] not in {None, "virtio"}
    )


_WRITTEN: dict[str, Callable[[Object, Object], Plain]] = {
    "controller": _is_own_controller,
    "input": _is_own_input,
    "audio": _is_own_audio,
    "memballoon": _is_own_balloon,
}


def _unsaid(host: Host, found: Object, definition: Document) -> list[str]:
    try:
        known = parse_element(definition_of(host, found, Owner("", "")))
    except (DiagnosticError, LookupError, TypeError):
        return []
    return list(unsaid(known, definition.root, _OF_LIBVIRT))
