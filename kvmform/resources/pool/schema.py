"""The table of `libvirt_pool`."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.resources.pool.policies import (
    moving,
    never_differs,
    rebuilding,
    redefining,
    renaming,
    same_mode,
    same_or_yes,
    same_path,
    switched,
)
from kvmform.schema import Block, Disruption, Object, Plain, Problem, Row, Schema
from kvmform.schema.rules import matching, named, xml_text
from kvmform.values.types import BOOL, NUMBER, STRING
from kvmform.xml.codecs import BYTES, OCTAL

__all__ = ["SCHEMA", "SOURCE", "written_path"]


def written_path(config: Object) -> Plain:
    """The path that the user wrote, in the old form or in `target`; None if neither."""
    target = config["target"]
    return target[0]["path"] if config["path"] is None and isinstance(target, list) and target else config["path"]


def _measured(what: str, path: str) -> Row:
    return Row(
        type=NUMBER,
        doc=f"{what} in bytes, as libvirt last found it.",
        computed=True,
        volatile=True,
        change=Disruption.NONE,
        xml=path,
        codec=BYTES,
        same=never_differs,
    )


def _text(doc: str, xml: str, *, computed: bool = False) -> Row:
    return Row(type=STRING, doc=doc, xml=xml, computed=computed, change=moving)


_PERMISSIONS = Block(
    doc="Who may do what with the directory.",
    max_items=1,
    computed=True,
    xml="permissions",
    change=rebuilding,
    rows={
        "mode": Row(
            type=STRING,
            doc="Mode in octal digits; libvirt makes directories with `0711`.",
            computed=True,
            xml="mode",
            codec=OCTAL,
            change=rebuilding,
            same=same_mode,
        ),
        "owner": Row(
            type=STRING,
            doc="Number of the user that it belongs to.",
            computed=True,
            xml="owner",
            change=rebuilding,
        ),
        "group": Row(
            type=STRING,
            doc="Number of the group that it belongs to.",
            computed=True,
            xml="group",
            change=rebuilding,
        ),
    },
)

SOURCE = Block(
    doc="What the storage pool is made of; which parts it has is a matter of its type.",
    max_items=1,
    computed=True,
    xml="source",
    change=moving,
    rows={
        "name": _text(
            "Name of what it is on the server or the host: the LVM volume group (by default that of the storage pool), "
            "the pool of Ceph or ZFS, the Gluster volume.",
            "name",
            computed=True,
        ),
        "device": Block(
            doc="A block device: of the volume group (without any, an existing one is used), with the file system, or "
            "that is divided into partitions. For iSCSI the target's IQN.",
            computed=True,
            match=(("path",),),
            xml="device",
            change=moving,
            rows={
                "path": Row(type=STRING, doc="Path of the block device.", xml="@path", same=same_path, change=moving)
            },
        ),
        "host": Block(
            doc="A server that has the storage.",
            match=(("name",),),
            xml="host",
            change=moving,
            rows={
                "name": Row(type=STRING, doc="Name or address.", required=True, xml="@name", change=moving),
                "port": Row(
                    type=NUMBER,
                    doc="Port, where it is not the usual one.",
                    computed=True,
                    xml="@port",
                    change=moving,
                ),
            },
        ),
        "dir": _text("Directory on the server.", "dir/@path"),
        "format": _text(
            "Kind of file system, of network file system, or of partition table. A device with nothing on it is "
            "formatted so; one that has something on it never is.",
            "format/@type",
            computed=True,
        ),
        "initiator": _text("IQN that the host calls itself towards the iSCSI server.", "initiator/iqn/@name"),
        "protocol_ver": _text("Version of the NFS protocol.", "protocol/@ver"),
        "adapter": Block(
            doc="The SCSI adapter whose disks are the volumes.",
            max_items=1,
            xml="adapter",
            change=moving,
            rows={
                "type": _text("`scsi_host`, or `fc_host` for a virtual Fibre Channel adapter.", "@type", computed=True),
                "name": _text("Name of the adapter, such as `scsi_host1`.", "@name"),
                "parent": _text("Name of the adapter that a virtual one is made on.", "@parent"),
                "wwnn": _text("World Wide Node Name of a virtual adapter.", "@wwnn"),
                "wwpn": _text("World Wide Port Name of a virtual adapter.", "@wwpn"),
            },
        ),
        "auth": Block(
            doc="How the host logs in on the server, with a secret that libvirt keeps.",
            max_items=1,
            xml="auth",
            change=moving,
            rows={
                "type": Row(
                    type=STRING, doc="`chap` for iSCSI, `ceph` for Ceph.", required=True, xml="@type", change=moving
                ),
                "username": Row(type=STRING, doc="Name of the user.", required=True, xml="@username", change=moving),
                "secret_usage": _text("Usage name of the secret.", "secret/@usage"),
                "secret_uuid": _text("UUID of the secret, instead of its usage name.", "secret/@uuid"),
            },
        ),
    },
)

_NUMBERS = (
    ("mode", r"0?[0-7]{3,4}", "the directory's mode in octal digits, as 0755"),
    ("owner", r"\d+", "a number: the user's id on the host"),
    ("group", r"\d+", "a number: the group's id on the host"),
)


def _permitted(written: Object) -> Iterator[Problem]:
    """Modes are octal, and people are numbers: names mean others on another machine."""
    target = written["target"][0] if isinstance(written["target"], list) and written["target"] else {}
    found = target.get("permissions") or ()
    for permissions in found if isinstance(found, list) else ():
        for name, pattern, words in _NUMBERS:
            for problem in matching(name, pattern, words)(permissions):
                yield Problem(("target", 0, "permissions", 0, *problem.path), problem.diagnostic)


SCHEMA = Schema(
    doc="A storage pool: a place on the host that volumes are kept in.",
    other_dialect=frozenset({"create", "destroy"}),
    rules=(xml_text, named, _permitted),
    rows={
        "id": Row(type=STRING, doc="UUID of the storage pool.", computed=True, read_only=True, xml="uuid"),
        "name": Row(
            type=STRING,
            doc="Name of the storage pool, unique on its host.",
            required=True,
            xml="name",
            change=renaming,
        ),
        "type": Row(
            type=STRING,
            doc="Kind of storage pool: `dir` (a directory), `fs` (a file system), `netfs` (one of a server), `logical` "
            "(an LVM volume group), `disk` (partitions), `iscsi`, `iscsi-direct`, `rbd` (Ceph), `gluster`, `zfs`, "
            "`scsi` or `mpath`.",
            required=True,
            xml="@type",
            change=moving,
        ),
        "path": Row(
            type=STRING,
            doc="Directory on the host; the old form of `target { path }`, with the same value.",
            computed=True,
            xml="target/path",
            same=same_path,
            change=moving,
            deprecated="target { path }",
        ),
        "target": Block(
            doc="Where the storage pool is on the host.",
            max_items=1,
            computed=True,
            xml="target",
            change=moving,
            rows={
                "path": Row(
                    type=STRING,
                    doc="Absolute path of the directory or the mount point; for block devices where they are found.",
                    computed=True,
                    xml="path",
                    same=same_path,
                    change=moving,
                ),
                "permissions": _PERMISSIONS,
            },
        ),
        "source": SOURCE,
        "autostart": Row(
            type=BOOL,
            doc="Whether the storage pool is started together with the host; a new one is, unless this is false.",
            computed=True,
            change=Disruption.NONE,
        ),
        "active": Row(
            type=BOOL,
            doc="Whether the storage pool is active, which it is unless this is false; one that was stopped is started "
            "again. One that is needed for a volume is started in any case.",
            change=switched,
            same=same_or_yes,
        ),
        "xml": Block(
            doc="A change to the XML that the storage pool is made from.",
            max_items=1,
            change=redefining,
            rows={
                "xslt": Row(type=STRING, doc="XSLT stylesheet that is applied to the XML.", change=redefining),
            },
        ),
        "capacity": _measured("Size", "capacity"),
        "allocation": _measured("Space taken", "allocation"),
        "available": _measured("Space left", "available"),
        "renaming": Row(
            type=STRING,
            doc="The name that the storage pool gives up, where a change of it was cut off. The next apply ends it.",
            computed=True,
            read_only=True,
            change=renaming,
        ),
        "created_directory": Row(
            type=BOOL,
            doc="Whether kvmform made the directory: only then is it removed together with the storage pool, and only "
            "if it is empty.",
            computed=True,
            read_only=True,
            change=Disruption.NONE,
        ),
    },
)
