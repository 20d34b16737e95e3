"""Marks on values: what is sensitive or ephemeral, and what is known."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kvmform.values.model import EPHEMERAL, SENSITIVE, ListValue, MapValue, Marked, SetValue, Unknown, Value

__all__ = [
    "NO_MARKS",
    "contains_marks",
    "is_sensitive",
    "is_wholly_known",
    "mark",
    "mark_paths",
    "marks_in",
    "unmark",
    "unmark_deep",
]

NO_MARKS: frozenset[str] = frozenset()
_LEAVES = frozenset({str, int, bool, type(None)})


def unmark(value: Value) -> tuple[Value, frozenset[str]]:
    """The value without the marks on itself, and these; marks inside of it stay."""
    if type(value) is Marked:
        return value.value, value.marks
    return value, NO_MARKS


def mark(value: Value, marks: frozenset[str]) -> Value:
    """The value with these marks added to those it has."""
    if not marks:
        return value
    if type(value) is Marked:
        return value if marks <= value.marks else Marked(value.value, value.marks | marks)
    return Marked(value, marks)


def unmark_deep(value: Value) -> tuple[Value, frozenset[str]]:
    """The value without any mark, and all marks that were on it or inside of it."""
    marks = marks_in(value)
    return (_stripped(value), marks) if marks else (value, marks)


def marks_in(value: Value) -> frozenset[str]:
    """All marks on the value and inside of it."""
    kind = type(value)
    if kind in _LEAVES:
        return NO_MARKS
    if kind is Marked:
        inner = marks_in(value.value)
        return value.marks | inner if inner else frozenset(value.marks)
    marks = NO_MARKS
    for item in _items(value):
        if type(item) not in _LEAVES:
            found = marks_in(item)
            if found:
                marks |= found
    return marks


def contains_marks(value: Value) -> bool:
    """Whether there is a mark on the value or inside of it."""
    kind = type(value)
    if kind in _LEAVES:
        return False
    return kind is Marked or any(type(item) not in _LEAVES and contains_marks(item) for item in _items(value))


def is_sensitive(value: Value) -> bool:
    """Whether the value itself is sensitive or ephemeral, so that it must not be shown."""
    return type(value) is Marked and (SENSITIVE in value.marks or EPHEMERAL in value.marks)


def is_wholly_known(value: Value) -> bool:
    """Whether nothing in the value is unknown."""
    kind = type(value)
    if kind in _LEAVES:
        return True
    if kind is Unknown:
        return False
    if kind is Marked:
        return is_wholly_known(value.value)
    return all(type(item) in _LEAVES or is_wholly_known(item) for item in _items(value))


def _items(value: Value) -> Collection[Value]:
    """What is directly inside of an unmarked value; nothing for a primitive one."""
    match value:
        case dict():
            return value.values()
        case tuple():
            return value
        case ListValue() | SetValue():
            return value.items
        case MapValue():
            return value.items.values()
    return ()


def _stripped(value: Value) -> Value:
    match value:
        case Marked():
            return _stripped(value.value)
        case dict():
            return {name: _stripped(item) for name, item in value.items()}
        case tuple():
            return tuple([_stripped(item) for item in value])
        case ListValue():
            return ListValue(value.element, tuple([_stripped(item) for item in value.items]))
        case MapValue():
            return MapValue(value.element, {key: _stripped(item) for key, item in value.items.items()})
    return value


def mark_paths(
    value: Value, paths: Iterable[tuple[str | int, ...]], marks: frozenset[str] = frozenset({SENSITIVE})
) -> Value:
    """The value with marks on the parts at these paths; a path that isn't there marks what it reaches.

    A path is the keys that lead from the value to the part. A set can't have marks inside, so
    a path into one marks the whole set.
    """
    for path in paths:
        value = _mark_path(value, path, marks)
    return value


def _mark_path(value: Value, path: tuple[str | int, ...], marks: frozenset[str]) -> Value:
    if not path:
        return mark(value, marks)
    key, rest = path[0], path[1:]
    match value:
        case Marked():
            return Marked(_mark_path(value.value, path, marks), value.marks)
        case dict() if key in value:
            return {**value, str(key): _mark_path(value[key], rest, marks)}
        case MapValue() if key in value.items:
            return MapValue(value.element, {**value.items, str(key): _mark_path(value.items[str(key)], rest, marks)})
        case tuple() if isinstance(key, int) and 0 <= key < len(value):
            return (*value[:key], _mark_path(value[key], rest, marks), *value[key + 1 :])
        case ListValue() if isinstance(key, int) and 0 <= key < len(value.items):
            return ListValue(value.element, _mark_path(value.items, path, marks))
    return mark(value, marks)
