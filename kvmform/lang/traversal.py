"""Reaching into values: `object.name` and `collection[key]`.

The rules and their wording are those of HCL (`hcl.GetAttr`, `hcl.Index`).
"""

from __future__ import annotations

from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.dispatch import Fault
from kvmform.lang.suggestion import did_you_mean
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import mark, unmark
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, Unknown, Value
from kvmform.values.number import BigFloat
from kvmform.values.types import (
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

__all__ = ["get_attribute", "get_index"]

_NO_ELEMENT = "The given key does not identify an element in this collection value"


def get_attribute(value: Value, name: str) -> Value:
    """`value.name` of an object or a map; marks on the value are on the result.

    Raises:
        Fault: there is no such attribute.
    """
    if type(value) is dict and name in value:
        return value[name]
    if type(value) is Marked:
        try:
            return mark(get_attribute(value.value, name), value.marks)
        except Fault as fault:
            raise Fault(fault.summary, fault.detail) from None
    if is_null(value):
        raise Fault("Attempt to get attribute from null value", "This value is null, so it has no attributes.")
    match value:
        case dict():
            detail = f'This object does not have an attribute named "{name}".'
            raise Fault("Unsupported attribute", detail, did_you_mean(name, value))
        case MapValue():
            if name in value.items:
                return value.items[name]
            detail = f'This map does not have an element with the key "{name}".'
            raise Fault("Missing map element", detail, did_you_mean(name, value.items))
        case Unknown():
            return _unknown_attribute(value.type, name)
    raise Fault("Unsupported attribute", _no_attributes(type_of(value), name))


def _unknown_attribute(kind: Type, name: str) -> Value:
    if kind == DYNAMIC:
        return UNKNOWN
    if isinstance(kind, MapType):
        return Unknown(kind.element)
    if isinstance(kind, ObjectType):
        attributes = kind.as_dict()
        if name in attributes:
            return Unknown(attributes[name])
        detail = f'This object does not have an attribute named "{name}".'
        raise Fault("Unsupported attribute", detail, did_you_mean(name, attributes))
    raise Fault("Unsupported attribute", _no_attributes(kind, name))


def _no_attributes(kind: Type, name: str) -> str:
    match kind:
        case PrimitiveType():
            return f"Can't access attributes on a primitive-typed value ({kind})."
        case ListType(ObjectType() as element) | SetType(ObjectType() as element):
            which = f'attribute "{name}"' if name in element.as_dict() else "an attribute"
            if isinstance(kind, SetType):
                hint = f"Did you mean to access {which} across all elements of the set?"
                return f"Can't access attributes on a set of objects. {hint}"
            hint = f"Did you mean to access {which} for a specific element of the list, or across all elements of it?"
            return f"Can't access attributes on a list of objects. {hint}"
        case TupleType((ObjectType() as element, *_)) if name in element.as_dict():
            hint = f'Did you mean to access attribute "{name}" for a specific element of it, or across all of them?'
            return f"This value is a tuple, so it does not have any attributes. {hint}"
        case ListType() | SetType() | TupleType():
            return f"This value is a {str(kind).split()[0]}, so it does not have any attributes."
    return "This value does not have any attributes."


def get_index(collection: Value, key: Value) -> Value:
    """`collection[key]` of a list, tuple, map or object; marks on both are on the result.

    Raises:
        Fault: there is no such element.
    """
    if type(collection) is tuple and type(key) is int and 0 <= key < len(collection):
        return collection[key]
    if type(collection) is dict and type(key) is str and key in collection:
        return collection[key]
    collection, marks = unmark(collection)
    key, key_marks = unmark(key)
    if is_null(collection):
        raise Fault("Attempt to index null value", "This value is null, so it does not have any indices.")
    if is_null(key):
        raise Fault("Invalid index", "Can't use a null value as an indexing key.")
    try:
        value = _index(collection, key)
    except Fault as fault:
        raise Fault(fault.summary, fault.detail, "" if marks | key_marks else fault.hint) from None
    # As in Terraform, looking up by a secret name doesn't make an object's attribute secret.
    return mark(value, marks if isinstance(collection, dict) else marks | key_marks)


def _index(collection: Value, key: Value) -> Value:
    kind = type_of(collection)
    if DYNAMIC in (kind, type_of(key)):
        return UNKNOWN
    match kind:
        case ListType():
            return _sequence_item(collection, _key(key, NUMBER), kind.element)
        case TupleType():
            return _sequence_item(collection, _key(key, NUMBER), DYNAMIC)
        case MapType():
            return _map_item(collection, _key(key, STRING), kind)
        case ObjectType():
            return _object_item(collection, _key(key, STRING), by_number=type_of(key) == NUMBER)
        case SetType():
            raise Fault(
                "Invalid index",
                "Elements of a set are identified only by their value and don't have any separate index or key to "
                "select with, so it's only possible to perform operations across all elements of the set.",
            )
    raise Fault("Invalid index", f"This value is a {kind}, so it does not have any indices.")


def _key(key: Value, kind: Type) -> Value:
    try:
        return convert(key, kind)
    except ConversionError as problem:
        raise Fault("Invalid index", f"{_NO_ELEMENT}: {problem.message}.") from None


def _sequence_item(collection: Value, key: Value, element: Type) -> Value:
    if isinstance(key, BigFloat) and key.whole is not None:
        key = key.whole
    if isinstance(key, BigFloat):
        detail = "indexing a sequence requires a whole number, but the given index has a fractional part"
        raise Fault("Invalid index", f"{_NO_ELEMENT}: {detail}.")
    if isinstance(key, int) and key < 0:
        detail = "a negative number is not a valid index for a sequence"
        raise Fault("Invalid index", f"{_NO_ELEMENT}: {detail}.")
    if isinstance(collection, Unknown):
        kinds = collection.type.elements if isinstance(collection.type, TupleType) else None
        if kinds is None or isinstance(key, Unknown):
            return Unknown(element)
        _check_length(key, len(kinds))
        return Unknown(kinds[key])
    if isinstance(key, Unknown):
        return Unknown(element)
    items = collection.items if isinstance(collection, ListValue) else collection
    _check_length(key, len(items))
    return items[key]


def _check_length(index: int, length: int) -> None:
    if index < length:
        return
    if length == 0:
        raise Fault("Invalid index", f"{_NO_ELEMENT}: the collection has no elements.")
    detail = "the given index is greater than or equal to the length of the collection"
    raise Fault("Invalid index", f"{_NO_ELEMENT}: {detail}.", f" It has {length} element{'s' if length > 1 else ''}.")


def _map_item(collection: Value, key: Value, kind: MapType) -> Value:
    if isinstance(collection, Unknown) or isinstance(key, Unknown):
        return Unknown(kind.element)
    if key in collection.items:
        return collection.items[key]
    raise Fault("Invalid index", f"{_NO_ELEMENT}.", did_you_mean(key, collection.items))


def _object_item(collection: Value, key: Value, *, by_number: bool) -> Value:
    if isinstance(collection, Unknown) or isinstance(key, Unknown):
        return UNKNOWN
    if key in collection:
        return collection[key]
    hint = did_you_mean(key, collection)
    if by_number:
        hint = " An object only supports looking up attributes by name, not by numeric index."
    raise Fault("Invalid index", f"{_NO_ELEMENT}.", hint)
