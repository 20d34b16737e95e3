"""What an object takes over of another one of its type that it is declared to be like.

What its block writes is its own; all else is as in the other, but for what each has for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from kvmform.schema.row import Block, Object, Path, Plain, Row
from kvmform.struct import Struct

__all__ = ["Likeness"]

Rows = Mapping[str, "Row | Block"]
Place = tuple[str, ...]
"""A row by its way through the blocks: ``("network_interface", "mac")``."""


def _as_it_is(config: Object, _original: Object, _taken: Collection[str]) -> Object:
    return config


class Likeness(Struct, kw_only=True):
    """How objects of a type can be like another one.

    `argument` tells the other, by one of its attributes `named_by`. Rows in `own` are never taken
    over, and a block in `own` as little as all that is in it. What is in `once` is taken over when the
    object is made, and is then as it is recorded; everything else goes with the other, whenever that
    changes. Of one that the configuration doesn't have, everything is taken over once.
    """

    argument: str
    named_by: tuple[str, ...]
    own: frozenset[Place] = frozenset()
    once: frozenset[str] = frozenset()
    adapt: Callable[[Object, Object, Collection[str]], Object] = _as_it_is
    """What an object is to have, from its configuration with all that was taken over, the other
    object, and the names of what was taken over."""

    def takes(self, rows: Rows, written: Collection[str]) -> list[str]:
        """What an object takes over, beside which only these arguments are written."""
        return [
            name
            for name, row in rows.items()
            if not (name in written or name == self.argument or row.read_only or (name,) in self.own)
        ]

    def without_own(self, rows: Rows, name: str, value: Plain, *, computed_only: bool = False) -> Plain:
        """The value of a row of another object, without what is that object's own in its blocks.

        `computed_only`: no more is left out than what an object that exists keeps by itself.
        """
        return self._without(rows[name], (name,), value, computed_only=computed_only)

    def _without(self, row: Row | Block, at: Place, value: Plain, *, computed_only: bool) -> Plain:
        if isinstance(row, Row):
            return row.default if value is None and not computed_only else value
        if not isinstance(value, list):
            return value
        return [
            {
                name: _unwritten(inner)
                if (*at, name) in self.own and (not computed_only or inner.computed)
                else self._without(inner, (*at, name), element.get(name), computed_only=computed_only)
                for name, inner in row.rows.items()
            }
            for element in value
        ]

    def sensitive(self, found: Collection[Path], taken: Collection[str]) -> Iterator[Path]:
        """Of the paths of another object that nobody may see, those that come with what is taken over."""
        return (path for path in found if path[0] in taken)


def _unwritten(row: Row | Block) -> Plain:
    return row.default if isinstance(row, Row) else []
