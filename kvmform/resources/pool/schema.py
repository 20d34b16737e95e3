"""The table of `libvirt_pool`."""

from __future__ import annotations

import posixpath

from kvmform.schema import Block, Disruption, Object, Plain, Row, Schema
from kvmform.schema.rules import named, xml_text
from kvmform.values.types import BOOL, NUMBER, STRING
from kvmform.xml.codecs import BYTES

__all__ = ["SCHEMA", "same_path", "written_path"]


def same_path(before: Plain, after: Plain) -> bool:
    """Whether two paths lead to the same place as libvirt sees it: `/srv//pool/` is `/srv/pool`."""
    if isinstance(before, str) and isinstance(after, str):
        return posixpath.normpath(before) == posixpath.normpath(after)
    return before is None and after is None


def written_path(config: Object) -> Plain:
    """The path that the user wrote, in the old form or in `target`; None if neither."""
    target = config["target"]
    return target[0]["path"] if config["path"] is None and isinstance(target, list) and target else config["path"]


def _never_differs(_before: Plain, _after: Plain) -> bool:
    """What changes by itself as volumes fill up is no difference."""
    return True


def _measured(what: str, path: str) -> Row:
    return Row(
        type=NUMBER,
        doc=f"{what} in bytes, as libvirt last found it.",
        computed=True,
        volatile=True,
        change=Disruption.NONE,
        xml=path,
        codec=BYTES,
        same=_never_differs,
    )


SCHEMA = Schema(
    doc="A storage pool: a place on the host that volumes are kept in.",
    other_dialect=frozenset({"create", "destroy"}),
    rules=(xml_text, named),
    rows={
        "id": Row(type=STRING, doc="UUID of the storage pool.", computed=True, read_only=True, xml="uuid"),
        "name": Row(type=STRING, doc="Name of the storage pool, unique on its host.", required=True, xml="name"),
        "type": Row(
            type=STRING,
            doc="Kind of storage pool: `dir` (a directory) or `logical` (an LVM volume group).",
            required=True,
            xml="@type",
        ),
        "path": Row(
            type=STRING,
            doc="Directory on the host; the old form of `target { path }`, with the same value.",
            computed=True,
            xml="target/path",
            same=same_path,
            deprecated="target { path }",
        ),
        "target": Block(
            doc="Where the storage pool is on the host.",
            max_items=1,
            computed=True,
            xml="target",
            rows={
                "path": Row(
                    type=STRING,
                    doc="Absolute path of the directory; for `logical` libvirt derives it from the volume group.",
                    computed=True,
                    xml="path",
                    same=same_path,
                ),
            },
        ),
        "source": Block(
            doc="What a `logical` storage pool is made of.",
            max_items=1,
            computed=True,
            xml="source",
            rows={
                "name": Row(
                    type=STRING,
                    doc="Name of the LVM volume group; by default that of the storage pool.",
                    computed=True,
                    xml="name",
                ),
                "device": Block(
                    doc="A block device of the volume group. Without any, an existing volume group is used.",
                    computed=True,
                    match=(("path",),),
                    xml="device",
                    rows={"path": Row(type=STRING, doc="Path of the block device.", xml="@path", same=same_path)},
                ),
            },
        ),
        "xml": Block(
            doc="A change to the XML that the storage pool is made from.",
            max_items=1,
            rows={"xslt": Row(type=STRING, doc="XSLT stylesheet that is applied to the XML.")},
        ),
        "capacity": _measured("Size", "capacity"),
        "allocation": _measured("Space taken", "allocation"),
        "available": _measured("Space left", "available"),
        "created_directory": Row(
            type=BOOL,
            doc="Whether kvmform made the directory: only then does destroying the storage pool remove it, and only "
            "if it is empty.",
            computed=True,
            read_only=True,
            change=Disruption.NONE,
        ),
    },
)
