"""The definition of a new domain: what the template needs, from what is planned and what the host has."""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.host.host import Host
from kvmform.resources.domain.boot import (
    boot_order,
    cmdline_text,
    cpu_mode,
    default_machine,
    features,
    has_firmware_configuration,
    ignition_argument,
)
from kvmform.resources.domain.device_reading import network_name
from kvmform.resources.domain.device_rows import in_force
from kvmform.resources.domain.disks import ignition_places, seed_places
from kvmform.resources.domain.interfaces import interface_places
from kvmform.resources.domain.locations import content_path, places_of
from kvmform.resources.domain.metadata import metadata_xml
from kvmform.resources.domain.root_ports import root_ports
from kvmform.schema import Object, Operation
from kvmform.xml.template import render

__all__ = ["definition_xml", "firmware_configuration", "meant", "seeds", "with_machine"]

_OTHER_DEVICES = 5
"""PCI devices that each domain may have beside those of the user: USB, serial, balloon, entropy, SCSI."""


def definition_xml(operation: Operation[Host], planned: Object) -> str:
    """The XML of a new domain."""
    host = operation.host
    domain = with_machine(host, planned)
    disks = [places_of(host, disk, domain["machine"]) for disk in domain["disk"]]
    drives = [*disks, *seeds(host, domain)]
    devices = len(drives) + len(domain["network_interface"]) + len(domain["filesystem"]) + _OTHER_DEVICES
    return render(
        __package__,
        "domain.xml.j2",
        domain
        | {
            "lineage": operation.identity.lineage,
            "address": operation.address,
            "metadata": metadata_xml(domain["metadata"]),
            "kernel": content_path(host, domain["kernel"] or ""),
            "initrd": content_path(host, domain["initrd"] or ""),
            "cmdline": cmdline_text(domain["cmdline"] or ()),
            "boot_order": boot_order(domain["boot_device"]),
            "chooses_firmware": domain["arch"] == "aarch64" and not domain["firmware"],
            "features": features(domain["arch"]),
            "cpu_mode": next((cpu_mode(cpu["mode"], domain["type"]) for cpu in domain["cpu"] or ()), None),
            "nvram": domain["nvram"] or [],
            "root_ports": root_ports(domain["machine"] or "", devices),
            "has_scsi": any(places["bus"] == "scsi" for places in drives),
            "disks": drives,
            "interfaces": [
                interface_places(interface, network_name(host, interface)) for interface in domain["network_interface"]
            ],
            "consoles": meant("console", domain["console"]),
            "filesystems": domain["filesystem"],
            "graphics": meant("graphics", domain["graphics"]),
            "tpm": meant("tpm", domain["tpm"]),
            "fw_cfg": firmware_configuration(host, domain),
        },
    )


def with_machine(host: Host, planned: Object) -> Object:
    """The domain with the architecture and machine type that it gets where none are written."""
    arch = planned["arch"] or host.capabilities.arch
    return planned | {"arch": arch, "machine": planned["machine"] or default_machine(arch)}


def seeds(host: Host, domain: Object) -> list[Object]:
    """The places of the drives that hold what the guest reads at its first boot."""
    drives = []
    if domain["cloudinit"]:
        drives.append(seed_places(content_path(host, domain["cloudinit"]), domain["machine"]))
    if domain["coreos_ignition"] and not has_firmware_configuration(domain["machine"] or ""):
        drives.append(ignition_places(content_path(host, domain["coreos_ignition"])))
    return drives


def firmware_configuration(host: Host, domain: Object) -> str | None:
    """QEMU's argument that hands Ignition's file to the firmware; None where there is no such file."""
    if not domain["coreos_ignition"] or not has_firmware_configuration(domain["machine"] or ""):
        return None
    return ignition_argument(domain["fw_cfg_name"], content_path(host, domain["coreos_ignition"]))


def meant(block: str, elements: Iterable[Object]) -> list[Object]:
    """The elements of a block, with None for the arguments that have no meaning in them."""
    return [
        {name: value if name in in_force(block, element) else None for name, value in element.items()}
        for element in elements
    ]
