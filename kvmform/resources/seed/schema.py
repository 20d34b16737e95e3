"""The rows that all seeds have, and what it costs to edit one."""

from __future__ import annotations

from kvmform.resources.volume.policies import is_in_place
from kvmform.schema import Disruption, EditContext, Effect, Row
from kvmform.values.types import STRING

__all__ = ["place_rows", "rewriting"]


def rewriting(_context: EditContext) -> Effect:
    """`next-boot`: guests read it when they boot; what becomes of them, `on_seed_change` says."""
    return Effect(Disruption.NEXT_BOOT, "the guest reads it when it is next started")


def _moving(context: EditContext) -> Effect:
    """`replace`; `none` where only the storage pool has another name."""
    if is_in_place(context):
        return Effect(Disruption.NONE, "its storage pool has another name now")
    return Effect(Disruption.REPLACE)


def place_rows(what: str) -> dict[str, Row]:
    """The id and the place of a volume that holds something: `the image`."""
    return {
        "id": Row(
            type=STRING,
            doc=f"Key of the volume that holds {what}, a semicolon, and a UUID that is another one with other "
            "contents.",
            computed=True,
            read_only=True,
            change=rewriting,
        ),
        "name": Row(type=STRING, doc=f"Name of the volume that holds {what}.", required=True),
        "pool": Row(
            type=STRING,
            doc=f"Name of the storage pool that {what} is kept in.",
            default="default",
            names=("libvirt_pool", "name"),
            change=_moving,
        ),
    }
