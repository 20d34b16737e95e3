"""Which rows of a type a test changes: worked out from what it writes, one step after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from type_bench import complete

from kvmform.plan.diff import differences
from kvmform.schema import Block, Object, ResourceType

__all__ = ["changed_rows"]


def changed_rows(kind: ResourceType[Any], steps: Sequence[Object]) -> tuple[str, ...]:
    """The rows and blocks that differ from one step to the next: `libvirt_domain.cputune.shares`."""
    found: dict[str, None] = {}
    for before, after in pairwise(complete(kind, step) for step in steps):
        for edit in differences(kind.schema.rows, before, after):
            names = [step for step in edit.path if isinstance(step, str)]
            if isinstance(edit.path[-1], int):
                rows = _rows_at(kind.schema.rows, names)
                found |= dict.fromkeys(_written(names, rows, edit.after if edit.before is None else edit.before))
            else:
                found[".".join(names)] = None
    return tuple(f"{kind.name}.{name}" for name in found)


def _rows_at(rows: Any, names: Sequence[str]) -> Any:
    for name in names:
        rows = rows[name].rows
    return rows


def _written(names: Sequence[str], rows: Any, element: Object) -> Iterator[str]:
    """A block that comes or goes, and everything that is written in it."""
    yield ".".join(names)
    for name, row in rows.items():
        if isinstance(row, Block):
            for inner in element[name]:
                yield from _written([*names, name], row.rows, inner)
        elif element[name] is not None:
            yield ".".join([*names, name])
