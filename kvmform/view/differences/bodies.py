"""How two objects of a resource type differ: attributes by their types, blocks paired by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kvmform.schema import Block, Plain, Row, pair_elements
from kvmform.schema.row import implied_type
from kvmform.struct import replace
from kvmform.values.model import UNKNOWN, Unknown
from kvmform.values.types import DYNAMIC, ListType, Type
from kvmform.view.differences.sequences import Pairs, pair_by_place
from kvmform.view.differences.tree import NO_NOTES, Body, Hidden, Mark, Node, Notes, Pending, together
from kvmform.view.differences.values import ABSENT, Pair, difference, unchanged
from kvmform.view.known_schema import schema_of

__all__ = ["body_difference", "rows_of"]

Rows = Mapping[str, Row | Block]


def rows_of(mode: str, kind: str) -> Rows:
    """The table of a resource type, or of a data source; empty for one that kvmform doesn't have."""
    schema = schema_of(mode, kind)
    return schema.rows if schema is not None else {}


def body_difference(pair: Pair, rows: Rows, notes: Notes, *, noted_only: bool = False) -> Body:
    """The tree of an object, with the notes at their places.

    `rows`: its table; where it is empty, lists of objects are taken for blocks. `noted_only`: what
    no note is on counts as unchanged, whatever it looks like.
    """
    attributes: dict[str, Node] = {}
    blocks: dict[str, tuple[Node, ...]] = {}
    for name in _names_in(pair, rows):
        part, row = pair.part(name), rows.get(name)
        if noted_only and name not in notes.below:
            part = unchanged(part)
        block = row if isinstance(row, Block) else _ANY_BLOCK
        if _is_block(row, part):
            blocks[name] = tuple(_blocks(part, block, notes.at(name), noted_only=noted_only))
        else:
            attributes[name] = _attribute(part, row, notes.at(name))
    everything = [*attributes.values(), *(each for found in blocks.values() for each in found)]
    mark = together(pair.mark, everything)
    return Body(mark=mark, note=notes.own, attributes=attributes, blocks=blocks)


_ANY_BLOCK = Block(rows={}, doc="A block of a type that kvmform doesn't have.")


def _names_in(pair: Pair, rows: Rows) -> list[str]:
    """The names of what there is before or after: most rows of a table are null, or an empty list of blocks."""
    before, after = (value if isinstance(value, dict) else {} for value in (pair.before, pair.after))
    found = []
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old or new or not ((old is None and new is None) or isinstance(rows.get(name), Block)):
            found.append(name)
    return sorted(found)


def _is_block(row: Row | Block | None, part: Pair) -> bool:
    if isinstance(row, Block):
        return not row.read_only
    return row is None and _is_list_of_objects(part.before, part.after)


def _is_list_of_objects(*values: Plain) -> bool:
    lists = [value for value in values if isinstance(value, list) and value]
    return bool(lists) and all(isinstance(item, dict) for value in lists for item in value)


def _attribute(part: Pair, row: Row | Block | None, notes: Notes) -> Node:
    kind: Type = DYNAMIC
    if isinstance(row, Block):
        kind = ListType(implied_type(row.rows))
    elif row is not None:
        kind = row.type
    return difference(part.settled(), kind, notes.own)


def _blocks(part: Pair, block: Block, notes: Notes, *, noted_only: bool) -> Iterator[Node]:
    """Elements in their new order, then those that are removed."""
    before = part.before if isinstance(part.before, list) else []
    if isinstance(part.after, Unknown):
        yield Pending(mark=Mark.UPDATE if part.before is not ABSENT else Mark.CREATE, note=notes.own, before=None)
        after: Sequence[Plain] = []
    else:
        after = part.after if isinstance(part.after, list) else []
    secrets = _secrets(part)
    whole = Pair(before, after, part.was_sensitive, part.will_be_sensitive)
    for old, new in _pairs(block, before, after):
        element = _covered(whole.element(old, new), secrets)
        noted = notes.removed.get(old) if new is None and old is not None else notes.below.get(new or 0)
        if noted_only and noted is None:
            element = unchanged(element)
        if element.before is not ABSENT or element.after is not ABSENT:
            partly = noted_only and element.mark is Mark.SAME
            yield _element(element, block, noted or NO_NOTES, noted_only=partly)


def _pairs(block: Block, before: Sequence[Plain], after: Sequence[Plain]) -> Pairs:
    """By their keys; by their places where there is more than objects, of which not even keys are known."""
    if all(isinstance(each, dict) for each in (*before, *after)):
        return pair_elements(block, before, after)
    return pair_by_place(before, after)


def _element(pair: Pair, block: Block, notes: Notes, *, noted_only: bool) -> Node:
    if isinstance(pair.after, Unknown):
        return _pending(pair, block, notes)
    body = body_difference(pair, block.rows, notes, noted_only=noted_only)
    was, will_be = pair.was_sensitive is True, pair.will_be_sensitive is True
    if not was and not will_be:
        return body
    mark = Mark.UPDATE if body.mark is Mark.SAME and was is not will_be else body.mark
    return Hidden(mark=mark, note=notes.own, was=was, will_be=will_be, inner=body.mark)


def _pending(pair: Pair, block: Block, notes: Notes) -> Node:
    """A block of which nothing is known: none of the attributes that it has now, either."""
    if pair.before is ABSENT:
        return Pending(mark=Mark.CREATE, note=notes.own, before=None)
    unknown = {name: UNKNOWN for name, row in block.rows.items() if isinstance(row, Row)}
    before = body_difference(replace(pair, after=unknown), block.rows, NO_NOTES)
    return Pending(mark=Mark.UPDATE, note=notes.own, before=before)


def _secrets(part: Pair) -> dict[str, bool]:
    """The attributes that are sensitive in any of the blocks.

    Blocks are paired by key, and what was sensitive in the second one may be so in the first
    one now: so it is in all of them.
    """
    masks = [
        mask for masks in (part.was_sensitive, part.will_be_sensitive) if isinstance(masks, list) for mask in masks
    ]
    return {name: True for mask in masks if isinstance(mask, dict) for name, own in mask.items() if own is True}


def _covered(pair: Pair, secrets: Mapping[str, bool]) -> Pair:
    was, will_be = (
        mask if mask is True or not secrets else {**(mask if isinstance(mask, dict) else {}), **secrets}
        for mask in (pair.was_sensitive, pair.will_be_sensitive)
    )
    return Pair(pair.before, pair.after, was, will_be)
