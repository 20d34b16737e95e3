"""The table of `libvirt_snapshot`."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.schema import Block, Disruption, EditContext, Effect, Object, Problem, Row, Schema
from kvmform.schema.rules import among, named, xml_text
from kvmform.values.types import BOOL, STRING, ListType

__all__ = ["MANDATORY", "OPTIONAL", "SCHEMA"]

MANDATORY, OPTIONAL = "mandatory", "optional"
"""Values of `quiesce`: libvirt's words for what must be there, and what may."""


def _revert(context: EditContext) -> Effect:
    """`data-loss`, in place: what was written since the snapshot is lost."""
    if context.edit.after is None:
        return Effect(Disruption.NONE)
    return Effect(Disruption.DATA_LOSS, "reverts the guest: what was written since the snapshot is lost", in_place=True)


def _taken_anew(_context: EditContext) -> Effect:
    """`data-loss`: it is taken anew."""
    return Effect(Disruption.DATA_LOSS, "the point in time that was kept is lost")


def _kind_told(context: EditContext) -> Effect:
    """`data-loss`: it is taken anew; `none` where it only says what is so."""
    name, after = str(context.edit.path[-1]), context.edit.after
    is_so = bool(context.before["files"]) if name == "external" else context.before["state"] in {"running", "paused"}
    if after is None or after is is_so:
        return Effect(Disruption.NONE)
    return _taken_anew(context)


def _once_each(written: Object) -> Iterator[Problem]:
    """No disk has two blocks."""
    seen: set[str] = set()
    for index, disk in enumerate(written["disk"] if isinstance(written["disk"], list) else ()):
        target = disk["target"]
        if isinstance(target, str) and target in seen:
            detail = f'There is a block for the disk "{target}" already.'
            yield Problem(("disk", index, "target"), error("Disk named twice", detail))
        if isinstance(target, str):
            seen.add(target)


_DISK = Block(
    doc="How one of the domain's disks is captured; those without a block are captured as the snapshot is.",
    match=(("target",),),
    pair_rest=False,
    change=_taken_anew,
    rows={
        "target": Row(type=STRING, required=True, change=_taken_anew, doc="The disk's device name, for example `vda`."),
        "snapshot": Row(
            type=STRING,
            choices=("internal", "external", "no"),
            change=_taken_anew,
            doc="`internal`, `external`, or `no` to leave the disk out. All disks of an internal snapshot are in it.",
        ),
        "file": Row(
            type=STRING,
            change=_taken_anew,
            doc="The file that the disk goes on in, of an external snapshot. By default it is beside the image and "
            "has its name, with the snapshot's name as suffix.",
        ),
    },
)

_ROWS: dict[str, Row | Block] = {
    "id": Row(type=STRING, doc="UUID of the domain and name, with a slash between.", computed=True, read_only=True),
    "name": Row(type=STRING, doc="Name, unique among the snapshots of the domain.", required=True, change=_taken_anew),
    "domain_id": Row(type=STRING, doc="The domain: `libvirt_domain.NAME.id`.", required=True, change=_taken_anew),
    "description": Row(type=STRING, doc="What the snapshot is for.", change=Disruption.NONE, xml="description"),
    "memory": Row(
        type=BOOL,
        doc="Whether the memory of a running guest is kept, so that reverting goes on at that very moment. By "
        "default it is where the guest runs and the snapshot is internal. Without it, the disks of a running "
        "guest go into files of their own.",
        change=_kind_told,
    ),
    "external": Row(
        type=BOOL,
        doc="Whether the images stay as they are and the disks go on in files of their own (an external "
        "snapshot), or the snapshot is kept inside the images, which must be qcow2 (an internal one). By default "
        "it is external where a file is named for it, and where a running guest is captured without its memory.",
        change=_kind_told,
    ),
    "memory_file": Row(
        type=STRING,
        doc="The file that keeps the memory, of an external snapshot. By default it is beside the first disk's "
        "image, and named `DOMAIN.SNAPSHOT.memory`.",
        change=_taken_anew,
    ),
    "quiesce": Row(
        type=STRING,
        choices=(MANDATORY, OPTIONAL),
        doc="Whether the guest agent freezes the file systems while the disks of a running guest are captured "
        "without its memory: `mandatory`, and nothing is captured if the agent doesn't answer; or `optional`, "
        "and they are then captured as they are.",
        change=Disruption.NONE,
    ),
    "disk": _DISK,
    "revert": Row(
        type=STRING,
        doc="Any text. Whenever it changes, the guest is reverted to this snapshot, and is then as it was before: "
        "running, paused or off.",
        change=_revert,
    ),
    "parent": Row(
        type=STRING,
        doc="Name of the snapshot that this one follows.",
        computed=True,
        read_only=True,
        volatile=True,
        change=Disruption.NONE,
        xml="parent/name",
    ),
    "state": Row(
        type=STRING,
        doc="Power state of the guest in the snapshot: `running`, `shutoff`, `disk-snapshot`.",
        computed=True,
        read_only=True,
        change=Disruption.NONE,
        xml="state",
    ),
    "files": Row(
        type=ListType(STRING),
        doc="The files that came with an external snapshot: those that the disks went on in, and the memory's. "
        "Deleting the snapshot deletes them, and writes what they hold into the images.",
        computed=True,
        read_only=True,
        volatile=True,
        change=Disruption.NONE,
    ),
    "created": Row(
        type=STRING,
        doc="When it was taken, by the host's clock (`2026-05-01T12:30:00Z`).",
        computed=True,
        read_only=True,
        change=Disruption.NONE,
    ),
    "current": Row(
        type=BOOL,
        doc="Whether the guest goes on from this snapshot.",
        computed=True,
        read_only=True,
        volatile=True,
        change=Disruption.NONE,
    ),
}

SCHEMA = Schema(
    doc="A snapshot of a domain: its disks, its definition, and the memory of a running guest.",
    rules=(xml_text, named, among(_ROWS), _once_each),
    rows=_ROWS,
)
