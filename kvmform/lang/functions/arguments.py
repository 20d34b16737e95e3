"""Reading arguments: numbers of the kind a function needs, and the elements of sequences and mappings."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.lang.functions.signature import FunctionError
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import ListValue, MapValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat, Number, to_float
from kvmform.values.types import ListType, MapType, ObjectType, SetType, TupleType, Type

__all__ = [
    "any_whole_number",
    "elements",
    "entries",
    "float_number",
    "is_mapping",
    "is_sequence",
    "known_length",
    "whole_number",
]

LIMIT = 2**63
"""Whole numbers that Terraform uses as counts and indexes have 64 bits."""


def any_whole_number(number: Number, argument: int | None = None) -> int:
    """A number as an int of any size.

    Raises:
        FunctionError: it is not whole; blames `argument`.
    """
    if isinstance(number, BigFloat):
        if number.exponent is None or number.exponent < 0:
            raise FunctionError("value must be a whole number", argument)
        return number.mantissa << number.exponent
    return number


def whole_number(number: Number, argument: int | None = None) -> int:
    """A number as an int of 64 bits.

    Raises:
        FunctionError: it is not whole, or too large; blames `argument`.
    """
    if isinstance(number, BigFloat) and number.whole is not None:
        number = number.whole
    if isinstance(number, BigFloat) or not -LIMIT <= number < LIMIT:
        raise FunctionError(
            f"value must be a whole number, between {-LIMIT} and {LIMIT - 1} inclusive",
            argument,
        )
    return number


def float_number(number: Number, argument: int | None = None) -> float:
    """A number as a 64-bit float, rounded.

    Raises:
        FunctionError: it is too large; blames `argument`.
    """
    value = to_float(number)
    if abs(value) == float("inf") and not (isinstance(number, BigFloat) and number.exponent is None):
        raise FunctionError("value must be a number that fits into 64 bits", argument)
    return value


def is_sequence(kind: Type) -> bool:
    """Whether values of this type are lists, sets or tuples."""
    return isinstance(kind, ListType | SetType | TupleType)


def is_mapping(kind: Type) -> bool:
    """Whether values of this type are maps or objects."""
    return isinstance(kind, MapType | ObjectType)


def elements(sequence: Value) -> tuple[Value, ...]:
    """The elements of a known, unmarked list, set or tuple."""
    if isinstance(sequence, ListValue | SetValue):
        return sequence.items
    assert isinstance(sequence, tuple)
    return sequence


def entries(mapping: Value) -> Mapping[str, Value]:
    """The keys and values of a known, unmarked map or object, in any order."""
    if isinstance(mapping, MapValue):
        return mapping.items
    assert isinstance(mapping, dict)
    return mapping


def known_length(collection: Value) -> int | None:
    """How many elements an unmarked collection or structure has; None if that is not known yet.

    A set with unknown elements can turn out to have fewer of them.
    """
    match collection:
        case tuple() | dict():
            return len(collection)
        case ListValue() | MapValue():
            return len(collection.items)
        case SetValue():
            return len(collection.items) if len(collection.items) == 1 or is_wholly_known(collection) else None
        case Unknown(type=TupleType(elements=items)) | Unknown(type=ObjectType(attributes=items)):
            return len(items)
        case Unknown(min_length=least, max_length=most):
            return least if least == most else None
    raise TypeError(f"has no elements: {collection!r}")
