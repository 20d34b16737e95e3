"""The table of `libvirt_cloudinit_disk`."""

from __future__ import annotations

from kvmform.resources.seed.schema import place_rows, rewriting
from kvmform.schema import Plain, Row, Schema
from kvmform.values.types import STRING

__all__ = ["SCHEMA"]


_COMPRESSED = "H4sI"
"""How a gzip file begins, in base64."""


def _same(before: Plain, after: Plain) -> bool:
    """Whether two texts say the same; of compressed ones in base64, what is in them: compressors differ in bytes.

    Nothing written is an empty file: provider 0.8 recorded it as such.
    """
    return bool((before or "") == (after or "")) or (_unpacked(before) == _unpacked(after) is not None)


def _unpacked(text: Plain) -> bytes | None:
    import base64
    import gzip
    import zlib

    if not isinstance(text, str) or not text.startswith(_COMPRESSED):
        return None
    try:
        return gzip.decompress(base64.b64decode(text))
    except (ValueError, OSError, EOFError, zlib.error):
        return None


def _file(name: str, what: str) -> Row:
    return Row(type=STRING, doc=f"Contents of the file `{name}`: {what}", change=rewriting, same=_same)


SCHEMA = Schema(
    doc="A small ISO image with the files from which cloud-init configures a guest when it first boots. That someone "
    "else changed what is in the image is not noticed.",
    rows={
        **place_rows("the image"),
        "user_data": _file("user-data", "what is set up in the guest, mostly as `#cloud-config`."),
        "meta_data": _file(
            "meta-data",
            "the instance's id and host name. Where it has no `instance-id`, kvmform adds one that changes with the "
            "other files, so that cloud-init carries out what was changed.",
        ),
        "network_config": _file("network-config", "how the guest's network is set up."),
    },
)
