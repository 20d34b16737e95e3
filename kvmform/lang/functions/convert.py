"""Functions that convert a value to a type: `tostring`, `tolist` and so on.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Type Conversion".
"""

from __future__ import annotations

from functools import partial

from kvmform.lang.conversion import ConversionError
from kvmform.lang.conversion import convert as convert_value
from kvmform.lang.functions.signature import Function, FunctionError, Parameter
from kvmform.lang.unify import mismatch
from kvmform.values.kinds import type_of
from kvmform.values.marks import unmark
from kvmform.values.model import Value
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType, Type

__all__ = ["FUNCTIONS"]

RULES: dict[Type, str] = {
    BOOL: 'only the strings "true" or "false" are allowed',
    NUMBER: "given string must be a decimal representation of a number",
}


def result_type(wanted: Type, value: Value) -> Type:
    kind = type_of(value)
    if kind != wanted and mismatch(kind, wanted) is not None:
        raise FunctionError(f"cannot convert {kind} to {type_name(wanted)}", 0)
    return wanted


def type_name(kind: Type) -> str:
    """What a type is called in messages."""
    return str(kind).replace("dynamic", "any single type")


def convert(wanted: Type, value: Value) -> Value:
    result_type(wanted, value)
    try:
        return convert_value(value, wanted)
    except ConversionError as problem:
        plain, _ = unmark(value)
        if isinstance(plain, str):
            raise FunctionError(f'cannot convert "{plain}" to {type_name(wanted)}; {RULES[wanted]}', 0) from None
        message = f"cannot convert {type_of(value)} to {type_name(wanted)}: {problem.message}"
        raise FunctionError(message, 0) from None


VALUE = Parameter("v", DYNAMIC, allow_null=True, allow_dynamic=True, allow_marked=True)


def conversion(name: str, wanted: Type, what: str) -> Function:
    """The function that converts to one type."""
    return Function(
        name,
        (VALUE,),
        partial(result_type, wanted),
        partial(convert, wanted),
        f"Converts a value to {what}.",
        may_be_null=True,
        declared=wanted,
    )


FUNCTIONS = (
    conversion("tostring", STRING, "a string"),
    conversion("tonumber", NUMBER, "a number"),
    conversion("tobool", BOOL, "a bool"),
    conversion("tolist", ListType(DYNAMIC), "a list"),
    conversion("toset", SetType(DYNAMIC), "a set"),
    conversion("tomap", MapType(DYNAMIC), "a map"),
)
