"""JSON text as Terraform writes it, and reading it without loss.

Terraform's files come from Go's encoding/json: two blanks of indentation, ``<``, ``>`` and
``&`` escaped, numbers without exponent. Python's indented writer differs in these and is
slow, and a state of 10,000 instances is 15 MB; so this is a writer of its own.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, NoReturn

from kvmform.struct import Struct

__all__ = ["Canonical", "json_text", "parse_json"]


class Canonical(Struct):
    """A value that is written with the members of all objects in it in Terraform's order, by name."""

    value: Any


_ESCAPES = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}

_MOST_DIGITS = 1000
"""A number with more places than that keeps its exponent."""


def json_text(value: Any, *, indented: bool = False) -> str:
    """The text of a JSON value, with members in the order in which the dicts have them.

    Raises:
        TypeError: a part of the value has no JSON form.
    """
    text = _text(value, "\n" if indented else "")
    # These stand only within strings, so all can be escaped at once.
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text; a number that no float holds exactly becomes a Decimal.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return json.loads(text, parse_float=_exact_number, parse_constant=_reject_constant)
    except RecursionError as problem:
        raise ValueError("it is nested too deeply") from problem
    except ArithmeticError as problem:
        raise ValueError("a number in it is out of any range") from problem


def _text(value: Any, newline: str, canonical: bool = False) -> str:
    """`newline` is a line end with the present indentation, or empty for text on one line."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is dict:
        if not value:
            return "{}"
        inner = newline and newline + "  "
        colon = ": " if newline else ":"
        names = _canonical_order(value) if canonical else value
        members = [encode_basestring(name) + colon + _text(value[name], inner, canonical) for name in names]
        return "{" + inner + ("," + inner).join(members) + newline + "}"
    if kind is list:
        if not value:
            return "[]"
        inner = newline and newline + "  "
        return "[" + inner + ("," + inner).join([_text(item, inner, canonical) for item in value]) + newline + "]"
    return _text(value.value, newline, canonical=True) if kind is Canonical else _scalar(value)


def _canonical_order(members: dict[str, Any]) -> list[str]:
    names = sorted(members)
    # That is how Terraform writes a value with its type, where the schema leaves the type open.
    return ["value", "type"] if names == ["type", "value"] else names


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    match value:
        case str():
            return encode_basestring(value)
        case int():
            return int.__repr__(value)
        case float() if math.isfinite(value):
            return _plain_number(Decimal(repr(value)))
        case Decimal() if value.is_finite():
            return _plain_number(value)
    raise TypeError(f"{value!r} has no JSON form")


def _plain_number(value: Decimal) -> str:
    if abs(value.adjusted()) > _MOST_DIGITS:
        return str(value)
    return str(int(value)) if value == value.to_integral_value() else f"{value:f}"


def _exact_number(text: str) -> float | Decimal:
    exact, nearest = Decimal(text), float(text)
    return nearest if math.isfinite(nearest) and Decimal(repr(nearest)) == exact else exact


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
