"""What a change of a volume does to its data, and when two values mean the same."""

from __future__ import annotations

from kvmform.resources.volume.checksum import is_digest
from kvmform.schema import Disruption, EditContext, Effect, Plain
from kvmform.values.model import Unknown

__all__ = [
    "changing_base",
    "checking_again",
    "converting",
    "copying",
    "ending_conversion",
    "is_in_place",
    "making_again",
    "moving",
    "original_changed",
    "resizing",
    "rounded_up",
    "same_checksum",
    "same_flag",
    "same_mode",
    "same_size",
]

_BASE_ROWS = ("base_volume_id", "base_volume_name", "base_volume_pool")
"""The rows that name a linked clone's base; two ways to name the same volume."""

_KIB = 1024

_CONVERTIBLE = ("raw", "qcow2")
"""Formats that a volume is converted to."""


def rounded_up(size: int) -> int:
    """The size that libvirt makes of a size in bytes: whole KiB."""
    return -(-size // _KIB) * _KIB


def same_size(before: Plain, after: Plain) -> bool:
    """Whether libvirt makes the same of two sizes."""
    if isinstance(before, int) and isinstance(after, int):
        return rounded_up(before) == rounded_up(after)
    return before is None and after is None


def same_flag(before: Plain, after: Plain) -> bool:
    """Whether two flags mean the same; none means no."""
    return bool(before) == bool(after)


def resizing(context: EditContext) -> Effect:
    """`live` to grow, also under a running guest; to shrink is `data-loss`."""
    before, after = context.edit.before, context.edit.after
    if isinstance(after, Unknown):
        return Effect(Disruption.LIVE, "it grows in place; shrinking it is refused")
    if isinstance(before, int) and isinstance(after, int) and after < before:
        return Effect(Disruption.DATA_LOSS, "a volume can't shrink in place, so it is deleted and made again")
    return Effect(Disruption.LIVE, "it grows in place")


def making_again(context: EditContext) -> Effect:
    """`data-loss`: it is another volume."""
    return Effect(Disruption.DATA_LOSS, f"a new {context.edit.path[0]} means a new volume, and the old one is deleted")


def moving(context: EditContext) -> Effect:
    """`data-loss`; `none` where only the storage pool has another name."""
    return (
        Effect(Disruption.NONE, "its storage pool has another name now")
        if is_in_place(context)
        else making_again(context)
    )


def is_in_place(context: EditContext) -> bool:
    """Whether the file is planned where it is, whatever is in it."""
    before, after = context.before["id"], context.after["id"]
    known = after.prefix if isinstance(after, Unknown) else after
    return bool(known) and known.partition(";")[0] == before.partition(";")[0]


def converting(context: EditContext) -> Effect:
    """`live`, by a copy, between raw and qcow2; else `data-loss`."""
    after = context.edit.after
    known = isinstance(after, Unknown) or after in _CONVERTIBLE
    if known and context.facts.get("is_file") and not context.facts.get("base_volume_id"):
        return Effect(Disruption.LIVE, "it is converted by copy, and keeps what it holds")
    return making_again(context)


def copying(context: EditContext) -> Effect:
    """`live`, by a copy."""
    if not context.facts.get("is_file"):
        return Effect(Disruption.DATA_LOSS, "libvirt sets permissions when it makes a volume, and can't copy this one")
    return Effect(Disruption.LIVE, "it is copied, and the copy takes its place")


def checking_again(context: EditContext) -> Effect:
    """`data-loss` for another image; `none` where it is told or forgotten."""
    if context.edit.before and context.edit.after:
        return Effect(Disruption.DATA_LOSS, "another checksum means another image, and the old volume is deleted")
    return Effect(Disruption.NONE, "the volume stays as it was made")


def changing_base(context: EditContext) -> Effect:
    """`data-loss`: the volume is made again; `none` where it is the same base, named otherwise."""
    named = {name: context.after[name] for name in _BASE_ROWS if context.after[name]}
    if "base_volume_name" in named and "base_volume_id" not in named:
        named.setdefault("base_volume_pool", context.after["pool"])
    if named.keys() - {"base_volume_pool"} and all(context.facts.get(name) == value for name, value in named.items()):
        return Effect(Disruption.NONE, "it is the same base volume")
    return Effect(Disruption.DATA_LOSS, "another base volume means a new volume, and the old one is deleted")


def original_changed(context: EditContext) -> Effect:
    """`data-loss` for another original; `none` where that is only made again, or not told any more."""
    before, after = context.edit.before, context.edit.after
    is_same = isinstance(after, Unknown) and after.prefix == before
    if before is None or after is None or is_same:
        return Effect(Disruption.NONE, "the volume stays as it was made")
    return Effect(Disruption.DATA_LOSS, "another original means a new volume, and the old one is deleted")


def ending_conversion(_context: EditContext) -> Effect:
    """A conversion that was cut off is no choice: it goes on."""
    return Effect(Disruption.LIVE, "a conversion that was cut off goes on")


def same_checksum(before: Plain, after: Plain) -> bool:
    """Whether two checksums are written alike, but for capitals."""
    if isinstance(before, str) and isinstance(after, str):
        return before == after or (is_digest(before) and before.lower() == after.lower())
    return before is None and after is None


def same_mode(before: Plain, after: Plain) -> bool:
    """Whether two modes are the same number."""
    if isinstance(before, str) and isinstance(after, str):
        return before.lstrip("0") == after.lstrip("0")
    return before is None and after is None
