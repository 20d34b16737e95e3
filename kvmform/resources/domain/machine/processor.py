"""The table of the processor that the guest sees."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_cpuset
from kvmform.resources.domain.rows import AT_START, HERE, chosen_by_libvirt, flag, group, number, text
from kvmform.schema import Block, Row
from kvmform.values.types import NUMBER, STRING
from kvmform.xml.codecs import MIB

__all__ = ["CPU"]

_TOPOLOGY = group(
    "How the processors are laid out; their product is the largest number of processors.",
    {
        "sockets": number("Number of sockets.", "topology/@sockets"),
        "dies": number("Dies for each socket.", "topology/@dies"),
        "cores": number("Cores for each die.", "topology/@cores"),
        "threads": number("Threads for each core.", "topology/@threads"),
    },
)

_FEATURE = Block(
    doc="A feature of the processor that is to be there, or not to be there, whatever the model says.",
    xml="feature",
    match=(("name",),),
    pair_rest=False,
    change=AT_START,
    rows={
        "name": Row(type=STRING, required=True, change=AT_START, xml="@name", doc="libvirt's name of the feature."),
        "policy": text(
            "`require`, `disable`, `optional`, `force` or `forbid`.",
            xml="@policy",
            default="require",
            choices=("force", "require", "optional", "disable", "forbid"),
        ),
    },
)

_CELL = Block(
    doc="A node of the guest's NUMA topology.",
    xml="numa/cell",
    match=(("id",), ("cpus",)),
    pair_rest=False,
    change=AT_START,
    rows={
        "id": number("Number of the node, from 0.", "@id", required=True),
        "cpus": Row(type=STRING, change=AT_START, xml="@cpus", same=same_cpuset, doc="Its processors, such as `0-1`."),
        "memory": Row(type=NUMBER, required=True, change=AT_START, xml="@memory", codec=MIB, doc="Its memory in MiB."),
        "mem_access": text("`shared` or `private`.", xml="@memAccess", choices=("shared", "private")),
    },
)

CPU = Block(
    doc="The processor that the guest sees.",
    max_items=1,
    computed=True,
    change=AT_START,
    xml="cpu",
    rows={
        "mode": chosen_by_libvirt("`host-passthrough`, `host-model`, `maximum` or `custom`.", "@mode"),
        "model": text("The model, for `custom`: a name that `virsh cpu-models` lists.", xml="model"),
        "fallback": text(
            "Whether another model may take the place of one that the hypervisor doesn't know: `allow` or `forbid`.",
            xml="model/@fallback",
            choices=("allow", "forbid"),
        ),
        "match": text(
            "How closely the guest's processor has to be the model: `minimum`, `exact` or `strict`.",
            xml="@match",
            choices=("minimum", "exact", "strict"),
        ),
        "check": text(
            "How closely libvirt looks whether the guest got that processor: `none`, `partial` or `full`.",
            xml="@check",
            choices=("none", "partial", "full"),
        ),
        "migratable": flag("Leave out what can't be migrated, of `host-passthrough`.", "@migratable"),
        "feature": _FEATURE,
        "topology": _TOPOLOGY,
        "cache": group(
            "The caches that the guest sees.",
            {
                "mode": text(
                    "`emulate`, `passthrough` or `disable`.",
                    xml="cache/@mode",
                    choices=("emulate", "passthrough", "disable"),
                ),
                "level": number("Which cache it is about; all if unset.", "cache/@level"),
            },
        ),
        "maxphysaddr": group(
            "How many bits the guest's physical addresses have.",
            {
                "mode": text(
                    "`passthrough` or `emulate`.", xml="maxphysaddr/@mode", choices=("passthrough", "emulate")
                ),
                "bits": number("Number of bits, for `emulate`.", "maxphysaddr/@bits"),
            },
        ),
        "numa": Block(
            doc="The guest's NUMA topology.",
            max_items=1,
            xml=HERE,
            change=AT_START,
            rows={"cell": _CELL},
        ),
    },
)
"""The block `cpu`."""
