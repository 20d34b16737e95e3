"""The table of what a domain has from another one."""

from __future__ import annotations

from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Disruption, EditContext, Effect, Row
from kvmform.values.types import STRING, MapType

__all__ = ["CLONING", "COPIED", "LINKED", "REFLINKED", "SHARED"]

LINKED, COPIED, REFLINKED, SHARED = "linked", "copied", "reflinked", "shared"
"""Values of `clone_disks`."""


def clone_disks_edited(_context: EditContext) -> Effect:
    """`none`: disks are cloned when the domain is made, and stay so."""
    return Effect(Disruption.NONE, "the disks stay as they were cloned")


CLONING: dict[str, Row | Block] = {
    "clone_of": Row(
        type=STRING,
        names=("libvirt_domain", "name"),
        change=Disruption.NONE,
        doc="Id of a domain that this one is like: what the block does not write is as it is there, but for who each "
        "of them is. Of a domain that the configuration does not have, the name or the UUID; it is then taken over "
        "once, when the domain is made.",
    ),
    "clone_disks": text(
        "What becomes of the other domain's disks where the block writes none. The clone gets its own: `copied`, which "
        "it is if unset, `linked`, which holds only what differs, or `reflinked`, which has blocks in common in the "
        "host's file system. Or they are `shared`, as those are always that can't be written or are `shareable`.",
        clone_disks_edited,
        choices=(LINKED, COPIED, REFLINKED, SHARED),
    ),
    "cloned_disk": Block(
        doc="A disk that was cloned for the domain when it was made, into a volume that is deleted with it.",
        read_only=True,
        computed=True,
        match=(("target",),),
        change=Disruption.NONE,
        rows={
            "target": Row(type=STRING, read_only=True, change=Disruption.NONE, doc="Name of the drive on its bus."),
            "original": Row(
                type=STRING, read_only=True, change=Disruption.NONE, doc="Id of the volume that it is a clone of."
            ),
            "how": Row(type=STRING, read_only=True, change=Disruption.NONE, doc="`linked`, `copied` or `reflinked`."),
        },
    ),
    "cloned_volumes": Row(
        type=MapType(STRING),
        read_only=True,
        computed=True,
        change=Disruption.NONE,
        doc="Ids of the volumes of cloned disks, by the targets of those.",
    ),
    "cloning": Row(
        type=STRING,
        read_only=True,
        computed=True,
        change=Disruption.NONE,
        doc="Id of a volume whose cloning was cut off. The next apply makes it again.",
    ),
}
"""The rows, in the order in which one thinks of them."""
