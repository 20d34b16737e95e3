"""Whether guests run on the processor itself, or have to be emulated."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

from kvmform.doctor.finding import Finding, good, warning
from kvmform.host.kvm import kvm_obstacle

__all__ = ["examine"]

_CHECK = "kvm"
_EMULATE = 'type = "qemu" in the domains, or KVMFORM_DOMAIN_TYPE=qemu for all of them: guests are emulated, slowly'


def examine(processor: Path = Path("/proc/cpuinfo"), modules: Path = Path("/sys/module")) -> Iterator[Finding]:
    """Try KVM; where it doesn't work, find out what is missing: the device, the module, or the processor."""
    obstacle = kvm_obstacle()
    if obstacle is None:
        yield good(_CHECK, "guests run under KVM")
        return
    flags = _flags(processor)
    vendor = {"vmx": "kvm_intel", "svm": "kvm_amd"}.get(next(iter({"vmx", "svm"} & flags), ""), "")
    yield warning(
        _CHECK,
        "guests don't run under KVM",
        f"{obstacle[:1].upper()}{obstacle[1:]}.",
        *_ways_out(obstacle, flags, vendor, is_loaded=(modules / vendor).exists() if vendor else False),
    )


def _flags(processor: Path) -> set[str]:
    try:
        text = processor.read_text()
    except OSError:
        return set()
    return {flag for line in text.splitlines() if line.startswith("flags") for flag in line.split()[2:]}


def _ways_out(obstacle: str, flags: set[str], vendor: str, *, is_loaded: bool) -> Iterator[str]:
    if "may not open" in obstacle:
        yield "usermod -aG kvm $USER, then log in again"
    elif vendor and not is_loaded:
        yield f"modprobe {vendor}"
    elif not vendor and platform.machine() == "x86_64" and "hypervisor" in flags:
        yield "This machine is a virtual one: allow nested virtualisation where it runs, with its CPU passed through."
    elif not vendor and platform.machine() == "x86_64":
        yield "Switch virtualisation (VT-x, AMD-V, SVM) on in the machine's firmware."
    yield _EMULATE
