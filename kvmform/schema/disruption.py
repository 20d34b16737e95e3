"""What a change costs the people who use the guest: the disruption classes."""

from __future__ import annotations

from enum import Enum
from functools import total_ordering

from kvmform.struct import Struct

__all__ = ["Disruption", "Effect"]


@total_ordering
class Disruption(Enum):
    """The classes, from the mildest to the worst; they compare in this order."""

    NONE = "none"
    """Nothing that exists is touched: something new is made, or only kvmform's record changes."""
    LIVE = "live"
    """Takes effect at once; nobody notices an interruption."""
    NEXT_BOOT = "next-boot"
    """Recorded now; takes effect when the guest next starts."""
    INTERRUPT = "interrupt"
    """A short loss of network, or a pause."""
    REBOOT = "reboot"
    """The guest is shut down gracefully and started again."""
    REPLACE = "replace"
    """The object is deleted (and made again where it is still wanted); no user data is lost."""
    DATA_LOSS = "data-loss"
    """Data that a user may have written is deleted."""

    @property
    def rank(self) -> int:
        """Place in the order, from 0."""
        return _RANKS[self]

    def __lt__(self, other: Disruption) -> bool:
        return self.rank < other.rank


_RANKS = {member: rank for rank, member in enumerate(Disruption)}


class Effect(Struct):
    """What making one edit does: its class, and why in a few words where that is not plain.

    An edit of class `REPLACE` or worse has the object replaced, unless it is `in_place`. One
    that is `remade` is replaced at a lower class too: of a random password nothing is
    anywhere but in the record, so that another one in its place touches nothing.
    """

    disruption: Disruption
    reason: str = ""
    in_place: bool = False
    remade: bool = False

    @property
    def replaces(self) -> bool:
        """Whether the object has to be deleted and created again for it."""
        return self.remade or (self.disruption >= Disruption.REPLACE and not self.in_place)
