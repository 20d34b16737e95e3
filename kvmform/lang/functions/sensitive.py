"""Functions on what must not be shown: sensitive and ephemeral values.

Source: https://developer.hashicorp.com/terraform/language/functions/sensitive and the pages beside it.
"""

from __future__ import annotations

from kvmform.lang.functions.signature import Function, Parameter
from kvmform.values.kinds import null_of, type_of
from kvmform.values.marks import mark, unmark
from kvmform.values.model import EPHEMERAL, SENSITIVE, ListValue, MapValue, Value
from kvmform.values.types import BOOL, DYNAMIC

__all__ = ["FUNCTIONS"]


def sensitive(value: Value) -> Value:
    return mark(value, frozenset({SENSITIVE}))


def nonsensitive(value: Value) -> Value:
    plain, marks = unmark(value)
    return mark(plain, marks - {SENSITIVE})


def issensitive(value: Value) -> Value:
    _, marks = unmark(value)
    return SENSITIVE in marks


def ephemeralasnull(value: Value) -> Value:
    plain, marks = unmark(value)
    if EPHEMERAL in marks:
        return mark(null_of(type_of(plain)), marks - {EPHEMERAL})
    match plain:
        case dict():
            plain = {name: ephemeralasnull(item) for name, item in plain.items()}
        case tuple():
            plain = tuple(map(ephemeralasnull, plain))
        case ListValue():
            plain = ListValue(plain.element, tuple(map(ephemeralasnull, plain.items)))
        case MapValue():
            plain = MapValue(plain.element, {key: ephemeralasnull(item) for key, item in plain.items.items()})
    return mark(plain, marks)


ANY = Parameter("value", DYNAMIC, allow_null=True, allow_unknown=True, allow_dynamic=True, allow_marked=True)

FUNCTIONS = (
    Function("sensitive", (ANY,), type_of, sensitive, "Marks a value as sensitive.", may_be_null=True),
    Function("nonsensitive", (ANY,), type_of, nonsensitive, "Takes the sensitive mark off a value.", may_be_null=True),
    Function("issensitive", (ANY,), BOOL, issensitive, "Tells whether a value is sensitive."),
    Function(
        "ephemeralasnull",
        (ANY,),
        type_of,
        ephemeralasnull,
        "Replaces the ephemeral parts of a value by null.",
        may_be_null=True,
    ),
)
