"""What a machine is like where nothing is written."""

from __future__ import annotations

from collections.abc import Sequence

from kvmform.host.host import Host
from kvmform.schema import Object

__all__ = ["cpu_mode", "cpu_placed", "default_machine", "features", "with_machine"]


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


def cpu_placed(cpu: Sequence[Object], domain_type: str) -> list[Object]:
    """The block `cpu` as it is in the XML; `migratable` is of the host's processor alone."""
    placed = []
    for element in cpu:
        mode = cpu_mode(element["mode"], domain_type)
        placed.append(element | ({"mode": mode, "migratable": None} if mode != element["mode"] else {}))
    return placed


def with_machine(host: Host, planned: Object) -> Object:
    """The domain with the architecture and machine type that it gets where none are written."""
    arch = planned["arch"] or host.capabilities.arch
    return planned | {"arch": arch, "machine": planned["machine"] or default_machine(arch)}
