"""What guests the host can run: emulators, accelerators, and who they run as."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.doctor.finding import Finding, error, good, warning
from kvmform.host.host import Host

__all__ = ["examine"]

_CHECK = "emulator"
_MODERN = {"x86_64": "q35", "aarch64": "virt"}
"""The machine type that UEFI is usual with."""


def examine(host: Host) -> Iterator[Finding]:
    """Whether there is an emulator for the host's own architecture, and whether libvirt offers KVM with it."""
    arch = host.capabilities.arch
    guest = host.capabilities.guest(arch, "qemu") or host.capabilities.guest(arch, "kvm")
    if guest is None:
        yield error(
            _CHECK,
            f"no emulator for {arch} guests",
            "libvirt found no QEMU for the machine's own architecture, so no guest can start.",
            "apt install qemu-system-x86  (Debian, Ubuntu)",
            "dnf install qemu-kvm  (Fedora, RHEL)",
        )
        return
    kinds = sorted({kind for each in host.capabilities.guests if each.arch == arch for kind in each.domain_types})
    others = sorted({each.arch for each in host.capabilities.guests} - {arch})
    emulated = f"; emulates {', '.join(others)}" if others else ""
    yield good(_CHECK, f"{guest.emulator} for {arch} ({', '.join(kinds)}){emulated}")
    if "kvm" not in kinds:
        yield warning(
            _CHECK,
            "libvirt does not offer KVM",
            f'It offers {", ".join(kinds)} for {arch}. Domains of the type "kvm", which is the default, can\'t start.',
            'type = "qemu" in the domains, or KVMFORM_DOMAIN_TYPE=qemu for all of them',
        )
    yield from _firmware(host, arch, "kvm" if "kvm" in kinds else kinds[0])


def _firmware(host: Host, arch: str, kind: str) -> Iterator[Finding]:
    offered = host.domain_capabilities(arch, _MODERN.get(arch), kind)
    if offered is None:
        return
    if offered.loaders:
        yield good("firmware", f"UEFI: {', '.join(offered.loaders)}")
    else:
        yield warning(
            "firmware",
            "there is no UEFI firmware",
            "Guests boot with BIOS. Labs with firmware = … and images that know only UEFI need it.",
            "apt install ovmf  (Debian, Ubuntu)",
            "dnf install edk2-ovmf  (Fedora, RHEL)",
        )
