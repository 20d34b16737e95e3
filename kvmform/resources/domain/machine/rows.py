"""The table of what the guest is made of."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_cpuset, same_machine
from kvmform.resources.domain.machine.clock import CLOCK
from kvmform.resources.domain.machine.features import FEATURES, PM
from kvmform.resources.domain.machine.memory_rows import MEMORY_BACKING, MEMTUNE, NUMATUNE
from kvmform.resources.domain.machine.processor import CPU
from kvmform.resources.domain.machine.security import LAUNCH_SECURITY, SECLABEL
from kvmform.resources.domain.machine.smbios import SYSINFO
from kvmform.resources.domain.machine.tuning_rows import BLKIOTUNE, CPUTUNE, PERF, RESOURCE
from kvmform.resources.domain.policies import at_boot, memory_edited, vcpu_edited
from kvmform.resources.domain.rows import chosen_by_libvirt, text
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import NUMBER, STRING
from kvmform.xml.codecs import MIB

__all__ = ["MACHINE", "TUNING"]

MACHINE: dict[str, Row | Block] = {
    "type": chosen_by_libvirt("`kvm`, or `qemu` to emulate; by default the provider's `domain_type`.", "@type"),
    "arch": chosen_by_libvirt("Architecture; the host's own if unset.", "os/type/@arch", Disruption.REPLACE),
    "machine": Row(
        type=STRING,
        computed=True,
        xml="os/type/@machine",
        change=at_boot("another machine type is another mainboard"),
        same=same_machine,
        doc="Machine type, such as `pc` or `q35`; an alias stands for all versions of its family.",
    ),
    "emulator": chosen_by_libvirt("Path of the emulator; the host's usual one if unset.", "devices/emulator"),
    "cpu": CPU,
    "memory": Row(
        type=NUMBER,
        default=512,
        xml="currentMemory",
        codec=MIB,
        change=memory_edited,
        doc="Memory in MiB.",
    ),
    "max_memory": Row(
        type=NUMBER,
        computed=True,
        xml="memory",
        codec=MIB,
        change=at_boot("the maximum is fixed while the guest runs"),
        doc="Up to how much memory, in MiB, the guest can be given while it runs; `memory` if unset.",
    ),
    "memory_slots": Row(
        type=NUMBER,
        xml="maxMemory/@slots",
        change=at_boot("slots are there when the machine starts, or never"),
        doc="Slots for modules of memory, by which a running guest grows up to `max_memory` without having had it from "
        "the start.",
    ),
    "vcpu": Row(type=NUMBER, default=1, xml="vcpu/@current", change=vcpu_edited, doc="Number of virtual processors."),
    "max_vcpu": Row(
        type=NUMBER,
        computed=True,
        xml="vcpu",
        change=at_boot("the maximum is fixed while the guest runs"),
        doc="Up to how many processors the guest can be given while it runs; `vcpu` if unset.",
    ),
}
"""The rows, in the order in which one thinks of them."""

TUNING: dict[str, Row | Block] = {
    "vcpu_placement": text(
        "Where the virtual processors run: `static`, or `auto` to ask numad.",
        xml="vcpu/@placement",
        choices=("static", "auto"),
    ),
    "vcpu_cpuset": Row(
        type=STRING,
        xml="vcpu/@cpuset",
        change=at_boot("it is where the guest's threads are started"),
        same=same_cpuset,
        doc="The host's processors, such as `0-3`, on which whatever is not pinned runs.",
    ),
    "cputune": CPUTUNE,
    "memory_backing": MEMORY_BACKING,
    "memtune": MEMTUNE,
    "numatune": NUMATUNE,
    "blkiotune": BLKIOTUNE,
    "resource": RESOURCE,
    "perf": PERF,
    "features": FEATURES,
    "clock": CLOCK,
    "pm": PM,
    "genid": text("UUID by which a Windows guest notices that it was cloned or reverted.", xml="genid"),
    "sysinfo": SYSINFO,
    "seclabel": SECLABEL,
    "launch_security": LAUNCH_SECURITY,
}
"""The rows that few labs need; each is no more than its places in the XML."""
