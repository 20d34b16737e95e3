"""The difference of two objects, attribute by attribute, and what each difference costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmform.plan.change import PlannedEdit
from kvmform.plan.merge import contains_unknown
from kvmform.schema import (
    Block,
    Disruption,
    Edit,
    EditContext,
    Effect,
    Object,
    Path,
    Plain,
    Row,
    pair_elements,
)
from kvmform.values.model import Unknown

__all__ = ["differences", "planned_edits", "row_at", "value_at"]

Rows = Mapping[str, Row | Block]


def differences(rows: Rows, before: Object, after: Object, at: Path = ()) -> Iterator[Edit]:
    """What has to change to make `after` of `before`; blocks are paired by key, never by index."""
    for name, row in rows.items():
        old, new = before.get(name), after.get(name)
        path = (*at, name)
        if isinstance(row, Row):
            if contains_unknown(new) or not row.same(old, new):
                yield Edit(path, old, new)
        elif isinstance(new, Unknown):
            yield Edit(path, old, new)
        else:
            yield from _block_differences(row, old or [], new or [], path)


def _block_differences(block: Block, before: list[Object], after: list[Object], path: Path) -> Iterator[Edit]:
    for old, new in pair_elements(block, before, after):
        if old is None and new is not None:
            yield Edit((*path, new), None, after[new])
        elif new is None and old is not None:
            yield Edit((*path, old), before[old], None)
        elif old is not None and new is not None:
            yield from differences(block.rows, before[old], after[new], (*path, new))


def planned_edits(rows: Rows, before: Object, after: Object, facts: Mapping[str, Plain]) -> tuple[PlannedEdit, ...]:
    """The differences, each with the effect that the row's policy works out from the live facts."""
    found = []
    for edit in differences(rows, before, after):
        policy = row_at(rows, edit.path).change
        effect = policy if isinstance(policy, Disruption) else policy(EditContext(edit, before, after, facts))
        effect = Effect(effect) if isinstance(effect, Disruption) else effect
        found.append(PlannedEdit(edit.path, edit.before, edit.after, effect))
    return tuple(found)


def row_at(rows: Rows, path: Path) -> Row | Block:
    """The row, or the block, that a path ends at."""
    row: Row | Block | None = None
    for step in path:
        if isinstance(step, str):
            row = rows[step]
            rows = row.rows if isinstance(row, Block) else {}
    assert row is not None
    return row


def value_at(value: Plain, path: Path) -> Plain:
    """The part of an object at a path; None where there is none."""
    for step in path:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return None
    return value
