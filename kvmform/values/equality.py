"""Equality of values: by type and content, never Python's `==` (`True == 1`, `1 == 1.0`).

:func:`equals` is the language's `==`, with a third answer for what is not known yet;
:func:`equal` says whether two values are the same, unknown parts included.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from kvmform.values.kinds import has_dynamic, type_of
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat
from kvmform.values.types import DYNAMIC, ListType, MapType, ObjectType, SetType, TupleType, Type

__all__ = ["equal", "equals", "typed_key"]

_PRIMITIVES = frozenset({str, int, bool, BigFloat})


def equal(left: Value, right: Value) -> bool:
    """Whether both are the same value of the same type, deep down; marks don't count.

    An unknown value is the same as another one of which exactly the same is known.
    """
    return typed_key(left) == typed_key(right)


def typed_key(value: Value) -> Hashable:
    """A key for dicts and sets that is the same for the same values only, and for no others.

    Marks don't count. Linear in the size of the value.
    """
    kind = type(value)
    if kind is BigFloat and value.whole is not None:
        return (int, value.whole)
    if kind in _PRIMITIVES:
        return (kind, value)
    match value:
        case None:
            return (None,)
        case NullValue():
            return (None, value.type)
        case Unknown():
            return value
        case Marked():
            return typed_key(value.value)
        case dict():
            return (dict, frozenset((name, typed_key(item)) for name, item in value.items()))
        case tuple():
            return (tuple, tuple([typed_key(item) for item in value]))
        case ListValue():
            return (list, value.element, tuple([typed_key(item) for item in value.items]))
        case MapValue():
            return (MapValue, value.element, frozenset((key, typed_key(item)) for key, item in value.items.items()))
        case SetValue():
            return (set, value.element, frozenset(typed_key(item) for item in value.items))
    raise TypeError(f"not a value of the language: {value!r}")


def equals(left: Value, right: Value) -> bool | None:
    """What `left == right` is in the language; None if that is not known yet. Marks don't count.

    Values of different types are never equal, nulls of any types always are. A structure
    with an unknown part is unequal as soon as a known part differs.
    """
    kind = type(left)
    if kind in _PRIMITIVES and type(right) in _PRIMITIVES:
        return bool(left == right) if kind is type(right) else _equals_number(left, right)
    if kind is Marked:
        return equals(left.value, right)
    if type(right) is Marked:
        return equals(left, right.value)
    if kind is Unknown or type(right) is Unknown:
        return _equals_unknown(left, right) if kind is Unknown else _equals_unknown(right, left)
    left_null, right_null = left is None or kind is NullValue, right is None or type(right) is NullValue
    if left_null or right_null:
        return left_null and right_null
    if kind is not type(right):
        return False
    return _equals_structure(left, right)


def _equals_number(left: Value, right: Value) -> bool:
    """Whether primitive values of different classes are the same number."""
    match left, right:
        case (BigFloat() as number, int() as whole) | (int() as whole, BigFloat() as number):
            return not isinstance(whole, bool) and number.whole == whole
    return False


def _equals_unknown(unknown: Unknown, other: Value) -> bool | None:
    """Whether what is known of the one already rules the other out."""
    if other is None or type(other) is NullValue:
        return False if unknown.not_null else None
    kind = type_of(other)
    if type(other) is Unknown:
        return None
    if not _conforms(kind, unknown.type):
        return False
    if has_dynamic(unknown.type):
        return None
    if isinstance(other, str) and not other.startswith(unknown.prefix):
        return False
    if isinstance(other, ListValue | MapValue):
        longest = len(other.items) if unknown.max_length is None else unknown.max_length
        return None if unknown.min_length <= len(other.items) <= longest else False
    return None


def _conforms(kind: Type, constraint: Type) -> bool:
    """Whether a value of type `kind` can be what an unknown of type `constraint` turns out to be."""
    if constraint in (DYNAMIC, kind):
        return True
    match kind, constraint:
        case (ListType(a), ListType(b)) | (SetType(a), SetType(b)) | (MapType(a), MapType(b)):
            return _conforms(a, b)
        case TupleType(a), TupleType(b):
            return len(a) == len(b) and all(map(_conforms, a, b))
        case ObjectType(a), ObjectType(b):
            names = [name for name, _ in a] == [name for name, _ in b]
            return names and all(_conforms(x, y) for (_, x), (_, y) in zip(a, b, strict=True))
    return False


def _equals_structure(left: Value, right: Value) -> bool | None:
    """Both are known, not null, and of the same class."""
    match left:
        case tuple():
            return len(left) == len(right) and _all_equal(zip(left, right, strict=True))
        case dict():
            return left.keys() == right.keys() and _all_equal((item, right[name]) for name, item in left.items())
        case ListValue():
            if left.element != right.element or len(left.items) != len(right.items):
                return False
            return _all_equal(zip(left.items, right.items, strict=True))
        case MapValue():
            if left.element != right.element or left.items.keys() != right.items.keys():
                return False
            return _all_equal((item, right.items[key]) for key, item in left.items.items())
        case SetValue():
            return left.element == right.element and _equals_set(left, right)
    raise TypeError(f"not a value of the language: {left!r}")


def _equals_set(left: SetValue, right: SetValue) -> bool | None:
    if not (is_wholly_known(left) and is_wholly_known(right)):
        return None if left.items and right.items else False
    return {typed_key(item) for item in left.items} == {typed_key(item) for item in right.items}


def _all_equal(pairs: Iterable[tuple[Value, Value]]) -> bool | None:
    answer: bool | None = True
    for left, right in pairs:
        same = equals(left, right)
        if same is False:
            return False
        if same is None:
            answer = None
    return answer
