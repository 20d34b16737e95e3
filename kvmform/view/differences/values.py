"""How two values of a type differ.

Source: what Terraform 1.11 shows; internal/command/jsonformat/differ of it.
"""

from __future__ import annotations

import json

from kvmform.schema import Plain
from kvmform.struct import Struct, replace
from kvmform.values.model import Unknown
from kvmform.values.types import DYNAMIC, ListType, MapType, ObjectType, SetType, TupleType, Type
from kvmform.view.differences.sequences import pair_by_place, pair_set, pair_up
from kvmform.view.differences.tree import Hidden, Keyed, Listed, Mark, Node, Note, Pending, Scalar, Turned, together
from kvmform.view.masks import hides, mask_of

__all__ = ["ABSENT", "Pair", "difference", "unchanged"]

ABSENT: Plain = object()
"""Stands for a value where there is none, which is less than null."""
_DEEPEST = 64
"""What is nested deeper is told in one line: nobody reads it, and each level takes some of Python's stack."""


class Pair(Struct):
    """A value before and after (`ABSENT`: there is none), and the masks of what of each is sensitive."""

    before: Plain
    after: Plain
    was_sensitive: Plain = False
    will_be_sensitive: Plain = False
    depth: int = 0
    """In how many others it is."""

    def part(self, name: str) -> Pair:
        """That of one attribute of an object, or element of a map."""
        return Pair(
            self.before.get(name, ABSENT) if isinstance(self.before, dict) else ABSENT,
            self.after.get(name, ABSENT) if isinstance(self.after, dict) else ABSENT,
            mask_of(self.was_sensitive, name),
            mask_of(self.will_be_sensitive, name),
            self.depth + 1,
        )

    def element(self, old: int | None, new: int | None) -> Pair:
        """That of an element of a list before, and of one after."""
        return Pair(
            ABSENT if old is None else self.before[old],
            ABSENT if new is None else self.after[new],
            False if old is None else mask_of(self.was_sensitive, old),
            False if new is None else mask_of(self.will_be_sensitive, new),
            self.depth + 1,
        )

    def settled(self) -> Pair:
        """The same with nothing for null, as attributes have it."""
        if self.before is not None and self.after is not None:
            return self
        before, after = (ABSENT if value is None else value for value in (self.before, self.after))
        return Pair(before, after, self.was_sensitive, self.will_be_sensitive, self.depth)

    def gone(self) -> Pair:
        """The value before, as if nothing followed it."""
        return Pair(self.before, ABSENT, self.was_sensitive, depth=self.depth)

    def made(self) -> Pair:
        """The value after, as if nothing had been before it."""
        return Pair(ABSENT, self.after, will_be_sensitive=self.will_be_sensitive, depth=self.depth)

    def folded(self) -> Pair:
        """The same with a text for a value that has others in it, as sensitive as any of them."""
        before, after = (_in_one_line(value) for value in (self.before, self.after))
        return Pair(before, after, hides(self.was_sensitive), hides(self.will_be_sensitive))

    @property
    def mark(self) -> Mark:
        """What becomes of the value as a whole, whatever becomes of what is in it."""
        if (self.before is ABSENT) is (self.after is ABSENT):
            return Mark.SAME
        return Mark.CREATE if self.before is ABSENT else Mark.DELETE


def difference(pair: Pair, kind: Type, note: Note | None = None) -> Node:
    """The tree of the difference. A value that is not of the type is compared as it is."""
    if pair.depth > _DEEPEST:
        return difference(pair.folded(), DYNAMIC, note)
    if pair.was_sensitive is True or pair.will_be_sensitive is True:
        return _hidden(pair, kind, note)
    if isinstance(pair.after, Unknown):
        nothing = pair.before is None or pair.before is ABSENT
        before = None if nothing else difference(pair.gone(), kind)
        return Pending(mark=Mark.CREATE if pair.before is ABSENT else Mark.UPDATE, note=note, before=before)
    shapes = {_shape(value) for value in (pair.before, pair.after) if value is not ABSENT}
    if len(shapes) > 1:
        turned = difference(pair.gone(), kind), difference(pair.made(), kind)
        return Turned(mark=Mark.UPDATE, note=note, before=turned[0], after=turned[1])
    if list in shapes:
        return _listed(pair, kind, note)
    if dict in shapes:
        return _keyed(pair, kind, note)
    mark = pair.mark
    if mark is Mark.SAME and pair.before != pair.after:
        mark = Mark.UPDATE
    return Scalar(mark=mark, note=note, before=pair.before, after=pair.after)


def _shape(value: Plain) -> type:
    """The type that JSON has for it."""
    return int if isinstance(value, float) else type(value)


def _in_one_line(value: Plain) -> Plain:
    if not isinstance(value, list | dict):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=lambda _unknown: "(known after apply)")


def _hidden(pair: Pair, kind: Type, note: Note | None) -> Node:
    was, will_be = pair.was_sensitive is True, pair.will_be_sensitive is True
    inner = difference(Pair(pair.before, pair.after, depth=pair.depth), kind).mark
    there = any(value is not ABSENT for value in (pair.before, pair.after))
    mark = Mark.UPDATE if inner is Mark.SAME and was is not will_be and there else inner
    return Hidden(mark=mark, note=note, was=was, will_be=will_be, inner=inner)


def _listed(pair: Pair, kind: Type, note: Note | None) -> Node:
    before, after = ([] if value is ABSENT else value for value in (pair.before, pair.after))
    match kind:
        case SetType():
            pairs, kinds = pair_set(before, after), [kind.element]
        case TupleType() if max(len(before), len(after)) <= len(kind.elements):
            pairs, kinds = pair_by_place(before, after), list(kind.elements)
        case ListType():
            are_objects = isinstance(kind.element, ObjectType)
            pairs, kinds = pair_up(before, after, lambda _old, _new: are_objects), [kind.element]
        case _:
            pairs, kinds = pair_up(before, after, _both_objects), [DYNAMIC]
    elements = tuple(
        difference(pair.element(*each), kinds[index] if len(kinds) > 1 else kinds[0])
        for index, each in enumerate(pairs)
    )
    mark = together(pair.mark, elements)
    return Listed(mark=mark, note=note, elements=elements, is_set=isinstance(kind, SetType))


def _both_objects(old: Plain, new: Plain) -> bool:
    return isinstance(old, dict) and isinstance(new, dict)


def _keyed(pair: Pair, kind: Type, note: Note | None) -> Node:
    names = {**(pair.before if pair.before is not ABSENT else {}), **(pair.after if pair.after is not ABSENT else {})}
    typed = dict(kind.attributes) if isinstance(kind, ObjectType) else {}
    element = kind.element if isinstance(kind, MapType) else DYNAMIC
    entries: dict[str, Node] = {}
    for name in sorted(names):
        part = pair.part(name)
        if typed:
            part = part.settled()
            if part.before is ABSENT and part.after is ABSENT:
                continue
        entries[name] = difference(part, typed.get(name, element))
    mark = together(pair.mark, entries.values())
    return Keyed(mark=mark, note=note, entries=entries, is_map=isinstance(kind, MapType))


def unchanged(pair: Pair) -> Pair:
    """The value before, as if it stayed."""
    return replace(pair, after=pair.before, will_be_sensitive=pair.was_sensitive)
