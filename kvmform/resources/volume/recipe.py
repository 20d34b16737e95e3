"""What a new volume is made of: nothing, an image, or a base volume; and the XML that follows."""

from __future__ import annotations

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.host.records import VolumeRecord
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
    "check_format",
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
        image = _image(operation, planned["source"])
        check_format(image, planned["format"])
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


def _image(operation: Operation[Host], source: str) -> Image:
    if not is_remote(source):
        return describe_image(local_path(source, operation.base_directory))
    from kvmform.resources.volume.download import fetch_image

    return describe_image(fetch_image(source, operation.progress, operation.stop))


def check_format(image: Image, written: str | None) -> None:
    """Whether the image has the format that is written for the volume.

    Raises:
        DiagnosticError: it has another one.
    """
    if written and {written, image.format} == {"raw", "qcow2"}:
        raise DiagnosticError.of(
            "Image has another format",
            f'{image.path} is {image.format}, by its header, and the volume\'s format is "{written}". Images are '
            "copied as they are. Leave `format` out, or convert the image with qemu-img.",
        )


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
    }
    xml = render(__package__, "volume.xml.j2", values)
    for change in planned["xml"]:
        if change["xslt"]:
            xml = transform(xml, change["xslt"])
    return xml
