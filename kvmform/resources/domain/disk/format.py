"""The format of a disk's image, where no volume tells it."""

from __future__ import annotations

from kvmform.schema import Object, Plain

__all__ = ["format_by_name", "format_of"]


def format_of(disk: Object) -> str:
    """The format as it is written, or by the name of the image."""
    if isinstance(disk.get("format"), str) and disk["format"]:
        return str(disk["format"])
    return format_by_name(disk.get("file") or str(disk.get("url") or "").partition("?")[0])


def format_by_name(name: Plain) -> str:
    """qcow2 for what ends in `.qcow2`, else raw."""
    return "qcow2" if isinstance(name, str) and name.endswith(".qcow2") else "raw"
