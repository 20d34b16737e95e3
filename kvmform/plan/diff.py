"""The difference of two objects, attribute by attribute, and what each difference costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvmform.plan.change import PlannedEdit
from kvmform.plan.merge import contains_unknown
from kvmform.plan.paths import row_at
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

__all__ = ["differences", "planned_edits"]

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
