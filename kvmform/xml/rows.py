"""Read and patch XML through a resource type's rows: one table serves both directions.

A row's path leads from the element that its table stands for (the document's root, or each
element of a block): `memory` is an element's text, `vcpu/@current` an attribute, `@type` an
attribute of the element itself. A step may say which of several it means, with
`[@name='value']`; where such a step is missing it is made with that attribute. A row that is a
list has an element for each item. A block whose path is `.` has no element of its own: its rows
have their places in the element around it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from kvmform.schema import Block, Object, Plain, Row, pair_elements
from kvmform.schema.row import Codec
from kvmform.struct import replace
from kvmform.values.types import BOOL, NUMBER, ListType
from kvmform.xml.codecs import INTEGER, TEXT, YES_NO, Presence, Quantity, Spread
from kvmform.xml.document import NAMESPACES, insert_element, make_element, remove_element

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["HERE", "build_element", "patch_changes", "patch_rows", "read_rows"]

HERE = "."
"""The place of a block that has no element of its own."""

Step = tuple[str, tuple[tuple[str, str], ...]]
"""An element's name, and the attributes by which the path tells it from others."""

_STEP = re.compile(r"(?P<name>[^\[\]/]+)(?P<conditions>(?:\[@[\w:-]+='[^']*'\])*)(?:/|$)")
_CONDITION = re.compile(r"\[@([\w:-]+)='([^']*)'\]")


def read_rows(element: Element, rows: Mapping[str, Row | Block]) -> Object:
    """Read every row and block that has a place in the XML; the others are left out, and what is untold.

    What is not there is None (or the codec's `absent` value), for a block an empty list.
    """
    found: Object = {}
    present = {child.tag for child in element}  # Most rows have no place in most documents: that is seen at a glance.
    for name, row in rows.items():
        path = row.xml
        if path is None or (isinstance(row, Row) and row.untold):
            continue
        child = _child(path)
        if child is not None and child not in present:
            found[name] = [] if isinstance(row, Block) else _absent(row)
        elif isinstance(row, Block):
            found[name] = [read_rows(item, row.rows) for item in element.iterfind(path, NAMESPACES)]
        elif isinstance(row.type, ListType):
            found[name] = [item.text or "" for item in element.iterfind(path, NAMESPACES)] or None
        else:
            found[name] = _read_place(element, path, _codec(row))
    return found


def _absent(row: Row) -> Plain:
    """What stands for a place that is not there."""
    return None if isinstance(row.type, ListType) else getattr(_codec(row), "absent", None)


@cache
def _child(path: str) -> str | None:
    """The child that a path leads through; None where it leads through none, or where that has a namespace."""
    name, _ = _steps(path)[0]
    return None if name == HERE or name.startswith("@") or ":" in name else name


def patch_rows(element: Element, rows: Mapping[str, Row | Block], values: Mapping[str, Plain]) -> None:
    """Write these values to the places of their rows, and leave all else as it is.

    None removes the place. Elements of a block are paired as `pair_elements` does: those
    that stay are patched, others removed, new ones made behind the last one.
    """
    for name, value in values.items():
        match rows[name]:
            case Row(xml=str(path)) as row if isinstance(row.type, ListType):
                _write_list(element, path, value or [])
            case Row(xml=str(path)) as row:
                for place in (path, *row.also):
                    _write_place(element, place, _codec(row), value)
            case Block(xml=str(path)) as block:
                _patch_block(element, path, block, value or [])


def patch_changes(element: Element, rows: Mapping[str, Row | Block], before: Object, after: Object) -> None:
    """Write only what differs between two objects; what is the same in both, or in neither, stays as it is.

    So what somebody else added to an element that a block stands for is left alone.
    """
    for name, row in rows.items():
        old, new = before.get(name), after.get(name)
        match row:
            case Row(xml=str()) if not row.same(old, new):
                patch_rows(element, rows, {name: new})
            case Block(xml=str(path)):
                _change_block(element, path, row, old or [], new or [])


def build_element(block: Block, value: Object) -> Element:
    """A new element of a block, made of its rows alone.

    Raises:
        ValueError: the block has no place in the XML.
    """
    if block.xml is None:
        raise ValueError("a block without a place in the XML")
    name, conditions = _steps(block.xml)[-1]
    element = make_element(name, dict(conditions))
    patch_rows(element, block.rows, {key: value[key] for key in block.rows if value.get(key) is not None})
    return element


def _codec(row: Row) -> Codec:
    if row.codec is not None:
        return row.codec
    if row.type == NUMBER:
        return INTEGER
    return YES_NO if row.type == BOOL else TEXT


@cache
def _steps(path: str) -> tuple[Step, ...]:
    return tuple((step["name"], tuple(_CONDITION.findall(step["conditions"]))) for step in _STEP.finditer(path))


@cache
def _split(path: str) -> tuple[str, str | None]:
    """The path of the element, and the attribute's name where the path ends in one."""
    head, _, last = path.rpartition("/")
    if last.startswith("@"):
        return head, last[1:]
    return path, None


def _read_place(element: Element, path: str, codec: Codec) -> Plain:
    place, attribute = _split(path)
    target = element.find(place, NAMESPACES) if place else element
    text = None
    if isinstance(codec, Spread):
        text = codec.gather(target.get) if target is not None else None
    elif target is not None:
        text = target.get(attribute) if attribute is not None else target.text or ""
    if target is None or text is None:
        return getattr(codec, "absent", None)
    if isinstance(codec, Quantity) and target.get("unit"):
        text = f"{text.strip()} {target.get('unit')}"
    return codec.decode(text)


def _write_place(element: Element, path: str, codec: Codec, value: Plain) -> None:
    place, attribute = _split(path)
    if isinstance(codec, Spread):
        _write_spread(element, place, codec, value)
        return
    if value is None or _is_absent(codec, value):
        _remove_place(element, place, attribute)
        return
    target = _find_or_make(element, place)
    text = codec.encode(value)
    unit = ""
    if isinstance(codec, Quantity):
        text, _, unit = text.partition(" ")
    if attribute is not None:
        target.set(attribute, text)
    elif not isinstance(codec, Presence):
        target.text = text
    if unit:
        target.set("unit", unit)


def _write_spread(element: Element, place: str, codec: Spread, value: Plain) -> None:
    for name in codec.names:
        _remove_place(element, place, name)
    if value is not None:
        target = _find_or_make(element, place)
        for name, text in codec.spread(codec.encode(value)).items():
            target.set(name, text)


def _is_absent(codec: Codec, value: Plain) -> bool:
    absent = getattr(codec, "absent", None)
    return bool(value == absent) and isinstance(value, bool) == isinstance(absent, bool)


def _remove_place(element: Element, place: str, attribute: str | None) -> None:
    target = element.find(place, NAMESPACES) if place else element
    if target is None:
        return
    if attribute is None:
        _remove_whole(element, target, place)
        return
    if attribute in target.attrib:
        del target.attrib[attribute]
    _prune(element, target, _steps(place))


def _remove_whole(element: Element, target: Element, place: str) -> None:
    """Remove what is at a place inside of an element, with whatever around it was there for it alone."""
    parent = target.getparent()
    remove_element(target)
    if parent is not None:
        _prune(element, parent, _steps(place)[:-1])


def _prune(element: Element, target: Element, steps: Sequence[Step]) -> None:
    """Remove the elements at these steps, from the last one on, that hold no more than what the steps say of them."""
    for _, conditions in reversed(steps):
        parent = target.getparent()
        if target is element or parent is None or not _is_hollow(target, conditions):
            return
        remove_element(target)
        target = parent


def _is_hollow(element: Element, conditions: tuple[tuple[str, str], ...]) -> bool:
    return not len(element) and not (element.text or "").strip() and set(element.items()) <= set(conditions)


def _find_or_make(element: Element, place: str) -> Element:
    for name, conditions in _steps(place):
        found = element.find(_step_text(name, conditions), NAMESPACES)
        if found is None:
            found = make_element(name, dict(conditions))
            insert_element(element, found)
        element = found
    return element


def _write_list(element: Element, path: str, values: list[str]) -> None:
    while element.find(path, NAMESPACES) is not None:
        _remove_place(element, path, None)
    name, conditions = _steps(path)[-1]
    for value in values:
        item = make_element(name, dict(conditions))
        item.text = str(value)
        parent = _parent_path(path)
        insert_element(_find_or_make(element, parent) if parent else element, item)


def _patch_block(element: Element, path: str, block: Block, values: list[Object]) -> None:
    if path == HERE:
        patch_rows(element, block.rows, values[0] if values else _cleared(block))
        return
    existing = list(element.iterfind(path, NAMESPACES))
    before = [read_rows(item, block.rows) for item in existing]
    made: list[Element] = []
    for old, new in pair_elements(block, before, values):
        match old, new:
            case int(), int():
                patch_rows(existing[old], block.rows, values[new])
            case None, int():
                made.append(build_element(block, values[new]))
            case int(), None:
                _remove_whole(element, existing[old], path)
    _insert_all(element, path, made)


def _change_block(element: Element, path: str, block: Block, before: list[Object], after: list[Object]) -> None:
    if path == HERE:
        cleared = _cleared(block)
        patch_changes(element, block.rows, before[0] if before else cleared, after[0] if after else cleared)
        return
    existing = list(element.iterfind(path, NAMESPACES))
    found = [read_rows(item, block.rows) for item in existing]
    places = {old: place for place, old in pair_elements(block, found, before) if place is not None and old is not None}
    foreign = [place for place in range(len(existing)) if place not in places.values()]
    made: list[Element] = []
    for old, new in pair_elements(block, before, after):
        place = places.get(old) if old is not None else None
        if new is None:
            if place is not None:
                _remove_whole(element, existing[place], path)
            continue
        known: Object = before[old] if old is not None else {}
        if place is None:
            place = _like(block, [found[free] for free in foreign], foreign, after[new])
        if place is None:
            made.append(build_element(block, after[new]))
        else:
            patch_changes(existing[place], block.rows, known, after[new])
    _insert_all(element, path, made)


def _like(block: Block, found: list[Object], places: list[int], wanted: Object) -> int | None:
    """The place of an element that nobody declared, but that is the one which is wanted."""
    by_key = replace(block, pair_rest=not block.match)
    ((old, _), *_) = pair_elements(by_key, found, [wanted])
    return None if old is None else places.pop(old)


def _cleared(block: Block) -> Object:
    """What stands in the XML where a block that has no element of its own is not written: what is usually present."""
    return {
        name: row.default if isinstance(row, Row) and isinstance(row.codec, Presence) else None
        for name, row in block.rows.items()
    }


def _insert_all(element: Element, path: str, made: list[Element]) -> None:
    parent = _parent_path(path)
    for item in made:
        insert_element(_find_or_make(element, parent) if parent else element, item)


def _parent_path(path: str) -> str:
    return "/".join(_step_text(name, conditions) for name, conditions in _steps(path)[:-1])


def _step_text(name: str, conditions: tuple[tuple[str, str], ...]) -> str:
    return name + "".join(f"[@{key}='{value}']" for key, value in conditions)
