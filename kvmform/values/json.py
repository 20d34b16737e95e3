"""Values as JSON: as variables are given, and as `console -json` answers.

The forms are what `json.loads(text, parse_float=Decimal)` gives and `json.dumps` takes.
"""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from typing import Any

from kvmform.values.kinds import is_null
from kvmform.values.marks import unmark_deep
from kvmform.values.model import ListValue, MapValue, SetValue, Value
from kvmform.values.number import BigFloat, format_number, is_infinite, to_decimal, to_float
from kvmform.values.plain import from_plain
from kvmform.values.types import DYNAMIC, Type

__all__ = ["from_json", "to_json", "value_from_json_text"]


def to_json(value: Value) -> Any:
    """The JSON form of a wholly known value; marks are left out, types and their differences lost.

    Numbers are exact: an int, a float where it prints the same digits, else a Decimal (which
    `json.dumps(form, default=float)` rounds).

    Raises:
        ValueError: an unknown value or an infinite number, which JSON doesn't have.
    """
    value, _ = unmark_deep(value)
    return _form(value)


def _form(value: Value) -> Any:
    match value:
        case str() | bool() | int() | None:
            return value
        case dict():
            return {name: _form(value[name]) for name in sorted(value)}
        case tuple():
            return [_form(item) for item in value]
        case ListValue() | SetValue():
            return [_form(item) for item in value.items]
        case MapValue():
            return {key: _form(value.items[key]) for key in sorted(value.items)}
        case BigFloat():
            return _number_form(value)
    if is_null(value):
        return None
    raise ValueError("a value that is not known yet has no JSON form")


def _number_form(number: BigFloat) -> int | float | Decimal:
    if is_infinite(number):
        raise ValueError("an infinite number has no JSON form")
    exact, nearest = to_decimal(number), to_float(number)
    if number.exponent is not None and number.exponent >= 0:
        return int(format_number(number))
    return nearest if Decimal(repr(nearest)) == exact else exact


def from_json(form: Any, kind: Type) -> Value:
    """The value of type `kind` that a JSON form stands for.

    Raises:
        ValueError: the form is not of this type.
    """
    return from_plain(form, kind)


def value_from_json_text(text: str) -> Value:
    """The value that a JSON text stands for: objects and tuples, numbers exact, strings in normal form C.

    Raises:
        json.JSONDecodeError: it is no JSON.
    """
    try:
        form = json.loads(
            unicodedata.normalize("NFC", text), parse_float=Decimal, parse_int=Decimal, parse_constant=_reject_constant
        )
    except RecursionError:
        raise json.JSONDecodeError("Nested too deeply", text, 0) from None
    return from_json(form, DYNAMIC)


def _reject_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not allowed", name, 0)
