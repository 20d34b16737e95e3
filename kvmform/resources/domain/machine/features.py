"""The table of the machine's features, as libvirt calls what can be switched on and off."""

from __future__ import annotations

from kvmform.resources.domain.rows import AT_START, flag, group, number, text
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL
from kvmform.xml.codecs import PRESENCE, YES_NO

__all__ = ["FEATURES", "PM"]


def _usual(doc: str, name: str) -> Row:
    """A feature that guests have unless they are told not to."""
    return Row(type=BOOL, default=True, change=AT_START, xml=f"features/{name}", codec=PRESENCE, doc=doc)


def _state(doc: str, name: str) -> Row:
    return flag(doc, f"features/{name}/@state")


def _enlightenments() -> dict[str, Row | Block]:
    names = {
        "relaxed": "Be lenient with timers.",
        "vapic": "A virtual interrupt controller.",
        "vpindex": "Numbers of virtual processors.",
        "runtime": "Time that a processor has run.",
        "synic": "A synthetic interrupt controller.",
        "reset": "Reset of the machine.",
        "frequencies": "Frequencies of the timers.",
        "reenlightenment": "Notice of migrations.",
        "tlbflush": "Flush of the address cache.",
        "ipi": "Interrupts between processors.",
        "evmcs": "Enlightened control of nested guests.",
        "avic": "Hardware support of the interrupt controller.",
    }
    rows: dict[str, Row | Block] = {name: _state(doc, f"hyperv/{name}") for name, doc in names.items()}
    return rows | {
        "mode": text(
            "`custom`: those that are switched on here; `passthrough`: all that the hypervisor has.",
            xml="features/hyperv/@mode",
            choices=("custom", "passthrough"),
        ),
        "spinlocks": number(
            "After how many tries a spinning processor tells the hypervisor, from 4095.",
            "features/hyperv/spinlocks[@state='on']/@retries",
        ),
        "stimer": _state("Synthetic timers.", "hyperv/stimer"),
        "stimer_direct": flag("Synthetic timers that interrupt directly.", "features/hyperv/stimer/direct/@state"),
        "vendor_id": text(
            "Name of the hypervisor that the guest sees.", xml="features/hyperv/vendor_id[@state='on']/@value"
        ),
    }


FEATURES = group(
    "What the machine has beside devices.",
    {
        "acpi": _usual("Power management and more; without it a guest hears of no power button.", "acpi"),
        "apic": _usual("The interrupt controller.", "apic"),
        "pae": _usual("Addresses of more than 32 bits in 32-bit guests.", "pae"),
        "hap": flag("Paging with the processor's help.", "features/hap/@state"),
        "pvspinlock": _state("Spinlocks that know of the hypervisor.", "pvspinlock"),
        "pmu": _state("Performance counters.", "pmu"),
        "smm": _state("System management mode, which secure boot needs.", "smm"),
        "vmport": _state("VMware's port.", "vmport"),
        "ioapic": text(
            "Who provides the I/O interrupt controller: `kvm` or `qemu`.",
            xml="features/ioapic/@driver",
            choices=("kvm", "qemu"),
        ),
        "gic": text(
            "Version of the interrupt controller of Arm machines.",
            xml="features/gic/@version",
            choices=("2", "3", "host"),
        ),
        "vmcoreinfo": _state("Let the guest leave notes for memory dumps.", "vmcoreinfo"),
        "htm": _state("Transactional memory of POWER machines.", "htm"),
        "kvm": group(
            "What the guest sees of KVM.",
            {
                "hidden": _state("Hide that it is KVM.", "kvm/hidden"),
                "hint_dedicated": _state("Tell the guest that its processors are its own.", "kvm/hint-dedicated"),
                "poll_control": _state("Let the guest poll when idle.", "kvm/poll-control"),
                "pv_ipi": _state("Interrupts between processors with KVM's help.", "kvm/pv-ipi"),
            },
        ),
        "hyperv": group("What the guest sees of Hyper-V, by which Windows runs better.", _enlightenments()),
    },
)
"""The block `features`."""

PM = group(
    "What the guest's firmware offers of sleeping.",
    {
        "suspend_to_mem": flag("Sleep in memory.", "pm/suspend-to-mem/@enabled", codec=YES_NO),
        "suspend_to_disk": flag("Hibernation.", "pm/suspend-to-disk/@enabled", codec=YES_NO),
    },
)
"""The block `pm`."""
