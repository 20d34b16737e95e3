"""`jsonencode` and `jsondecode`.

Source: https://developer.hashicorp.com/terraform/language/functions/jsonencode. The text is
what Go's encoding/json writes: no blanks, keys in order, `<`, `>` and `&` escaped.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from kvmform.lang.functions.signature import Function, FunctionError, Parameter, parameters
from kvmform.values.kinds import is_null
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import ListValue, MapValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat, Number, format_number, is_infinite, parse_number
from kvmform.values.types import DYNAMIC, STRING, ListType, MapType, ObjectType, SetType, TupleType, Type

__all__ = ["FUNCTIONS", "encode"]

ESCAPES = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"})


def encode(value: Value) -> str:
    """The JSON text of a wholly known, unmarked value.

    Raises:
        FunctionError: an infinite number is in it.
    """
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False).translate(ESCAPES)
        case bool():
            return "true" if value else "false"
        case int() | BigFloat():
            return encode_number(value)
        case tuple():
            return f"[{','.join(map(encode, value))}]"
        case ListValue() | SetValue():
            return f"[{','.join(map(encode, value.items))}]"
        case dict():
            return encode_entries(value)
        case MapValue():
            return encode_entries(value.items)
    assert is_null(value)
    return "null"


def encode_number(number: Number) -> str:
    """A number in JSON, without exponent."""
    if is_infinite(number):
        raise FunctionError("cannot serialize infinity as JSON")
    return format_number(number)


def encode_entries(entries: dict[str, Value]) -> str:
    """A JSON object."""
    return f"{{{','.join(f'{encode(key)}:{encode(entries[key])}' for key in sorted(entries))}}}"


def jsonencode(value: Value) -> Value:
    if is_wholly_known(value):
        return encode(value)
    return Unknown(STRING, not_null=True, prefix=first_letter(value))


def first_letter(value: Value) -> str:
    """What the JSON text of a value that is not known in full begins with, as far as that is sure."""
    if isinstance(value, Unknown):
        return letter_of_type(value.type) if value.not_null else ""
    return "{" if isinstance(value, dict | MapValue) else "["


def letter_of_type(kind: Type) -> str:
    """What the JSON text of a value of some type, if it is not null, begins with."""
    match kind:
        case ObjectType() | MapType():
            return "{"
        case TupleType() | ListType() | SetType():
            return "["
    return '"' if kind == STRING else ""


def jsondecode(text: str) -> Value:
    try:
        form = json.loads(text, parse_int=parse_number, parse_float=parse_number, parse_constant=refuse)
    except json.JSONDecodeError as problem:
        reason = problem.msg[:1].lower() + problem.msg[1:]
        raise FunctionError(f"invalid JSON: {reason}, at line {problem.lineno}, column {problem.colno}") from None
    except RecursionError:
        raise FunctionError("invalid JSON: too many brackets inside each other") from None
    return decode(form)


def refuse(word: str) -> Any:
    """What Python's parser knows beyond JSON: NaN and infinity."""
    raise FunctionError(f'invalid JSON: "{word}" is not a number')


def decode(form: Any) -> Value:
    """The value of a parsed document; objects and arrays become objects and tuples."""
    match form:
        case str():
            return form if form.isascii() else decode_text(form)
        case list():
            return tuple(map(decode, form))
        case dict():
            return {decode(key): decode(item) for key, item in form.items()}
    return form


def decode_text(text: str) -> str:
    """A string in normal form; half of a surrogate pair, which an escape can write, becomes U+FFFD."""
    return unicodedata.normalize("NFC", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


FUNCTIONS = (
    Function(
        "jsonencode",
        (Parameter("val", DYNAMIC, allow_null=True, allow_unknown=True, allow_dynamic=True),),
        STRING,
        jsonencode,
        "A value as JSON text.",
    ),
    Function("jsondecode", parameters(str=STRING), DYNAMIC, jsondecode, "The value of a JSON text.", may_be_null=True),
)
