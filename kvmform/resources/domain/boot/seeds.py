"""What a guest reads at its first boot: the drives, or the firmware's file, that hold it."""

from __future__ import annotations

import re

from kvmform.host.host import Host
from kvmform.resources.domain.disk.locations import content_path
from kvmform.resources.domain.disk.places import DISK_PLACES
from kvmform.resources.domain.equivalence import machine_family
from kvmform.schema import Object, Plain
from kvmform.xml.document import Document

__all__ = ["SEED_SERIALS", "firmware_configuration", "ignition_places", "read_ignition", "seed_places", "seeds"]

SEED_SERIALS = frozenset({"cloudinit", "ignition"})
"""Serial numbers of the drives that kvmform adds for seeds; they are no `disk` blocks."""

_IGNITION = re.compile(r"name=(?P<name>[^,]*),file=(?P<file>.*)")


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


def seed_places(path: str, machine: Plain) -> Object:
    """The places of the drive that holds a cloud-init seed.

    On `pc` it is a CD-ROM drive on IDE, as it always was. Elsewhere it is a read-only virtio
    disk: the kernels of cloud images have a driver for the bus that they boot from, and some
    have none for SATA. Its name is the last of its kind, so that data disks keep theirs.
    """
    classic = machine_family(machine or "pc") == "pc"
    places: Object = dict.fromkeys(DISK_PLACES)
    return places | {
        "type": "file",
        "device": "cdrom" if classic else "disk",
        "format": "raw",
        "file": path,
        "target": "hdd" if classic else "vdz",
        "bus": "ide" if classic else "virtio",
        "serial": "cloudinit",
        "readonly": True,
    }


def ignition_places(path: str) -> Object:
    """The places of the disk that holds Ignition's file where the firmware can't be handed one."""
    return dict.fromkeys(DISK_PLACES) | {
        "type": "file",
        "device": "disk",
        "format": "raw",
        "file": path,
        "target": "vdy",
        "bus": "virtio",
        "serial": "ignition",
        "readonly": True,
    }


def has_firmware_configuration(machine: str) -> bool:
    """Whether QEMU can hand a file to the firmware (`-fw_cfg`); elsewhere Ignition reads a disk."""
    return machine_family(machine) not in {"s390-ccw-virtio", "pseries"}


def ignition_argument(name: str, path: str) -> str:
    """QEMU's argument of `-fw_cfg`."""
    return f"name={name},file={path}"


def read_ignition(document: Document) -> tuple[str | None, str | None]:
    """The name and the file that are handed to Ignition, by the firmware or on a disk."""
    for element in document.find_all("qemu:commandline/qemu:arg"):
        found = _IGNITION.fullmatch(element.get("value", ""))
        if found is not None:
            return found["name"], found["file"]
    for disk in document.find_all("devices/disk[serial='ignition']"):
        source = disk.find("source")
        return None, source.get("file") if source is not None else None
    return None, None
