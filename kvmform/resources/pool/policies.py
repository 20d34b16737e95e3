"""What a change of a storage pool costs, and when two values mean the same.

A storage pool is only where libvirt looks for volumes. Defined anew, it has another name, other
permissions or another place, and nothing is deleted. Only where its volumes go with it, as the
plan makes them anew in the new place, it is replaced, so that one comes after the other.
"""

from __future__ import annotations

import posixpath

from kvmform.schema import Disruption, EditContext, Effect, Plain

__all__ = [
    "moving",
    "never_differs",
    "rebuilding",
    "redefining",
    "renaming",
    "same_mode",
    "same_or_yes",
    "same_path",
    "switched",
]


def same_path(before: Plain, after: Plain) -> bool:
    """Whether two paths lead to the same place as libvirt sees it: `/srv//pool/` is `/srv/pool`."""
    if isinstance(before, str) and isinstance(after, str):
        return posixpath.normpath(before) == posixpath.normpath(after)
    return before is None and after is None


def same_mode(before: Plain, after: Plain) -> bool:
    """Whether two modes are the same number."""
    if isinstance(before, str) and isinstance(after, str):
        return before.lstrip("0") == after.lstrip("0")
    return before is None and after is None


def same_or_yes(before: Plain, after: Plain) -> bool:
    """Whether two flags mean the same; none means yes."""
    return (before is not False) == (after is not False)


def never_differs(_before: Plain, _after: Plain) -> bool:
    """What changes by itself as volumes fill up is no difference."""
    return True


def redefining(_context: EditContext) -> Effect:
    """`live`: nothing of what it holds is touched."""
    return Effect(Disruption.LIVE, "the storage pool is defined anew; nothing is deleted")


def moving(context: EditContext) -> Effect:
    """`live`; `replace` where it holds volumes, which can't move with it."""
    if context.facts.get("volumes"):
        return Effect(Disruption.REPLACE, "it holds volumes, so there is another storage pool in the new place")
    return redefining(context)


def renaming(_context: EditContext) -> Effect:
    """`live`: its volumes stay."""
    return Effect(Disruption.LIVE, "the storage pool is defined anew under this name; its volumes stay")


def rebuilding(_context: EditContext) -> Effect:
    """`live`."""
    return Effect(Disruption.LIVE, "the directory gets these permissions")


def switched(context: EditContext) -> Effect:
    """`none` to start it, `live` to stop it: guests keep the files that they have open."""
    if context.edit.after is False:
        return Effect(Disruption.LIVE, "its volumes can't be seen while it is stopped")
    return Effect(Disruption.NONE)
