"""The table of a domain's disks."""

from __future__ import annotations

from kvmform.resources.domain.disk.policies import disk_added_or_removed, disk_exchanged
from kvmform.resources.domain.equivalence import same_flag, same_text
from kvmform.resources.domain.policies import at_boot
from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, STRING

__all__ = ["DISK"]


DISK = Block(
    doc="A disk, or a CD-ROM drive where its image ends in `.iso`; exactly one source is given.",
    match=(("volume_id",), ("file",), ("url",), ("block_device",), ("target",)),
    change=disk_added_or_removed,
    rows={
        "volume_id": text("Id of a `libvirt_volume`.", disk_exchanged),
        "url": text("URL of an image that QEMU reads over HTTP(S) or FTP(S).", disk_exchanged),
        "file": text("Path of an image on the host.", disk_exchanged),
        "block_device": text("Path of a block device on the host.", disk_exchanged),
        "scsi": Row(
            type=BOOL,
            default=False,
            change=at_boot("the disk moves to another bus"),
            same=same_flag,
            doc="Put the disk on a virtio-scsi bus instead of giving it a virtio device of its own.",
        ),
        "wwn": Row(
            type=STRING,
            computed=True,
            change=disk_exchanged,
            same=same_text,
            doc="World Wide Name of a SCSI disk, 16 hexadecimal digits; kvmform chooses one.",
        ),
        "target": Row(
            type=STRING,
            computed=True,
            change=at_boot("the disk moves to another place"),
            same=same_text,
            doc="Name of the drive on its bus, such as `vda`; a disk keeps it when others come or go.",
        ),
    },
)
