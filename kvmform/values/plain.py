"""The plain form of values, in which resource objects are kept and compared.

Plain data is what JSON has (None, bool, int, float, str, list, dict), with
:class:`~kvmform.values.model.Unknown` leaves for what is known after apply. Types are not in
it: a set and a tuple are lists, an object and a map are dicts. Marks are not in it either:
they are told as paths beside it.
"""

from __future__ import annotations

from typing import Any

from kvmform.values.kinds import is_null, null_of
from kvmform.values.model import ListValue, MapValue, Marked, SetValue, Unknown, Value
from kvmform.values.number import BigFloat, format_number, number_from_decimal, number_from_float, to_float
from kvmform.values.ordering import make_set
from kvmform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
    Type,
    type_from_json,
)

__all__ = ["MapKey", "Path", "Plain", "from_plain", "to_plain"]

Path = tuple[str | int, ...]
"""The keys that lead from a value to a part of it."""


class MapKey(str):
    """A step to an element of a map, where any other str is a step to an attribute.

    Terraform's state file tells them apart. Both compare and hash alike, so nobody else need care.
    """

    __slots__ = ()


Plain = Any
"""Plain data, as this module describes it."""

_SAME = frozenset({str, int, bool, type(None), Unknown})
_LARGEST = 10_000
"""A whole number of more bits isn't kept: neither JSON nor Python has use for its thousands of digits."""
_EXACT = {str: STRING.name, bool: BOOL.name, int: NUMBER.name}


def to_plain(value: Value) -> tuple[Plain, frozenset[Path]]:
    """The plain form of a value, and the paths of its sensitive (or ephemeral) parts.

    A number that is not whole becomes the nearest float.

    Raises:
        ValueError: a number is infinite, or far beyond what can be written down.
    """
    sensitive: set[Path] = set()
    return _plain(value, (), sensitive), frozenset(sensitive)


def _plain(value: Value, path: Path, sensitive: set[Path]) -> Plain:
    if type(value) in _SAME:
        return value
    match value:
        case dict():
            return {name: _plain(item, (*path, name), sensitive) for name, item in value.items()}
        case tuple():
            return [_plain(item, (*path, at), sensitive) for at, item in enumerate(value)]
        case ListValue() | SetValue():
            return [_plain(item, (*path, at), sensitive) for at, item in enumerate(value.items)]
        case MapValue():
            return {key: _plain(item, (*path, MapKey(key)), sensitive) for key, item in value.items.items()}
        case Marked():
            sensitive.add(path)
            return _plain(value.value, path, sensitive)
        case BigFloat():
            return _plain_number(value)
    assert is_null(value), f"not a value of the language: {value!r}"
    return None


def _plain_number(number: BigFloat) -> int | float:
    exponent = number.exponent
    if exponent is not None and 0 <= exponent < _LARGEST:
        return int(format_number(number))
    nearest = to_float(number)
    if abs(nearest) == float("inf"):
        raise ValueError("a number is infinite, or too large to be written down")
    return nearest


def from_plain(plain: Plain, kind: Type) -> Value:
    """The value of type `kind` that plain data stands for.

    An attribute that an object lacks is null, one that its type lacks is left out. Where the
    type is `dynamic` lists become tuples and dicts objects; but an attribute of an object that
    is of type `dynamic` has its own beside it: ``{"value": …, "type": …}``. An Unknown keeps
    what is known of it, and gets the type.

    Raises:
        ValueError: the data doesn't have the shape of the type.
    """
    if plain is None:
        return null_of(kind)
    if type(kind) is PrimitiveType and _EXACT.get(type(plain)) == kind.name:
        return plain
    if type(plain) is Unknown:
        return plain if kind == DYNAMIC else Unknown(kind, plain.not_null, plain.prefix)
    match kind:
        case ObjectType() if isinstance(plain, dict):
            get = plain.get
            return {
                name: _typed(get(name)) if attribute is DYNAMIC else from_plain(get(name), attribute)
                for name, attribute in kind.attributes
            }
        case ListType() if isinstance(plain, list):
            return ListValue(kind.element, tuple([from_plain(item, kind.element) for item in plain]))
        case SetType() if isinstance(plain, list):
            return make_set(kind.element, [from_plain(item, kind.element) for item in plain])
        case MapType() if isinstance(plain, dict):
            return MapValue(kind.element, {key: from_plain(item, kind.element) for key, item in plain.items()})
        case TupleType() if isinstance(plain, list) and len(plain) == len(kind.elements):
            return tuple([from_plain(item, element) for item, element in zip(plain, kind.elements, strict=True)])
        case PrimitiveType():
            return _primitive(plain, kind)
    raise ValueError(f"{kind} required, but have {_shape(plain)}")


def _typed(plain: Plain) -> Value:
    match plain:
        case {"value": value, "type": kind}:
            return from_plain(value, type_from_json(kind))
    return from_plain(plain, DYNAMIC)


def _primitive(plain: Plain, kind: PrimitiveType) -> Value:
    if kind == DYNAMIC:
        match plain:
            case dict():
                return {name: from_plain(item, DYNAMIC) for name, item in plain.items()}
            case list():
                return tuple([from_plain(item, DYNAMIC) for item in plain])
            case str() | bool() | int():
                return plain
    if kind in (NUMBER, DYNAMIC):
        from decimal import Decimal

        match plain:
            case float():
                return number_from_float(plain)
            case Decimal():
                return number_from_decimal(plain)
    raise ValueError(f"{kind} required, but have {_shape(plain)}")


def _shape(plain: Plain) -> str:
    names = {str: "string", bool: "bool", int: "number", float: "number", list: "list", dict: "object"}
    return names.get(type(plain), type(plain).__name__)
