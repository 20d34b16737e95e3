"""The table of `libvirt_snapshot`."""

from __future__ import annotations

from kvmform.schema import Disruption, EditContext, Effect, Row, Schema
from kvmform.schema.rules import xml_text
from kvmform.values.types import BOOL, STRING

__all__ = ["SCHEMA"]


def _revert(context: EditContext) -> Effect:
    if context.edit.after is None:
        return Effect(Disruption.NONE)
    return Effect(Disruption.DATA_LOSS, "reverts the guest: what was written since the snapshot is lost", in_place=True)


def _taken_anew(_context: EditContext) -> Effect:
    return Effect(Disruption.DATA_LOSS, "the point in time that was kept is lost")


SCHEMA = Schema(
    doc="A snapshot of a domain: its disks, its definition, and the memory of a running guest.",
    rules=(xml_text,),
    rows={
        "id": Row(type=STRING, doc="UUID of the domain and name, with a slash between.", computed=True, read_only=True),
        "name": Row(
            type=STRING, doc="Name, unique among the snapshots of the domain.", required=True, change=_taken_anew
        ),
        "domain_id": Row(type=STRING, doc="The domain: `libvirt_domain.NAME.id`.", required=True, change=_taken_anew),
        "description": Row(type=STRING, doc="What the snapshot is for.", change=Disruption.NONE, xml="description"),
        "memory": Row(
            type=BOOL,
            doc="Whether the memory of a running guest is kept, so that reverting goes on at that very moment. Without "
            "it only the disks are kept: within the images where the guest is off, else in files of their own (an "
            "external snapshot). By default memory is kept where the guest runs.",
            change=_taken_anew,
        ),
        "revert": Row(
            type=STRING,
            doc="Any text. Whenever it changes, the guest is reverted to this snapshot.",
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
        "current": Row(
            type=BOOL,
            doc="Whether the guest goes on from this snapshot.",
            computed=True,
            read_only=True,
            volatile=True,
            change=Disruption.NONE,
        ),
    },
)
