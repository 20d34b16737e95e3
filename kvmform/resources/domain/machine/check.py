"""What can be told about a guest's machine before it is defined: what the host has, and what fits together."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from kvmform.diagnostics import error
from kvmform.host.domain_capabilities import DomainCapabilities
from kvmform.host.host import Host
from kvmform.resources.domain.boot.firmware import chosen_kind
from kvmform.resources.domain.machine.defaults import cpu_mode, with_machine
from kvmform.resources.elements import elements
from kvmform.schema import Check, Object, Path, Problem
from kvmform.values.model import Unknown

__all__ = ["check_hardware"]


def check_hardware(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of processor, memory, features and firmware that the plan would run into."""
    for index, cpu in enumerate(elements(check.planned["cpu"])):
        yield from _layout_problems(check, cpu, ("cpu", index))
    yield from _slot_problems(check)
    yield from _tuning_problems(check)
    offered = _offered(check)
    if offered is not None:
        yield from _offer_problems(check, offered)


def _offered(check: Check[Host]) -> DomainCapabilities | None:
    if check.host.is_simulated or any(isinstance(check.planned[name], Unknown) for name in ("type", "firmware")):
        return None
    domain = _machine_of(check)
    return check.host.domain_capabilities(domain["arch"], domain["machine"], domain["type"])


def _machine_of(check: Check[Host]) -> Object:
    """The domain with the machine that it has, or is given."""
    planned = check.planned
    known = {name: None if isinstance(planned[name], Unknown) else planned[name] for name in ("arch", "machine")}
    return with_machine(check.host, planned | known)


def _problem(path: Path, summary: str, detail: str) -> Problem:
    return Problem(path, error(summary, detail))


def _layout_problems(check: Check[Host], cpu: Object, path: Path) -> Iterator[Problem]:
    """Sockets, cores and nodes add up to what the guest has."""
    most, memory = check.planned["max_vcpu"], check.planned["max_memory"]
    for index, topology in enumerate(elements(cpu["topology"])):
        counts = [topology[name] for name in ("sockets", "dies", "cores", "threads") if topology[name] is not None]
        if isinstance(most, int) and all(isinstance(count, int) for count in counts) and prod(counts) != most:
            yield _problem(
                (*path, "topology", index),
                "Topology of another number of processors",
                f"Sockets, dies, cores and threads make {prod(counts)} processors, and the domain has up to {most}. "
                "Change one of them, or vcpu (or max_vcpu, where it is written).",
            )
    if check.planned["memory_slots"] is not None:
        memory = check.planned["memory"]
    cells = [cell["memory"] for numa in elements(cpu["numa"]) for cell in elements(numa["cell"])]
    known = bool(cells) and isinstance(memory, int) and all(isinstance(size, int) for size in cells)
    if known and (sum(cells) > memory if check.planned["memory_slots"] else sum(cells) != memory):
        yield _problem(
            (*path, "numa"),
            "NUMA nodes of another size",
            f"The nodes have {sum(cells)} MiB together, and the domain has up to {memory} MiB. libvirt takes one for "
            "the other, so both must say the same.",
        )
    if cpu["migratable"] is not None and cpu["mode"] not in {"host-passthrough", None}:
        yield _problem(
            (*path, "migratable"),
            "Only for the host's processor",
            'migratable leaves something out of the host\'s processor: it goes with mode = "host-passthrough" alone.',
        )


def _slot_problems(check: Check[Host]) -> Iterator[Problem]:
    """Slots are for memory that the guest does not have yet."""
    slots, most = check.config["memory_slots"], check.config["max_memory"]
    if slots is None or isinstance(slots, Unknown):
        return
    if not isinstance(slots, int) or not 0 < slots <= _MOST_SLOTS:
        detail = f"A machine has 1 to {_MOST_SLOTS} slots for memory, not {slots}."
        yield _problem(("memory_slots",), "Invalid number", detail)
    elif most is None:
        detail = (
            "Modules of memory are for growing up to max_memory, and that is not written. Say how much the guest "
            "may have at most, or leave memory_slots out."
        )
        yield _problem(("memory_slots",), "Slots without a maximum", detail)


_MOST_SLOTS = 256
"""QEMU's limit (ACPI_MAX_RAM_SLOTS)."""


def _tuning_problems(check: Check[Host]) -> Iterator[Problem]:
    """A guest that is to share the host by control groups doesn't start where there are none."""
    facts = check.observed.facts if check.observed is not None else {}
    if facts.get("control_groups") is not False:
        return
    for name in ("cputune", "memtune", "blkiotune"):
        for index, block in enumerate(elements(check.planned[name])):
            found = next((row for row, value in block.items() if isinstance(value, int)), None)
            if found is not None:
                yield _problem(
                    (name, index, found),
                    "No control groups",
                    f"The host {check.host.uri} does not share itself out by control groups, so a guest with {found} "
                    "would not start. Let libvirt have them (cgroup_controllers in /etc/libvirt/qemu.conf), or leave "
                    "it out.",
                )


def _offer_problems(check: Check[Host], offered: DomainCapabilities) -> Iterator[Problem]:
    planned = check.planned
    most = planned["max_vcpu"]
    if isinstance(most, int) and offered.max_vcpus and most > offered.max_vcpus:
        row = "max_vcpu" if check.config["max_vcpu"] is not None else "vcpu"
        yield _problem(
            (row,),
            "Too many processors",
            f"A guest of this machine type and domain type has at most {offered.max_vcpus} processors, not {most}.",
        )
    for index, cpu in enumerate(elements(planned["cpu"])):
        yield from _processor_problems(planned, cpu, ("cpu", index), offered)
    yield from _firmware_problems(check, offered)
    yield from _feature_problems(planned, offered)


def _processor_problems(planned: Object, cpu: Object, path: Path, offered: DomainCapabilities) -> Iterator[Problem]:
    mode, model = cpu["mode"], cpu["model"]
    if isinstance(mode, str) and offered.cpu_modes and cpu_mode(mode, planned["type"]) not in offered.cpu_modes:
        yield _problem(
            (*path, "mode"),
            "Processor not available",
            f'The host has no processor mode "{mode}" for {planned["type"]} guests; it has '
            f"{', '.join(sorted(offered.cpu_modes))}.",
        )
    if not isinstance(model, str) or not offered.cpu_models:
        return
    if model not in offered.cpu_models:
        detail = f'The hypervisor knows no processor "{model}". `virsh domcapabilities` lists those that it knows.'
        yield _problem((*path, "model"), "Unknown processor", detail)
    elif planned["type"] == "kvm" and not offered.cpu_models[model] and cpu["check"] != "none":
        usable = sorted(name for name, is_usable in offered.cpu_models.items() if is_usable)
        yield _problem(
            (*path, "model"),
            "Processor not available",
            f'The host\'s processor lacks something that "{model}" has, so no guest can have it; it can be one of '
            f'{", ".join(usable[-8:]) or "none"}. Or take mode = "host-passthrough", or "host-model".',
        )


def _firmware_problems(check: Check[Host], offered: DomainCapabilities) -> Iterator[Problem]:
    kind = chosen_kind(_machine_of(check))
    if kind is not None and not offered.offers("os/firmware", kind):
        advice = (
            "UEFI firmware comes with the package ovmf, of Arm qemu-efi-aarch64 (Debian and Ubuntu), or edk2-ovmf and "
            "edk2-aarch64 (Fedora)."
            if kind == "efi"
            else "Leave firmware out, and the guest has the machine's usual BIOS."
        )
        yield _problem(
            ("firmware",),
            "Firmware not available",
            f'The host describes no firmware "{kind}" for such guests. {advice}',
        )
    for index, feature in enumerate(elements(check.planned["firmware_feature"])):
        if kind is None:
            yield _problem(
                ("firmware_feature", index),
                "Nothing to choose from",
                'What firmware has to have is asked where libvirt chooses it: with firmware = "efi".',
            )
        elif (
            feature["name"] == "secure-boot"
            and feature["enabled"] is True
            and not offered.offers("loader/secure", "yes")
        ):
            yield _problem(
                ("firmware_feature", index, "name"),
                "Firmware not available",
                "The host has no firmware with secure boot for such guests. It comes with the package ovmf (Debian and "
                "Ubuntu) or edk2-ovmf (Fedora), for the machine type q35.",
            )


def _feature_problems(planned: Object, offered: DomainCapabilities) -> Iterator[Problem]:
    for index, backing in enumerate(elements(planned["memory_backing"])):
        source = backing["source"]
        if isinstance(source, str) and source and not offered.offers("memoryBacking/sourceType", source):
            detail = f'The host has no memory from "{source}" for such guests.'
            yield _problem(("memory_backing", index, "source"), "Memory not available", detail)
    if planned["launch_security"] and not offered.supported.get("sev", True):
        detail = "The host's processor, or its emulator, can't encrypt the memory of such guests (SEV)."
        yield _problem(("launch_security", 0), "No encrypted memory", detail)
    if planned["type"] != "kvm" or "hyperv/features" not in offered.choices:
        return
    for index, features in enumerate(elements(planned["features"])):
        for each, hyperv in enumerate(elements(features["hyperv"])):
            for name, value in hyperv.items():
                if value is True and name in _ENLIGHTENMENTS and name not in offered.choices["hyperv/features"]:
                    detail = f'The host\'s KVM has no enlightenment "{name}". Leave it out.'
                    yield _problem(("features", index, "hyperv", each, name), "Feature not available", detail)


_ENLIGHTENMENTS = frozenset(
    {
        *("relaxed", "vapic", "vpindex", "runtime", "synic", "stimer", "reset", "frequencies", "reenlightenment"),
        *("tlbflush", "ipi", "evmcs", "avic"),
    }
)
"""Arguments that are libvirt's own names of what the host's KVM may have for Windows guests."""
