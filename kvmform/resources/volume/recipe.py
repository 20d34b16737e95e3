"""What a new volume is made of: nothing, an image, or a base volume; and the XML that follows."""

from __future__ import annotations

from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.host.records import VolumeRecord
from kvmform.resources.volume.checksum import Checksum, is_digest, listed_checksum, reject_other, written_checksum
from kvmform.resources.volume.image import Image, describe_image, is_remote, local_path
from kvmform.schema import Object, Operation
from kvmform.struct import Struct
from kvmform.xml.codecs import BYTES
from kvmform.xml.document import Document
from kvmform.xml.stylesheet import transform
from kvmform.xml.template import render

__all__ = [
    "Base",
    "Recipe",
    "base_of",
    "check_size",
    "find_base",
    "plain_format",
    "recipe_of",
    "volume_xml",
]

_SMALLEST = 1
"""Capacity in bytes of an empty volume for which no size is given; libvirt makes a KiB of it for qcow2."""


class Base(Struct):
    """The volume that a linked clone is made of; `capacity` in bytes."""

    path: str
    format: str
    capacity: int


class Recipe(Struct):
    """How a volume is made: `capacity` in bytes, and what it is filled from, if anything."""

    format: str
    capacity: int
    image: Image | None = None
    base: Base | None = None


def recipe_of(operation: Operation[Host], planned: Object) -> Recipe:
    """Find out what it takes to make the volume; an image on the network is fetched.

    Raises:
        DiagnosticError: the image or the base is not there, or larger than the volume should be.
    """
    if planned["source"]:
        image = _image(operation, planned)
        check_size(planned["size"], image.capacity, f"the image {image.path}")
        return Recipe(planned["format"] or image.format, planned["size"] or image.capacity, image=image)
    if planned["base_volume_id"] or planned["base_volume_name"]:
        record = find_base(operation.host, planned)
        if record is None:
            named = planned["base_volume_id"] or planned["base_volume_name"]
            raise DiagnosticError.of("Base volume not found", f'The host has no volume "{named}".')
        base = base_of(record)
        check_size(planned["size"], base.capacity, f"the base volume {base.path}")
        return Recipe(planned["format"] or "qcow2", planned["size"] or base.capacity, base=base)
    return Recipe(planned["format"] or "qcow2", planned["size"] or _SMALLEST)


def _image(operation: Operation[Host], planned: Object) -> Image:
    """The image, on this machine, and of the checksum that is told."""
    source, progress, stop = planned["source"], operation.progress, operation.stop
    checksum = _checksum(planned["checksum"], source) if planned["checksum"] else None
    if not is_remote(source):
        image = describe_image(local_path(source, operation.base_directory))
        if checksum is not None:
            reject_other(image.path, checksum, str(image.path), progress, stop)
        return image
    from kvmform.resources.volume.image_cache import cached_image

    return describe_image(cached_image(source, checksum, progress, stop, operation.begun))


def _checksum(written: str, source: str) -> Checksum:
    if is_digest(written):
        return written_checksum(written)
    if is_remote(written):
        from kvmform.resources.volume.download import fetch_text

        return listed_checksum(fetch_text(written), written, source)
    path = local_path(written, Path("/"))
    try:
        return listed_checksum(path.read_text(errors="replace"), written, source)
    except OSError as problem:
        raise DiagnosticError.of("Checksums can't be read", f"{path}: {problem.strerror}.") from problem


def check_size(size: int | None, least: int, what: str) -> None:
    """Whether the volume is at least as large as what it is made of.

    Raises:
        DiagnosticError: it is smaller.
    """
    if size and size < least:
        raise DiagnosticError.of(
            "Volume too small",
            f"size is {size} bytes, and {what} has {least}. A volume can't be smaller than what it is made of; leave "
            "`size` out to make it as large.",
        )


def find_base(host: Host, planned: Object) -> VolumeRecord | None:
    """The base volume that is named by its id, or by name and pool; None if it isn't there."""
    if planned["base_volume_id"]:
        return host.inventory.volumes.get(planned["base_volume_id"])
    pool = host.inventory.pools.named(planned["base_volume_pool"] or planned["pool"])
    return None if pool is None else host.inventory.volumes.named(pool.uuid, planned["base_volume_name"])


def base_of(record: VolumeRecord) -> Base:
    """A volume as a base."""
    document = Document.parse(record.xml)
    capacity = document.get("capacity")
    return Base(
        record.path,
        plain_format(document.get("target/format/@type")),
        BYTES.decode(capacity) if capacity is not None else 0,
    )


def plain_format(found: str | None) -> str:
    """The format as one that a volume can be made in: libvirt also tells what is inside a raw one."""
    return "raw" if found in (None, "iso", "unknown") else str(found)


def volume_xml(planned: Object, recipe: Recipe, *, sparse: bool) -> str:
    """The XML of a new volume.

    `sparse`: space is taken as the volume fills up; not for volumes that are no files.

    Raises:
        DiagnosticError: the user's stylesheet can't be applied.
    """
    values = {
        "name": planned["name"],
        "capacity": recipe.capacity,
        "format": recipe.format,
        "base": recipe.base,
        "sparse": sparse,
        "permissions": next(iter(planned.get("permissions") or ()), {"mode": None, "owner": None, "group": None}),
    }
    xml = render(__package__, "volume.xml.j2", values)
    for change in planned["xml"]:
        if change["xslt"]:
            xml = transform(xml, change["xslt"])
    return xml
