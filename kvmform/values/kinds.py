"""What type a value has."""

from __future__ import annotations

from kvmform.values.model import ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat
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
)

__all__ = ["has_dynamic", "is_null", "null_of", "type_of", "without_optional"]

_PRIMITIVE: dict[type, Type] = {str: STRING, int: NUMBER, bool: BOOL, BigFloat: NUMBER, type(None): DYNAMIC}


def type_of(value: Value) -> Type:
    """The type of a value; `dynamic` for a null or an unknown of no type. Marks don't matter."""
    primitive = _PRIMITIVE.get(type(value))
    if primitive is not None:
        return primitive
    match value:
        case dict():
            return ObjectType(tuple((name, type_of(value[name])) for name in sorted(value)))
        case tuple():
            return TupleType(tuple(type_of(item) for item in value))
        case ListValue():
            return ListType(value.element)
        case MapValue():
            return MapType(value.element)
        case SetValue():
            return SetType(value.element)
        case Unknown() | NullValue():
            return value.type
        case Marked():
            return type_of(value.value)
    raise TypeError(f"not a value of the language: {value!r}")


def is_null(value: Value) -> bool:
    """Whether it is a null of any type, marked or not."""
    if type(value) is Marked:
        value = value.value
    return value is None or type(value) is NullValue


def null_of(kind: Type) -> Value:
    """The null of a type; the null of `dynamic` is None."""
    return None if kind == DYNAMIC else NullValue(kind)


def has_dynamic(kind: Type) -> bool:
    """Whether the type is `dynamic` somewhere, so not known in full."""
    match kind:
        case PrimitiveType():
            return kind == DYNAMIC
        case ListType() | SetType() | MapType():
            return has_dynamic(kind.element)
        case TupleType():
            return any(has_dynamic(element) for element in kind.elements)
        case ObjectType():
            return any(has_dynamic(attribute) for _, attribute in kind.attributes)


def without_optional(kind: Type) -> Type:
    """The type with no attribute optional at any depth: values have such types."""
    match kind:
        case PrimitiveType():
            return kind
        case ListType():
            return ListType(without_optional(kind.element))
        case SetType():
            return SetType(without_optional(kind.element))
        case MapType():
            return MapType(without_optional(kind.element))
        case TupleType():
            return TupleType(tuple(without_optional(element) for element in kind.elements))
        case ObjectType():
            return ObjectType(tuple((name, without_optional(attribute)) for name, attribute in kind.attributes))
