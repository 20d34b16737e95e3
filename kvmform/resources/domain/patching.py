"""Bring a domain's definition up to date: patch what was edited, and leave all else as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from kvmform.host.host import Host
from kvmform.resources.domain.boot.drives import patch_drives
from kvmform.resources.domain.boot.firmware import patch_firmware
from kvmform.resources.domain.boot.order import boot_order, cmdline_text, keep_one_order
from kvmform.resources.domain.boot.seeds import firmware_configuration
from kvmform.resources.domain.boot.variables import keep_variables
from kvmform.resources.domain.device.console import patch_consoles
from kvmform.resources.domain.device.controller import CONTROLLER, remove_companions
from kvmform.resources.domain.device.devices import device_named
from kvmform.resources.domain.device.graphics import GRAPHICS, drop_old_forms
from kvmform.resources.domain.device.in_force import meant
from kvmform.resources.domain.device.patching import patch_device
from kvmform.resources.domain.device.root_ports import add_root_ports, root_ports
from kvmform.resources.domain.disk.locations import content_path
from kvmform.resources.domain.disk.patching import patch_disks
from kvmform.resources.domain.effects import Undertaking
from kvmform.resources.domain.escape.spice import remove_lone_audio
from kvmform.resources.domain.interface.patching import patch_interfaces
from kvmform.resources.domain.machine.defaults import cpu_placed, with_machine
from kvmform.resources.domain.machine.memory import lay_out_memory
from kvmform.resources.domain.schema import SCHEMA
from kvmform.resources.metadata import write_metadata
from kvmform.schema import Block, Object, Plain, Row
from kvmform.struct import Struct
from kvmform.xml.document import Document, make_element, remove_element
from kvmform.xml.owner import Owner, write_owner
from kvmform.xml.rows import patch_changes, patch_rows

__all__ = ["Patch", "patch_definition"]


class Patch(Struct):
    """What a definition is patched with; `live` is the XML of the guest that runs on meanwhile."""

    host: Host
    document: Document
    planned: Object
    work: Undertaking
    live: Document | None


def patch_definition(patch: Patch, owner: Owner) -> None:
    """Patch everything that was edited."""
    names = set(patch.work.names)
    if "pending" in names:
        names |= {"disk", "network_interface"}
    if "serial" in names:
        names.add("console")  # The first port is the console's too.
    for name, row in SCHEMA.rows.items():
        if name in names:
            _patch_row(patch, name, row)
    if names & _MEMORY or (patch.planned["memory_slots"] and names & _PROCESSOR):
        lay_out_memory(patch.document, patch.planned, patch.live)
    keep_variables(patch.document, patch.live)
    keep_one_order(patch.document)
    add_root_ports(patch.document)
    write_owner(patch.document, owner)


_MEMORY = {"memory", "max_memory", "memory_slots"}
_PROCESSOR = {"cpu", "vcpu", "max_vcpu", "type"}


def _patch_row(patch: Patch, name: str, row: Row | Block) -> None:
    special, device = _SPECIAL.get(name), device_named(name)
    if special is not None:
        special(patch)
    elif device is not None:
        before, after = (device.wanted(domain) for domain in (patch.work.prior, patch.planned))
        patch_device(patch.document, device, before, after, patch.live)
    elif row.xml is not None:
        before, after = (_placed(row, domain[name]) for domain in (patch.work.prior, patch.planned))
        patch_changes(patch.document.root, {name: row}, {name: before}, {name: after})


def _placed(row: Row | Block, value: Plain) -> Plain:
    """A value as it is in the XML."""
    return meant(row, value or []) if isinstance(row, Block) else value or None


def _keep(_patch: Patch) -> None:
    """A domain gets another name by a verb of its own, and its memory is laid out when all else is there."""


def _metadata(patch: Patch) -> None:
    write_metadata(patch.document, patch.work.before("metadata"), patch.planned["metadata"])


def _type(patch: Patch) -> None:
    patch.document.root.set("type", patch.planned["type"])
    if patch.planned["cpu"]:
        _cpu(patch)


def _machine(patch: Patch) -> None:
    """Another mainboard has other buses: what was plugged into the old one is laid out anew."""
    document = patch.document
    for path in ("devices/controller", "devices/*/address"):
        for element in document.find_all(path):
            remove_element(element)
    machine = with_machine(patch.host, patch.planned)["machine"] or ""
    patch_rows(document.root, SCHEMA.rows, {"machine": machine})
    devices = len(document.find_all("devices/*"))
    ports = root_ports(machine, devices)
    if ports:
        document.add("devices", '<controller type="pci" index="0" model="pcie-root"/>')
    for index in range(1, ports + 1):
        document.add("devices", f'<controller type="pci" index="{index}" model="pcie-root-port"/>')
    patch_drives(patch.host, document, patch.planned, anew=True)
    patch_disks(patch.host, document, patch.planned, patch.work, None, all_of_them=True)


def _cpu(patch: Patch) -> None:
    """Another kind of processor is made anew, since libvirt has filled in what belongs to the old one."""
    before, after = (cpu_placed(domain["cpu"] or (), domain["type"]) for domain in (patch.work.prior, patch.planned))
    if _kind_of(before) != _kind_of(after):
        _remove_all(patch.document, "cpu")
        before = []
    row = {"cpu": SCHEMA.rows["cpu"]}
    patch_changes(patch.document.root, row, {"cpu": before}, {"cpu": after})


def _kind_of(cpu: Sequence[Object]) -> list[Plain]:
    return [element[name] for element in cpu for name in ("mode", "model")]


def _vcpus(patch: Patch) -> None:
    _remove_all(patch.document, "vcpus")  # It lists single processors, and libvirt makes it anew.
    wanted = {name: patch.planned[name] for name in ("max_vcpu", "vcpu")}
    patch_rows(patch.document.root, SCHEMA.rows, wanted)


def _firmware(patch: Patch) -> None:
    patch_firmware(patch.document, with_machine(patch.host, patch.planned))


def _boot_devices(patch: Patch) -> None:
    _remove_all(patch.document, "os/boot")
    for device in boot_order(patch.planned["boot_device"]) or ["hd"]:
        patch.document.add("os", f'<boot dev="{device}"/>')


def _kernel(patch: Patch) -> None:
    for name in ("kernel", "initrd", "dtb"):
        identity = patch.planned[name]
        path = content_path(patch.host, identity) if identity else None
        patch_rows(patch.document.root, SCHEMA.rows, {name: path})


def _cmdline(patch: Patch) -> None:
    _remove_all(patch.document, "os/cmdline")
    text = cmdline_text(patch.planned["cmdline"] or ())
    if text:
        patch.document.add("os", "<cmdline/>").text = text


def _seeds(patch: Patch) -> None:
    patch_drives(patch.host, patch.document, patch.planned)


def _ignition(patch: Patch) -> None:
    _seeds(patch)
    arguments = patch.document.find_all("qemu:commandline/qemu:arg")
    for flag, value in pairwise(arguments):
        if flag.get("value") == "-fw_cfg" and value.get("value", "").startswith("name="):
            remove_element(flag)
            remove_element(value)
    wanted = firmware_configuration(patch.host, with_machine(patch.host, patch.planned))
    if wanted is None:
        return
    if patch.document.find("qemu:commandline") is None:
        patch.document.root.append(make_element("qemu:commandline", {}))
    for word in ("-fw_cfg", wanted):
        commandline = patch.document.find("qemu:commandline")
        assert commandline is not None
        commandline.append(make_element("qemu:arg", {"value": word}))


def _graphics(patch: Patch) -> None:
    drop_old_forms(patch.document)
    patch_device(patch.document, GRAPHICS, patch.work.prior["graphics"], patch.planned["graphics"], None)
    if not patch.planned["audio"]:
        remove_lone_audio(patch.document)


def _disks(patch: Patch) -> None:
    patch_disks(patch.host, patch.document, patch.planned, patch.work, patch.live)


def _interfaces(patch: Patch) -> None:
    patch_interfaces(patch.host, patch.document, patch.planned, patch.work, patch.live)


def _controllers(patch: Patch) -> None:
    patch_device(patch.document, CONTROLLER, patch.work.prior["controller"], patch.planned["controller"], patch.live)
    remove_companions(patch.document)


def _consoles(patch: Patch) -> None:
    patch_consoles(patch.document, patch.planned)


def _remove_all(document: Document, path: str) -> None:
    for element in document.find_all(path):
        remove_element(element)


_SPECIAL: Mapping[str, Callable[[Patch], None]] = {
    "name": _keep,
    "metadata": _metadata,
    "type": _type,
    "machine": _machine,
    "cpu": _cpu,
    "memory": _keep,
    "max_memory": _keep,
    "memory_slots": _keep,
    "vcpu": _vcpus,
    "max_vcpu": _vcpus,
    "firmware": _firmware,
    "firmware_feature": _firmware,
    "loader": _firmware,
    "boot_device": _boot_devices,
    "kernel": _kernel,
    "initrd": _kernel,
    "dtb": _kernel,
    "cmdline": _cmdline,
    "cloudinit": _seeds,
    "coreos_ignition": _ignition,
    "fw_cfg_name": _ignition,
    "disk": _disks,
    "network_interface": _interfaces,
    "graphics": _graphics,
    "console": _consoles,
    "controller": _controllers,
}
"""The rows that are more than one place of the XML, or that stand for another value there."""
