"""The table of `libvirt_volume`, and what a change of a volume does to its data."""

from __future__ import annotations

from kvmform.schema import Block, Disruption, EditContext, Effect, Plain, Row, Schema
from kvmform.schema.rules import at_least, at_most, whole, xml_text
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER, STRING
from kvmform.xml.codecs import BYTES

__all__ = ["SCHEMA", "rounded_up"]

_BASE_ROWS = ("base_volume_id", "base_volume_name", "base_volume_pool")
"""The rows that name a linked clone's base; two ways to name the same volume."""

_KIB = 1024


def rounded_up(size: int) -> int:
    """The size that libvirt makes of a size in bytes: whole KiB."""
    return -(-size // _KIB) * _KIB


def _same_size(before: Plain, after: Plain) -> bool:
    if isinstance(before, int) and isinstance(after, int):
        return rounded_up(before) == rounded_up(after)
    return before is None and after is None


def _resizing(context: EditContext) -> Effect:
    before, after = context.edit.before, context.edit.after
    if isinstance(after, Unknown):
        return Effect(Disruption.LIVE, "it grows in place; shrinking it is refused")
    if isinstance(before, int) and isinstance(after, int) and after < before:
        return Effect(Disruption.DATA_LOSS, "a volume can't shrink in place, so it is deleted and made again")
    return Effect(Disruption.LIVE, "it grows in place")


def _making_again(context: EditContext) -> Effect:
    return Effect(Disruption.DATA_LOSS, f"a new {context.edit.path[0]} means a new volume, and the old one is deleted")


def _changing_base(context: EditContext) -> Effect:
    """Naming the base another way (by id, by name and pool) changes nothing."""
    named = {name: context.after[name] for name in _BASE_ROWS if context.after[name]}
    if named.keys() - {"base_volume_pool"} and all(context.facts.get(name) == value for name, value in named.items()):
        return Effect(Disruption.NONE, "it is the same base volume")
    return Effect(Disruption.DATA_LOSS, "another base volume means a new volume, and the old one is deleted")


SCHEMA = Schema(
    doc="A storage volume: empty, filled from an image, or a linked clone of another volume.",
    rules=(xml_text, whole("size"), at_least("size", 0), at_most("size", 2**63 - 1)),
    rows={
        "id": Row(
            type=STRING,
            doc="Key of the volume on its host; in a directory this is its path.",
            computed=True,
            read_only=True,
            xml="key",
        ),
        "name": Row(
            type=STRING,
            doc="Name of the volume, unique in its storage pool.",
            required=True,
            change=_making_again,
            xml="name",
        ),
        "pool": Row(
            type=STRING,
            doc="Name of the storage pool that the volume is kept in.",
            default="default",
            names=("libvirt_pool", "name"),
            change=_making_again,
        ),
        "source": Row(
            type=STRING,
            doc="Image that the volume is filled from when it is made: a path on this machine (relative to the "
            "configuration), or a URL that begins with file://, http:// or https://. Later changes of the image's "
            "contents are not noticed.",
            change=_making_again,
        ),
        "size": Row(
            type=NUMBER,
            doc="Capacity in bytes; by default that of the image or base volume. A larger size grows the volume in "
            "place, while guests use it.",
            computed=True,
            change=_resizing,
            xml="capacity",
            codec=BYTES,
            same=_same_size,
        ),
        "format": Row(
            type=STRING,
            doc="Format of the volume: by default that of the image, found by its header; `qcow2` where there is none.",
            computed=True,
            change=_making_again,
            xml="target/format/@type",
        ),
        "base_volume_id": Row(
            type=STRING,
            doc="Id of the volume that this one is a linked clone of: it holds only what differs.",
            change=_changing_base,
        ),
        "base_volume_name": Row(
            type=STRING,
            doc="Name of the volume that this one is a linked clone of, instead of its id.",
            names=("libvirt_volume", "name"),
            change=_changing_base,
        ),
        "base_volume_pool": Row(
            type=STRING,
            doc="Storage pool in which `base_volume_name` is looked up; by default that of this volume.",
            names=("libvirt_pool", "name"),
            change=_changing_base,
        ),
        "xml": Block(
            doc="A change to the XML that the volume is made from.",
            max_items=1,
            change=Disruption.DATA_LOSS,
            rows={
                "xslt": Row(
                    type=STRING,
                    doc="XSLT stylesheet that is applied to the XML.",
                    change=Disruption.DATA_LOSS,
                )
            },
        ),
    },
)
