"""How a guest boots: order of devices, the kernel's arguments, the CPU, and what it finds at its first boot."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kvmform.resources.domain.equivalence import machine_family
from kvmform.schema import Object, Plain
from kvmform.xml.document import Document

__all__ = [
    "SEED_SERIALS",
    "boot_order",
    "cmdline_text",
    "cpu_mode",
    "default_machine",
    "features",
    "has_firmware_configuration",
    "ignition_argument",
    "read_boot_devices",
    "read_cmdline",
    "read_ignition",
]

SEED_SERIALS = frozenset({"cloudinit", "ignition"})
"""Serial numbers of the drives that kvmform adds for seeds; they are no `disk` blocks."""

_IGNITION = re.compile(r"name=(?P<name>[^,]*),file=(?P<file>.*)")


def default_machine(arch: str) -> str | None:
    """The machine type where none is written, as provider 0.8 chose it; None leaves it to libvirt."""
    if arch in {"x86_64", "i686"}:
        return "pc"
    if arch in {"aarch64", "armv7l"}:
        return "virt"
    return {"s390x": "s390-ccw-virtio", "ppc64": "pseries", "ppc64le": "pseries"}.get(arch)


def features(arch: str) -> tuple[str, ...]:
    """Features of the machine that are switched on; s390x has none of them."""
    return () if arch == "s390x" else ("pae", "acpi", "apic")


def cpu_mode(mode: str | None, domain_type: str) -> str | None:
    """The CPU mode in the XML.

    Under emulation there is no host CPU to pass through; QEMU's nearest to it is `maximum`, so
    that a lab written for KVM runs without it too.
    """
    return "maximum" if mode == "host-passthrough" and domain_type == "qemu" else mode


def boot_order(boot_devices: Sequence[Object]) -> list[str]:
    """The devices of all `boot_device` blocks, in order."""
    return [device for block in boot_devices for device in block["dev"] or ()]


def read_boot_devices(document: Document, prior: Sequence[Object]) -> list[Object]:
    """The boot order in the words of `prior` where that says the same, else in one block."""
    order = [element.get("dev", "") for element in document.find_all("os/boot")]
    if order == boot_order(prior):
        return list(prior)
    return [{"dev": order}] if order else []


def cmdline_text(cmdline: Sequence[dict[str, str]]) -> str:
    """The kernel's command line: each map in its place, sorted by name; `_` holds words without a name."""
    words = []
    for arguments in cmdline:
        for name, value in sorted(arguments.items()):
            words.append(value if name == "_" else f"{name}={value}")
    return " ".join(words)


def read_cmdline(document: Document, prior: Sequence[dict[str, str]]) -> Plain:
    """The kernel's arguments in the words of `prior` where that says the same."""
    text = document.get("os/cmdline") or ""
    if text == cmdline_text(prior):
        return list(prior)
    return [{"_": text}] if text else None


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
