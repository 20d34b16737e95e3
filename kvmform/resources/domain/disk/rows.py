"""The table of a domain's disks. Rows with a place in the XML are in it in the same words."""

from __future__ import annotations

from kvmform.resources.domain.disk.drive import BUSES, DEVICES
from kvmform.resources.domain.disk.limits import IOTUNE
from kvmform.resources.domain.disk.policies import (
    disk_added_or_removed,
    drive_edited,
    format_edited,
    iothreads_edited,
    set_while_running,
    source_edited,
)
from kvmform.resources.domain.equivalence import same_flag, same_number, same_text
from kvmform.resources.domain.policies import at_boot
from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, NUMBER, STRING
from kvmform.xml.codecs import BYTES, ON_OFF, PRESENCE

__all__ = ["DISK", "IOTHREADS"]

_PROTOCOLS = ("nbd", "iscsi", "rbd", "ssh", "gluster", "nfs", "http", "https", "ftp", "ftps", "tftp")
_OPENED = at_boot("QEMU opens the image so only when the guest starts")
_SEEN = at_boot("the guest sees the drive so only when it starts")


def _opened(doc: str, xml: str, *choices: str) -> Row:
    """How QEMU works with the image."""
    return text(doc, _OPENED, xml=xml, choices=choices)


def _number(doc: str, xml: str) -> Row:
    return Row(type=NUMBER, change=_SEEN, xml=xml, doc=doc)


def _flag(doc: str, xml: str) -> Row:
    return Row(type=BOOL, change=_SEEN, xml=xml, codec=PRESENCE, same=same_flag, doc=doc)


def _switch(doc: str, xml: str) -> Row:
    return Row(type=BOOL, change=_SEEN, xml=xml, codec=ON_OFF, doc=doc)


_SOURCE = Block(
    doc="An image that QEMU reaches over the network otherwise than by `url`.",
    max_items=1,
    change=source_edited,
    rows={
        "protocol": Row(
            type=STRING,
            required=True,
            change=source_edited,
            choices=_PROTOCOLS,
            doc="`nbd`, `iscsi`, `rbd`, `ssh` and so on.",
        ),
        "name": text("Name of the export, target and LUN, or image, as the protocol has it.", source_edited),
        "host": Block(
            doc="A server.",
            change=source_edited,
            rows={
                "name": text("Its name or address.", source_edited),
                "port": Row(type=NUMBER, change=source_edited, doc="Its port; the protocol's usual one if unset."),
                "transport": text(
                    "`tcp`, which it is if unset, or `unix`.", source_edited, choices=("tcp", "unix", "rdma")
                ),
                "socket": text("Path of the socket, where the transport is `unix`.", source_edited),
            },
        ),
        "auth": Block(
            doc="How QEMU logs in to it, with a secret that libvirt keeps.",
            max_items=1,
            change=source_edited,
            rows={
                "username": text("Name of the user.", source_edited),
                "secret_type": text("`ceph` or `iscsi`.", source_edited),
                "secret_uuid": text("UUID of libvirt's secret.", source_edited),
                "secret_usage": text("What libvirt's secret is for, where no UUID is given.", source_edited),
            },
        ),
    },
)

_VOLUME = ("libvirt_volume", "id")
DISK = Block(
    doc="A disk, or a drive for CD-ROMs or floppies, with one source; such a drive without any is empty.",
    match=(("target",), ("volume_id",), ("file",), ("url",), ("block_device",), ("serial",), ("device",)),
    change=disk_added_or_removed,
    rows={
        "volume_id": text("Id of a `libvirt_volume`.", source_edited, names=_VOLUME),
        "url": text("URL of an image that QEMU reads over HTTP(S) or FTP(S).", source_edited),
        "file": text("Path of an image on the host.", source_edited, names=_VOLUME),
        "block_device": text("Path of a block device on the host.", source_edited),
        "source": _SOURCE,
        "format": text("`raw` or `qcow2`; if unset the volume tells it, or the ending `.qcow2`.", format_edited),
        "device": text(
            "`disk`, `cdrom`, `floppy` or `lun`; if unset a CD-ROM for images in `.iso`.", drive_edited, choices=DEVICES
        ),
        "bus": text(
            "`virtio`, `scsi`, `sata`, `ide`, `usb` or `fdc`; if unset one that fits.", drive_edited, choices=BUSES
        ),
        "scsi": Row(
            type=BOOL,
            default=False,
            change=drive_edited,
            same=same_flag,
            doc="Put the disk on a virtio-scsi bus; short for `bus` `scsi`.",
        ),
        "wwn": Row(
            type=STRING,
            computed=True,
            change=_SEEN,
            same=same_text,
            xml="wwn",
            doc="World Wide Name, 16 hexadecimal digits; kvmform chooses one for SCSI disks.",
        ),
        "serial": text("Serial number that the guest sees.", _SEEN, xml="serial"),
        "boot_order": _number(
            "When the firmware tries to boot from it, from 1; in place of `boot_device`.", "boot/@order"
        ),
        "readonly": _flag("Whether the guest can't write to it; CD-ROMs are so always.", "readonly"),
        "shareable": _flag("Whether several guests may have the disk at once; its format must be raw.", "shareable"),
        "transient": _flag("Whether what the guest writes is forgotten when it is shut down.", "transient"),
        "removable": _switch(
            "Whether the guest takes a USB disk for one that is pulled out at will.", "target/@removable"
        ),
        "vendor": text("Vendor that a SCSI disk names, at most 8 characters.", _SEEN, xml="vendor"),
        "product": text("Product that a SCSI disk names, at most 16 characters.", _SEEN, xml="product"),
        "rotation_rate": _number(
            "Turns in a minute that a SCSI, SATA or IDE disk claims; 1 for one without any.", "target/@rotation_rate"
        ),
        "logical_block_size": _number("Bytes in a sector.", "blockio/@logical_block_size"),
        "physical_block_size": _number("Bytes that are best written at once.", "blockio/@physical_block_size"),
        "cache": _opened(
            "`none`, `writethrough`, `writeback`, `directsync` or `unsafe`.",
            "driver/@cache",
            "none",
            "writethrough",
            "writeback",
            "directsync",
            "unsafe",
        ),
        "io": _opened("`native`, `threads` or `io_uring`.", "driver/@io", "native", "threads", "io_uring"),
        "discard": _opened(
            "`unmap` gives back what the guest trims, `ignore` does not.", "driver/@discard", "unmap", "ignore"
        ),
        "detect_zeroes": _opened(
            "What is done with zeroes: `off`, `on` or `unmap`.", "driver/@detect_zeroes", "off", "on", "unmap"
        ),
        "copy_on_read": Row(
            type=BOOL,
            change=_OPENED,
            xml="driver/@copy_on_read",
            codec=ON_OFF,
            doc="Whether what is read from a backing image is kept in this one.",
        ),
        "error_policy": _opened(
            "After a failed write: `stop`, `report`, `ignore` or `enospace`.",
            "driver/@error_policy",
            "stop",
            "report",
            "ignore",
            "enospace",
        ),
        "rerror_policy": _opened(
            "After a failed read: `stop`, `report` or `ignore`.", "driver/@rerror_policy", "stop", "report", "ignore"
        ),
        "iothread": _number(
            "Which of the domain's `iothreads` works for this virtio disk, from 1.", "driver/@iothread"
        ),
        "queues": _number("How many queues a virtio disk has.", "driver/@queues"),
        "queue_size": _number(
            "Requests that each queue of a virtio disk holds, a power of two up to 1024.", "driver/@queue_size"
        ),
        "ioeventfd": _switch("Whether requests are handled beside the guest's processors.", "driver/@ioeventfd"),
        "event_idx": _switch("Whether fewer interrupts are made of many requests.", "driver/@event_idx"),
        "packed": _switch("Whether the queues are laid out in the packed way of virtio 1.1.", "driver/@packed"),
        "metadata_cache": Row(
            type=NUMBER,
            change=_OPENED,
            xml="driver/metadata_cache/max_size",
            codec=BYTES,
            doc="Bytes of a qcow2 image's tables that QEMU keeps in memory at most.",
        ),
        "snapshot": text(
            "What a snapshot of the domain does with it: `internal`, `external` or `no`.",
            set_while_running,
            xml="@snapshot",
            choices=("internal", "external", "no"),
        ),
        "startup_policy": text(
            "What a start without the image does: `mandatory` fails, `requisite` and `optional` leave it out.",
            set_while_running,
            xml="source/@startupPolicy",
            choices=("mandatory", "requisite", "optional"),
        ),
        "iotune": IOTUNE,
        "target": Row(
            type=STRING,
            computed=True,
            change=at_boot("the disk moves to another place"),
            same=same_text,
            doc="Name of the drive on its bus, such as `vda`; a disk keeps it when others come or go.",
        ),
    },
)

IOTHREADS = Row(
    type=NUMBER,
    change=iothreads_edited,
    same=same_number,
    xml="iothreads",
    doc="How many threads of QEMU's own do the work of those disks that say so by `iothread`.",
)
