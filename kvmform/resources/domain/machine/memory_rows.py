"""The tables of where the guest's memory comes from, and how much of the host's it may take."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_cpuset, same_flag
from kvmform.resources.domain.machine.policies import by_parts, limited_memory, moved_memory
from kvmform.resources.domain.rows import AT_START, HERE, group, number, text
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, STRING
from kvmform.xml.codecs import MIB, PRESENCE

__all__ = ["MEMORY_BACKING", "MEMTUNE", "NUMATUNE"]

_MODES = ("strict", "preferred", "interleave", "restrictive")


def _switch(doc: str, name: str) -> Row:
    return Row(type=BOOL, change=AT_START, xml=f"memoryBacking/{name}", codec=PRESENCE, same=same_flag, doc=doc)


MEMORY_BACKING = group(
    "Where the guest's memory comes from.",
    {
        "source": text(
            "`anonymous`, `memfd` or `file`; virtiofs and vhost-user need `memfd` or `file`.",
            xml="memoryBacking/source/@type",
            choices=("anonymous", "memfd", "file"),
        ),
        "access": text(
            "`shared` with other programs of the host, which virtiofs and vhost-user need, or `private`.",
            xml="memoryBacking/access/@mode",
            choices=("shared", "private"),
        ),
        "allocation": text(
            "Take it all at once (`immediate`), or as the guest uses it (`ondemand`).",
            xml="memoryBacking/allocation/@mode",
            choices=("immediate", "ondemand"),
        ),
        "hugepages": _switch("Take it from the host's huge pages.", "hugepages"),
        "page": Block(
            doc="A size of huge pages, where it is not to be the host's usual one.",
            xml="memoryBacking/hugepages/page",
            match=(("size",),),
            pair_rest=False,
            change=AT_START,
            rows={
                "size": number("Size of the pages in KiB.", "@size", required=True),
                "nodeset": Row(
                    type=STRING,
                    change=AT_START,
                    xml="@nodeset",
                    same=same_cpuset,
                    doc="The guest's NUMA nodes that get them; all if unset.",
                ),
            },
        ),
        "nosharepages": _switch("Never merge equal pages of several guests.", "nosharepages"),
        "locked": _switch("Never swap it out.", "locked"),
        "discard": _switch("Give it up without writing it back when the guest ends.", "discard"),
    },
)

_MEMTUNE_ROWS: dict[str, Row | Block] = {
    "hard_limit": number("Never more than this, in MiB.", "memtune/hard_limit", limited_memory, codec=MIB),
    "soft_limit": number(
        "No more than this, in MiB, while memory is scarce.", "memtune/soft_limit", limited_memory, codec=MIB
    ),
    "swap_hard_limit": number(
        "Never more than this, in MiB, with what is swapped out.",
        "memtune/swap_hard_limit",
        limited_memory,
        codec=MIB,
    ),
}
MEMTUNE = group("How much of the host's memory the guest's process may take.", _MEMTUNE_ROWS, by_parts(_MEMTUNE_ROWS))

NUMATUNE = Block(
    doc="From which NUMA nodes of the host the guest's memory is taken.",
    max_items=1,
    xml=HERE,
    change=AT_START,
    rows={
        "mode": text(
            "`strict`, `preferred`, `interleave` or `restrictive`.", xml="numatune/memory/@mode", choices=_MODES
        ),
        "nodeset": Row(
            type=STRING,
            change=moved_memory,
            xml="numatune/memory/@nodeset",
            same=same_cpuset,
            doc="The host's nodes, such as `0-1`.",
        ),
        "placement": Row(
            type=STRING,
            change=AT_START,
            xml="numatune/memory/@placement",
            choices=("static", "auto"),
            same=lambda before, after: (before or "static") == (after or "static"),
            doc="`static`, which libvirt doesn't write down, or `auto` to ask numad.",
        ),
        "memnode": Block(
            doc="The same for one node of the guest's.",
            xml="numatune/memnode",
            match=(("cellid",),),
            pair_rest=False,
            change=AT_START,
            rows={
                "cellid": number("Number of the guest's node.", "@cellid", required=True),
                "mode": text("As above.", xml="@mode", choices=_MODES),
                "nodeset": Row(type=STRING, change=AT_START, xml="@nodeset", same=same_cpuset, doc="The host's nodes."),
            },
        ),
    },
)
