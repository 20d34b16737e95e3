"""What can be told about a domain before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from kvmform.diagnostics import Diagnostic, DiagnosticError, error
from kvmform.host.host import Host
from kvmform.resources.domain.check_reach import check_reach
from kvmform.resources.domain.cloning.check import check_cloning
from kvmform.resources.domain.cloning.identity import check_identity
from kvmform.resources.domain.device.check import check_devices
from kvmform.resources.domain.disk.captured import check_captured_disks
from kvmform.resources.domain.disk.check import check_disks
from kvmform.resources.domain.escape.check import check_escape
from kvmform.resources.domain.interface.check import check_interfaces
from kvmform.resources.domain.life.power import parse_duration
from kvmform.resources.domain.life.saved_memory import check_saved_memory
from kvmform.resources.domain.machine.check import check_hardware
from kvmform.resources.domain.machine.defaults import default_machine
from kvmform.resources.domain.policies import NEXT_BOOT, REBOOT
from kvmform.resources.domain.readiness.check import check_readiness
from kvmform.schema import Check, Path, Plain, Problem
from kvmform.values.model import Unknown

__all__ = ["check"]


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    for part in _PARTS:
        yield from part(check)


def _problem(path: Path, summary: str, detail: str) -> Problem:
    return Problem(path, error(summary, detail))


def _check_name(check: Check[Host]) -> Iterator[Problem]:
    name, own = check.planned["name"], check.planned["id"]
    if isinstance(name, Unknown):
        return
    existing = check.host.inventory.domains.named(name)
    replaced = check.observed.object["id"] if check.observed is not None else None
    if (
        existing is not None
        and existing.uuid not in {own, replaced}
        and existing.uuid not in check.leaving("libvirt_domain")
        and not _is_planned(check, existing.uuid)
    ):
        yield _problem(
            ("name",),
            "Domain already exists",
            f'The host has a domain "{name}" (UUID {existing.uuid}) that is not in this state, so it is left alone. '
            "Choose another name, or import it into the state.",
        )
    if any(other is not check.planned and other["name"] == name for other in check.others("libvirt_domain")):
        yield _problem(("name",), "Name used twice", f'Another domain in this configuration is named "{name}" too.')


def _is_planned(check: Check[Host], uuid: str) -> bool:
    """Whether an existing domain is another one of this configuration: the two names may be exchanged."""
    return any(other["id"] == uuid for other in check.others("libvirt_domain"))


def _check_machine(check: Check[Host]) -> Iterator[Problem]:
    """The hypervisor must be able to run such a machine."""
    host, planned = check.host, check.planned
    if host.is_simulated or isinstance(planned["type"], Unknown):
        return
    arch = planned["arch"] if isinstance(planned["arch"], str) else host.capabilities.arch
    guest = host.capabilities.guest(arch, planned["type"])
    if guest is None:
        offered = sorted(
            {kind for other in host.capabilities.guests if other.arch == arch for kind in other.domain_types}
        )
        yield _problem(
            ("type",),
            "Domain type not available",
            f'The host {host.uri} can\'t run {arch} guests of the type "{planned["type"]}"; it offers '
            f"{', '.join(offered) or 'none'}. {_advice(planned['type'], offered)}",
        )
        return
    machine = planned["machine"] if isinstance(planned["machine"], str) else default_machine(arch)
    names = guest.machines.keys() | {known.canonical for known in guest.machines.values()}
    if machine and machine not in names:
        yield _problem(
            ("machine",),
            "Unknown machine type",
            f'The emulator {guest.emulator} has no machine type "{machine}" for {arch}. `virsh domcapabilities` and '
            f"`{guest.emulator} -machine help` list those it has.",
        )


def _advice(wanted: str, offered: list[str]) -> str:
    if wanted == "kvm" and "qemu" in offered:
        return (
            "KVM needs hardware virtualisation: /dev/kvm must exist and be open to the hypervisor. To emulate, which "
            'is slower, write type = "qemu", or set KVMFORM_DOMAIN_TYPE=qemu for all domains that give no type.'
        )
    return "Choose one of these."


def _check_sizes(check: Check[Host]) -> Iterator[Problem]:
    planned = check.planned
    for name, what in (("memory", "MiB of memory"), ("vcpu", "processors")):
        value, maximum = planned[name], planned[f"max_{name}"]
        for row, number in ((name, value), (f"max_{name}", maximum)):
            if check.config[row] is None or isinstance(number, Unknown):
                continue
            if not isinstance(number, int) or number < 1:
                yield _problem((row,), "Invalid number", f"{row} must be a whole number from 1, not {number}.")
        if isinstance(value, int) and isinstance(maximum, int) and value > maximum:
            yield _problem(
                (name,),
                f"More than max_{name}",
                f"The domain has {value} {what}, but max_{name} allows only {maximum}. Raise it, or leave it out.",
            )


def _check_life(check: Check[Host]) -> Iterator[Problem]:
    planned = check.planned
    choice = planned["on_reboot_needed"]
    if isinstance(choice, str) and choice not in {REBOOT, NEXT_BOOT}:
        yield _problem(
            ("on_reboot_needed",),
            "Unknown way to reboot",
            f'on_reboot_needed is "{REBOOT}" (the guest is rebooted by apply) or "{NEXT_BOOT}" (it is left to the '
            f'guest), not "{choice}".',
        )
    if _is_renamed_running(check) and choice == NEXT_BOOT:
        yield _problem(
            ("name",),
            "A running guest can't be renamed",
            "libvirt renames only a domain that is off, and on_reboot_needed forbids to shut this one down. Shut the "
            "guest down first, or allow the reboot.",
        )
    for index, block in enumerate(planned["timeouts"] or ()):
        yield from _duration_problems(("timeouts", index, "create"), block["create"])


def _is_renamed_running(check: Check[Host]) -> bool:
    observed = check.observed
    return (
        observed is not None
        and bool(observed.facts.get("running"))
        and check.planned["running"] is True
        and observed.object["name"] != check.planned["name"]
    )


def _duration_problems(path: Path, value: Plain) -> Iterator[Problem]:
    if not isinstance(value, str):
        return
    try:
        parse_duration(value)
    except DiagnosticError as problem:
        found: Diagnostic = problem.diagnostics[0]
        yield Problem(path, found)


def _check_files(check: Check[Host]) -> Iterator[Problem]:
    """Firmware and kernels must be there, as far as this machine is the host."""
    if not check.host.is_local:
        return
    for name in ("firmware", "kernel", "initrd"):
        value = check.planned[name]
        if isinstance(value, str) and value.startswith("/") and not FilePath(value).exists():
            if check.host.inventory.volumes.get(value) is not None or _is_planned_volume(check, value):
                continue
            yield _problem(
                (name,),
                "File not found",
                f"{value} is not on the host. UEFI firmware comes with the package ovmf (Debian and Ubuntu) or "
                "edk2-ovmf (Fedora)."
                if name == "firmware"
                else f"{value} is not on the host, and no volume has this id.",
            )


def _is_planned_volume(check: Check[Host], identity: str) -> bool:
    return any(volume["id"] == identity for volume in check.others("libvirt_volume"))


_PARTS = (
    _check_name,
    _check_machine,
    _check_sizes,
    _check_life,
    _check_files,
    check_hardware,
    check_reach,
    check_cloning,
    check_disks,
    check_captured_disks,
    check_saved_memory,
    check_devices,
    check_interfaces,
    check_identity,
    check_readiness,
    check_escape,
)
