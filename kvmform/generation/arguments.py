"""Which arguments are written of an object that is there already: those that another one would not have by itself.

What is left out stays as it is, since a configuration is only compared with what it speaks of. So
the choice is one of taste and of truth: all that makes the object what it is, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from kvmform.plan.merge import contains_unknown, merge
from kvmform.plan.paths import row_at, value_at
from kvmform.schema import Block, Identity, Object, Path, Plain, Portrait, Proposal, ResourceType, Row
from kvmform.struct import Struct

__all__ = ["Portrayed", "arguments_of", "complete", "proposed"]

Rows = Mapping[str, Row | Block]


class Portrayed(Struct):
    """An object that is written down, and what is around it; `settings` and `others` as in a :class:`Proposal`."""

    address: str
    kind: ResourceType[Any]
    portrait: Portrait
    settings: Mapping[str, Plain]
    others: Callable[[str], Sequence[Object]]


def arguments_of(portrayed: Portrayed) -> Object:
    """The arguments and blocks to write, by name, in the order of the table; in a block each element has its own."""
    rows, portrait = portrayed.kind.schema.rows, portrayed.portrait
    written = _told(rows, portrait.object)
    for path in _chosen(rows, written):
        _leave_out(portrayed, written, path)
    idle = {name for name in portrait.idle if not any(map(_says_something, written.get(name, ())))}
    return {name: value for name, value in written.items() if value not in (None, []) and name not in idle}


def _says_something(block: Object) -> bool:
    return any(any(map(_says_something, value)) if _is_block(value) else True for value in block.values())


def _is_block(value: Plain) -> bool:
    return isinstance(value, list) and (not value or isinstance(value[0], dict))


def _alike(block: Block, one: Plain, other: Plain) -> bool:
    return [_told(block.rows, each) for each in one or ()] == [_told(block.rows, each) for each in other or ()]


def _told(rows: Rows, found: Object) -> Object:
    """What can be written of what was found, and means something else than its not being written."""
    told: Object = {}
    for name, row in rows.items():
        value = found.get(name)
        if value is None or row.read_only:
            continue
        if isinstance(row, Block):
            told[name] = [_told(row.rows, each) for each in value]
        elif row.required or not (row.deprecated or row.volatile or _goes_without_saying(row, value)):
            told[name] = deepcopy(value)
    return told


def _goes_without_saying(row: Row, value: Plain) -> bool:
    return not row.computed and bool(row.same(row.default, value))


def _chosen(rows: Rows, written: Object, at: Path = ()) -> Iterator[Path]:
    """Where values are written that something would be chosen for."""
    for name, value in list(written.items()):
        row = rows[name]
        if row.computed:
            yield (*at, name)
        if isinstance(row, Block):
            for index, element in enumerate(value):
                yield from _chosen(row.rows, element, (*at, name, index))


def _leave_out(portrayed: Portrayed, written: Object, path: Path) -> None:
    """Take one value out, if the same would be chosen for a new object that has all others."""
    *way, last = path
    element: Any = written
    for step in way:
        if isinstance(element, dict) and step not in element:
            return  # A block around it was left out.
        element = element[step]
    value = element.pop(last)
    expected, actual = value_at(proposed(portrayed, written), path), value_at(portrayed.portrait.object, path)
    row = row_at(portrayed.kind.schema.rows, path)
    if contains_unknown(expected) or not _is_same(row, expected, actual):
        element[last] = value


def _is_same(row: Row | Block, expected: Plain, actual: Plain) -> bool:
    if isinstance(row, Row):
        return bool(row.same(expected, actual))
    return _alike(row, expected, actual)


def proposed(portrayed: Portrayed, written: Object) -> Object:
    """What a new object would be with these arguments; what the host would choose is `Unknown`."""
    kind, config = portrayed.kind, complete(portrayed.kind.schema.rows, written)
    proposal = Proposal(
        address=portrayed.address,
        identity=Identity("00000000-0000-0000-0000-000000000000", portrayed.address),
        config=config,
        observed=None,
        planned=merge(kind.schema.rows, config, None),
        settings=portrayed.settings,
        others=portrayed.others,
    )
    return kind.propose(proposal)


def complete(rows: Rows, written: Object) -> Object:
    """A configuration as decoding would give it: every row, and defaults where nothing is written."""
    return {
        name: ([complete(row.rows, each) for each in written.get(name) or ()])
        if isinstance(row, Block)
        else written.get(name, row.default)
        for name, row in rows.items()
    }
