"""What libvirt needs beside itself on the machine: programs, devices, memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from kvmform.doctor.finding import Finding, error, good, warning
from kvmform.struct import Struct

__all__ = ["examine"]

_SEARCHED = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"


class _Program(Struct):
    name: str
    use: str
    package: str


_NEEDED = (
    _Program("dnsmasq", "the DHCP and DNS server of libvirt's networks", "dnsmasq-base (Debian, Ubuntu), dnsmasq"),
    _Program("qemu-img", "qcow2 volumes and linked clones", "qemu-utils (Debian, Ubuntu), qemu-img"),
)
_USEFUL = (_Program("swtpm", "emulated TPMs", "swtpm and swtpm-tools"),)


def examine(devices: Path = Path("/dev"), path: str = _SEARCHED) -> Iterator[Finding]:
    """Programs that libvirt calls, and the kernel's network device for guests."""
    missing = [program for program in _NEEDED if shutil.which(program.name, path=path) is None]
    for program in missing:
        yield error(
            "programs",
            f"{program.name} is not installed",
            f"libvirt needs it for {program.use}.",
            f"Install the package {program.package}.",
        )
    absent = [program for program in _USEFUL if shutil.which(program.name, path=path) is None]
    for program in absent:
        yield warning(
            "programs",
            f"{program.name} is not installed",
            f"It is needed for {program.use}, and nothing else.",
            f"Install the package {program.package}.",
        )
    if not missing and not absent:
        yield good("programs", ", ".join(program.name for program in (*_NEEDED, *_USEFUL)))
    yield _tunnel(devices / "net" / "tun")


def _tunnel(device: Path) -> Finding:
    if device.exists():
        return good("kernel", f"{device} for the interfaces of guests")
    return error(
        "kernel",
        f"there is no {device}",
        "Every network interface of a guest is one of these devices, so no guest with a network can start.",
        "modprobe tun",
    )
