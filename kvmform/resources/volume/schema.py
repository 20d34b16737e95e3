"""The table of `libvirt_volume`."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.resources.volume.checksum import is_address, is_digest
from kvmform.resources.volume.policies import (
    changing_base,
    checking_again,
    converting,
    copying,
    ending_conversion,
    making_again,
    moving,
    original_changed,
    resizing,
    same_checksum,
    same_flag,
    same_mode,
    same_size,
)
from kvmform.schema import Block, Disruption, Object, Problem, Row, Schema
from kvmform.schema.rules import at_least, at_most, matching, whole, xml_text
from kvmform.values.types import BOOL, NUMBER, STRING
from kvmform.xml.codecs import BYTES

__all__ = ["SCHEMA"]


def _person(what: str) -> Row:
    return Row(
        type=STRING,
        doc=f"{what} that the file belongs to; by default libvirt's. What becomes of it later is not noticed.",
        change=copying,
    )


def _permitted(written: Object) -> Iterator[Problem]:
    """Modes are octal, and people are numbers: names mean others on another machine."""
    for index, found in enumerate(written["permissions"] if isinstance(written["permissions"], list) else ()):
        for name, pattern, words in (
            ("mode", r"0?[0-7]{3,4}", "the file's mode in octal digits, as 0644"),
            ("owner", r"\d+", "a number: the user's id on the host"),
            ("group", r"\d+", "a number: the group's id on the host"),
        ):
            for problem in matching(name, pattern, words)(found):
                yield Problem(("permissions", index, *problem.path), problem.diagnostic)


def _checked(written: Object) -> Iterator[Problem]:
    checksum = written["checksum"]
    if isinstance(checksum, str) and checksum and written["source"] is None:
        detail = "`checksum` is that of the image in `source`, and there is none. Write `source` too, or leave it out."
        yield Problem(("checksum",), error("Checksum of no image", detail))
    if isinstance(checksum, str) and checksum and not is_digest(checksum) and not is_address(checksum):
        detail = (
            f'"{checksum}" is neither ALGORITHM:DIGEST with one of md5, sha1, sha256, sha384 and sha512, and as many '
            "hexadecimal digits as that has, nor the URL of a file with checksums (http://, https:// or file://)."
        )
        yield Problem(("checksum",), error("Invalid checksum", detail))


def _reflinked(written: Object) -> Iterator[Problem]:
    if written["reflink"] is True and written["clone_of"] is None:
        detail = "`reflink` is how the volume in `clone_of` is copied, and there is none. Write `clone_of` too."
        yield Problem(("reflink",), error("Reflink of nothing", detail))


SCHEMA = Schema(
    doc="A storage volume: empty, filled from an image, or a linked clone of another volume.",
    other_dialect=frozenset({"backing_store", "capacity", "capacity_unit", "create"}),
    rules=(xml_text, whole("size"), at_least("size", 0), at_most("size", 2**63 - 1), _permitted, _checked, _reflinked),
    rows={
        "id": Row(
            type=STRING,
            doc="Key of the volume on its host; in a directory this is its path.",
            computed=True,
            read_only=True,
            change=Disruption.NONE,
            xml="key",
        ),
        "name": Row(
            type=STRING,
            doc="Name of the volume, unique in its storage pool.",
            required=True,
            change=making_again,
            xml="name",
        ),
        "pool": Row(
            type=STRING,
            doc="Name of the storage pool that the volume is kept in.",
            default="default",
            names=("libvirt_pool", "name"),
            change=moving,
        ),
        "source": Row(
            type=STRING,
            doc="Image that the volume is filled from when it is made: a path on this machine (relative to the "
            "configuration), or a URL that begins with file://, http:// or https://. Later changes of the image's "
            "contents are not noticed; `checksum` tells which ones are meant.",
            change=making_again,
        ),
        "size": Row(
            type=NUMBER,
            doc="Capacity in bytes; by default that of the image or base volume. A larger size grows the volume in "
            "place, while guests use it. A volume can't shrink: for a smaller size it is deleted and made again.",
            computed=True,
            change=resizing,
            xml="capacity",
            codec=BYTES,
            same=same_size,
        ),
        "format": Row(
            type=STRING,
            doc="Format of the volume: by default that of the image, found by its header; `qcow2` where there is none. "
            "A change to `raw` or `qcow2` converts the volume, which keeps what it holds: not while a guest runs with "
            "it, and not if it has snapshots or linked clones.",
            computed=True,
            change=converting,
            xml="target/format/@type",
        ),
        "keep": Row(
            type=BOOL,
            doc="Whether the volume stays when it is not wanted any more: it is then forgotten instead of deleted, and "
            "a change that would delete it is refused. For disks with data; to have it back, import it.",
            change=Disruption.NONE,
            same=same_flag,
        ),
        "checksum": Row(
            type=STRING,
            doc="What the image of `source` has to add up to, or nothing is made: `ALGORITHM:DIGEST` (md5, sha1, "
            "sha256, sha384 or sha512), or the URL of a file like SHA256SUMS that has the image's name in it. Another "
            "one means another image.",
            change=checking_again,
            same=same_checksum,
        ),
        "clone_of": Row(
            type=STRING,
            doc="Id of the volume that this one is made as a copy of, in any format; a larger `size` grows "
            "the copy. It needs the original no more then, and stays when that is made again. No guest may run with "
            "the original meanwhile.",
            change=original_changed,
        ),
        "reflink": Row(
            type=BOOL,
            doc="Whether the copy has its blocks in common with the original until one of them is written to, so that "
            "it is there at once and takes no room: of a raw original, on a file system of the host that can (XFS, "
            "Btrfs). It counts only when the copy is made.",
            change=Disruption.NONE,
            same=same_flag,
        ),
        "base_volume_id": Row(
            type=STRING,
            doc="Id of the volume that this one is a linked clone of: it holds only what differs.",
            names=("libvirt_volume", "id"),
            change=changing_base,
        ),
        "base_volume_name": Row(
            type=STRING,
            doc="Name of the volume that this one is a linked clone of, instead of its id.",
            names=("libvirt_volume", "name"),
            change=changing_base,
        ),
        "base_volume_pool": Row(
            type=STRING,
            doc="Storage pool in which `base_volume_name` is looked up; by default that of this volume.",
            names=("libvirt_pool", "name"),
            change=changing_base,
        ),
        "permissions": Block(
            doc="Who may do what with the volume's file. While a guest runs with it, libvirt may give it to the user "
            "that QEMU runs as.",
            max_items=1,
            change=copying,
            rows={
                "mode": Row(
                    type=STRING,
                    doc="Mode in octal digits; by default `0644`.",
                    change=copying,
                    same=same_mode,
                ),
                "owner": _person("Number of the user"),
                "group": _person("Number of the group"),
            },
        ),
        "conversion": Row(
            type=STRING,
            doc="How far a conversion has come that was cut off: `copying`, `copied` or `placed`. The next apply ends "
            "it.",
            computed=True,
            read_only=True,
            change=ending_conversion,
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
