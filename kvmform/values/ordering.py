"""The order of a set's elements, and how a set is made.

Primitive elements have the order that users see: strings by their UTF-8 bytes, numbers by
value, false before true; unknown ones come behind them and nulls last. For anything else it
is the order of a text of the element, as in go-cty (`cty/set_internals.go`), so that a set
of objects is told in the same order by kvmform and by Terraform.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kvmform.values.equality import typed_key
from kvmform.values.kinds import is_null
from kvmform.values.marks import is_wholly_known, mark, unmark_deep
from kvmform.values.model import ListValue, MapValue, SetValue, Unknown, Value
from kvmform.values.number import Number, is_infinite, to_decimal
from kvmform.values.types import Type

__all__ = ["make_set", "sort_key", "ten_digits"]

_GO_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_GO_ESCAPES |= {'"': '\\"', "\\": "\\\\"}


def make_set(element: Type, items: Iterable[Value]) -> Value:
    """A set of these items, all of type `element` already: without doubles, in order.

    A set can't have marks inside; those of its items are put on the whole set, so that the
    result is a :class:`SetValue` or a Marked one.
    """
    items = list(items)
    if all(type(item) is str for item in items):
        return SetValue(element, tuple(sorted(set(items))))
    unmarked, marks = unmark_deep(tuple(items))
    unique = {typed_key(item): item for item in reversed(unmarked) if is_wholly_known(item)}
    # Nobody knows yet whether two unknown elements are the same one.
    kept = [*reversed(unique.values()), *(item for item in unmarked if not is_wholly_known(item))]
    kept.sort(key=sort_key)
    return mark(SetValue(element, tuple(kept)), marks)


def sort_key(value: Value) -> tuple[int, Any]:
    """Orders unmarked values of one type as a set of them is ordered."""
    if is_null(value):
        return (2, 0)
    if isinstance(value, Unknown):
        return (1, 0)
    if isinstance(value, dict | tuple | ListValue | MapValue | SetValue):
        return (0, _text(value))
    return (0, value)


def _text(value: Value) -> str:
    """The text that orders a structure; go-cty's makeSetHashBytes."""
    match value:
        case bool():
            return "T" if value else "F"
        case str():
            return _quoted(value)
        case Unknown():
            return "?"
        case dict():
            return f"<{''.join(_text(value[name]) + ';' for name in sorted(value))}>"
        case tuple():
            return f"<{''.join(_text(item) + ';' for item in value)}>"
        case ListValue() | SetValue():
            return f"[{''.join(_text(item) + ';' for item in value.items)}]"
        case MapValue():
            pairs = (f"{_quoted(key)}:{_text(value.items[key])};" for key in sorted(value.items))
            return f"{{{''.join(pairs)}}}"
    return "~" if is_null(value) else ten_digits(value)


def _quoted(text: str) -> str:
    """Go's `%q`."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_quoted_character, text)) + '"'


def _quoted_character(character: str) -> str:
    if character in _GO_ESCAPES:
        return _GO_ESCAPES[character]
    code = ord(character)
    if character.isprintable():
        return character
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def ten_digits(number: Number) -> str:
    """A number in at most ten digits, with an exponent where it is far from 1; Go's `%.10g`."""
    if is_infinite(number):
        return "+Inf" if number > 0 else "-Inf"
    from decimal import ROUND_HALF_EVEN, Context

    rounded = to_decimal(number).normalize(Context(prec=10, rounding=ROUND_HALF_EVEN))
    sign, digits, _ = rounded.as_tuple()
    exponent = rounded.adjusted()
    if -4 <= exponent < 10:
        return f"{rounded:f}"
    text = "".join(map(str, digits))
    mantissa = text if len(text) == 1 else f"{text[0]}.{text[1:]}"
    return f"{'-' if sign else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
