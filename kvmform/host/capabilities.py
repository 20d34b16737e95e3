"""What a host is made of, and which machines it can run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kvmform.host.elements import parse, text_of
from kvmform.struct import Struct

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["Capabilities", "Guest", "Machine", "read_capabilities", "read_storage_types"]

_OWNER = re.compile(r"\+(?P<user>\d+):\+(?P<group>\d+)")


class Machine(Struct):
    """A machine type; `canonical` is the version that an alias such as `pc` stands for, else its own name."""

    name: str
    canonical: str
    max_vcpus: int


class Guest(Struct):
    """One kind of guest that the host can run: OS type, architecture, and what it offers for them.

    `domain_types` are the accelerators (`kvm`, `qemu`); `machines` are by name, aliases included.
    """

    os_type: str
    arch: str
    emulator: str
    domain_types: tuple[str, ...]
    machines: dict[str, Machine]


class Capabilities(Struct):
    """A host's processor, memory (MiB) and guests. `cpu_model` is libvirt's name of the processor type."""

    arch: str
    cpu_model: str
    memory: int
    cpus: int
    cpu_mhz: int
    numa_nodes: int
    sockets: int
    cores: int
    threads: int
    guests: tuple[Guest, ...]
    owner: tuple[int, int] | None = None
    """Number of the user and of the group that QEMU runs as, where libvirt tells."""

    def guest(self, arch: str, domain_type: str) -> Guest | None:
        """The kind of guest of this architecture and domain type; None if the host has none."""
        for guest in self.guests:
            if guest.arch == arch and guest.os_type == "hvm" and domain_type in guest.domain_types:
                return guest
        return None

    def canonical_machine(self, arch: str, domain_type: str, machine: str) -> str:
        """The machine type that libvirt puts in the place of an alias; `machine` itself if it is none."""
        guest = self.guest(arch, domain_type)
        known = guest.machines.get(machine) if guest is not None else None
        return known.canonical if known is not None else machine


def read_capabilities(raw: Any) -> Capabilities:
    """Ask for them: two calls.

    Args:
        raw: a virConnect.

    Raises:
        libvirtError: for the caller to explain.
    """
    arch, memory, cpus, mhz, nodes, sockets, cores, threads = raw.getInfo()
    root = parse(raw.getCapabilities())
    return Capabilities(
        arch=str(arch),
        cpu_model=text_of(root, "host/cpu/model"),
        memory=int(memory),
        cpus=int(cpus),
        cpu_mhz=int(mhz),
        numa_nodes=int(nodes),
        sockets=int(sockets),
        cores=int(cores),
        threads=int(threads),
        guests=tuple(_guest(element) for element in root.iterfind("guest")),
        owner=_owner(root),
    )


def _owner(root: Element) -> tuple[int, int] | None:
    for model in root.iterfind("host/secmodel"):
        found = _OWNER.fullmatch(text_of(model, "baselabel"))
        if text_of(model, "model") == "dac" and found is not None:
            return int(found["user"]), int(found["group"])
    return None


def read_storage_types(raw: Any) -> frozenset[str]:
    """The types of storage pools that there is a backend for: one call.

    Args:
        raw: a virConnect.

    Raises:
        libvirtError: for the caller to explain.
    """
    pools = parse(raw.getStoragePoolCapabilities(0)).iterfind("pool")
    return frozenset(pool.get("type", "") for pool in pools if pool.get("supported") == "yes")


def _guest(element: Element) -> Guest:
    machines = {machine.name: machine for machine in map(_machine, element.iterfind("arch/machine"))}
    arch = element.find("arch")
    return Guest(
        os_type=text_of(element, "os_type"),
        arch=arch.get("name", "") if arch is not None else "",
        emulator=text_of(element, "arch/emulator"),
        domain_types=tuple(domain.get("type", "") for domain in element.iterfind("arch/domain")),
        machines=machines,
    )


def _machine(element: Element) -> Machine:
    name = (element.text or "").strip()
    return Machine(name, element.get("canonical", name), int(element.get("maxCpus", "0")))
