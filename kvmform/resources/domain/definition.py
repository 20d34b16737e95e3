"""The definition of a new domain: what the template needs, from what is planned and what the host has."""

from __future__ import annotations

from kvmform.host.host import Host
from kvmform.resources.domain.boot.firmware import chosen_kind, firmware_features, is_path, loader_attributes
from kvmform.resources.domain.boot.order import boot_order, cmdline_text
from kvmform.resources.domain.boot.seeds import firmware_configuration, seeds
from kvmform.resources.domain.device.building import device_texts, ports_taken
from kvmform.resources.domain.device.devices import DEVICES
from kvmform.resources.domain.device.in_force import meant
from kvmform.resources.domain.device.root_ports import root_ports
from kvmform.resources.domain.disk.controllers import scsi_controllers
from kvmform.resources.domain.disk.locations import content_path, places_of
from kvmform.resources.domain.interface.places import interface_places, interface_xml
from kvmform.resources.domain.interface.reading import network_name
from kvmform.resources.domain.machine.defaults import cpu_mode, cpu_placed, features, with_machine
from kvmform.resources.domain.machine.memory import lay_out_memory
from kvmform.resources.domain.schema import PLACED, SCHEMA
from kvmform.resources.metadata import metadata_xml
from kvmform.schema import Block, Object, Operation, Plain
from kvmform.xml.document import Document
from kvmform.xml.owner import Owner
from kvmform.xml.rows import patch_rows
from kvmform.xml.template import render

__all__ = [
    "definition_of",
    "definition_values",
    "definition_xml",
    "firmware_configuration",
    "meant",
    "seeds",
    "with_machine",
    "with_placed",
]

_OTHER_DEVICES = 5
"""PCI devices that each domain may have beside those of the user: USB, serial, balloon, entropy, SCSI."""


def definition_xml(operation: Operation[Host], planned: Object) -> str:
    """The XML of a new domain, as its arguments say; what a user's escape makes of it comes behind."""
    return definition_of(operation.host, planned, Owner(operation.identity.lineage, operation.address))


def definition_of(host: Host, planned: Object, owner: Owner) -> str:
    """The same, for any owner."""
    values = definition_values(host, planned)
    text = render(__package__, "domain.xml.j2", values | {"lineage": owner.lineage, "address": owner.address})
    return with_placed(text, with_machine(host, planned))


def definition_values(host: Host, planned: Object) -> Object:
    """What a template of a domain is made with: the domain's arguments, and what follows from them on this host."""
    domain = with_machine(host, planned)
    disks = [places_of(host, disk, domain["machine"]) for disk in domain["disk"]]
    drives = [*disks, *seeds(host, domain)]
    devices = len(drives) + len(domain["network_interface"]) + _ports_taken(domain) + _OTHER_DEVICES
    return domain | {
        "metadata": metadata_xml(domain["metadata"]),
        "kernel": content_path(host, domain["kernel"] or ""),
        "initrd": content_path(host, domain["initrd"] or ""),
        "dtb": content_path(host, domain["dtb"] or ""),
        "cmdline": cmdline_text(domain["cmdline"] or ()),
        "boot_order": boot_order(domain["boot_device"]),
        "firmware_kind": chosen_kind(domain),
        "firmware_path": domain["firmware"] if is_path(domain["firmware"]) else None,
        "firmware_features": firmware_features(domain),
        "loader": loader_attributes(domain),
        "features": features(domain["arch"]),
        "cpu_mode": next((cpu_mode(cpu["mode"], domain["type"]) for cpu in domain["cpu"] or ()), None),
        "nvram": domain["nvram"] or [],
        "root_ports": root_ports(domain["machine"] or "", devices),
        "scsi_controllers": scsi_controllers(drives),
        "own_scsi_controllers": [item["index"] or 0 for item in domain["controller"] if item["type"] == "scsi"],
        "disks": drives,
        "interfaces": [
            interface_xml(interface_places(interface, network_name(host, interface)), interface)
            for interface in domain["network_interface"]
        ],
        "devices": device_texts(DEVICES, domain),
        "fw_cfg": firmware_configuration(host, domain),
    }


def _ports_taken(domain: Object) -> int:
    """A 9p directory takes one too, though it can't be plugged."""
    plain = sum(bool(directory["driver_type"] != "virtiofs") for directory in domain["filesystem"])
    return plain + ports_taken(DEVICES, domain)


def with_placed(text: str, domain: Object) -> str:
    """The definition with the rows that are no more than their places in it."""
    written = {name: domain[name] for name in PLACED if domain[name]}
    if any(value for element in domain["cpu"] or () for name, value in element.items() if name != "mode"):
        written["cpu"] = cpu_placed(domain["cpu"], domain["type"])
    if not written and not domain["memory_slots"]:
        return text
    document = Document.parse(text)
    patch_rows(document.root, SCHEMA.rows, {name: _placed(name, value) for name, value in written.items()})
    if domain["memory_slots"]:
        lay_out_memory(document, domain, None)
    document.indent()
    return document.text + "\n"


def _placed(name: str, value: Plain) -> Plain:
    row = SCHEMA.rows[name]
    return meant(row, value) if isinstance(row, Block) else value
