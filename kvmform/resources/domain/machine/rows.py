"""The table of what the guest is made of."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_machine
from kvmform.resources.domain.policies import at_boot, memory_edited, vcpu_edited
from kvmform.resources.domain.rows import AT_START, chosen_by_libvirt
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import NUMBER, STRING
from kvmform.xml.codecs import MIB

__all__ = ["MACHINE"]

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
    "cpu": Block(
        doc="The processor that the guest sees.",
        max_items=1,
        computed=True,
        change=AT_START,
        rows={"mode": chosen_by_libvirt("`host-passthrough`, `host-model`, `maximum` or `custom`.", "@mode")},
        xml="cpu",
    ),
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
