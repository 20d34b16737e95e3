"""Pair the elements of a repeated block: by key, never by index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvmform.schema.row import Block, Object, Row
from kvmform.values.model import Unknown

__all__ = ["Pair", "completed", "pair_elements"]

Pair = tuple[int | None, int | None]
"""Index of an element in the existing list and in the planned one; None where it has no partner."""


def pair_elements(block: Block, before: Sequence[Object], after: Sequence[Object]) -> list[Pair]:
    """Pair existing elements with planned ones.

    Returns:
        A pair for each element of `after`, in its order, then one for each element of
        `before` that has no partner: it is removed.
    """
    partner: dict[int, int] = {}
    free = dict.fromkeys(range(len(before)))
    for names in block.match:
        for index, element in enumerate(after):
            if index in partner:
                continue
            found = next((i for i in free if _agree(block.rows, names, before[i], element)), None)
            if found is not None:
                partner[index] = found
                del free[found]
    if block.pair_rest:
        for index in (i for i in range(len(after)) if i not in partner):
            if not free:
                break
            partner[index] = next(iter(free))
            del free[partner[index]]
    return [(partner.get(i), i) for i in range(len(after))] + [(i, None) for i in free]


def completed(rows: Mapping[str, Row | Block], planned: Object, found: Object) -> Object:
    """What was planned, with the values of what was found where the plan has none; elements are paired by key."""
    whole: Object = {}
    for name, row in rows.items():
        wanted, there = planned.get(name), found.get(name)
        if isinstance(row, Row) or not wanted or not there:
            whole[name] = there if wanted is None or (isinstance(row, Block) and not wanted) else wanted
            continue
        whole[name] = [
            wanted[new] if old is None else completed(row.rows, wanted[new], there[old])
            for old, new in pair_elements(row, there, wanted)
            if new is not None
        ]
    return whole


def _agree(rows: Mapping[str, Row | Block], names: tuple[str, ...], before: Object, after: Object) -> bool:
    values = [(rows[name], before.get(name), after.get(name)) for name in names]
    if all(b is None or a is None for _, b, a in values):
        return False
    return all(
        not isinstance(a, Unknown) and not isinstance(b, Unknown) and isinstance(row, Row) and row.same(b, a)
        for row, b, a in values
    )
