"""What type a value has."""

from __future__ import annotations

import pytest

from kvmform.values.kinds import has_dynamic, is_null, null_of, type_of, without_optional
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import parse_number
from kvmform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    TupleType,
    Type,
    object_type,
)

SECRET = frozenset({"sensitive"})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a", STRING),
        (True, BOOL),
        (1, NUMBER),
        (parse_number("0.5"), NUMBER),
        (None, DYNAMIC),
        (UNKNOWN, DYNAMIC),
        (NullValue(STRING), STRING),
        (Unknown(ListType(STRING)), ListType(STRING)),
        ((1, "a"), TupleType((NUMBER, STRING))),
        ({"b": 1, "a": None}, object_type({"a": DYNAMIC, "b": NUMBER})),
        (ListValue(STRING, ()), ListType(STRING)),
        (SetValue(STRING, ()), SetType(STRING)),
        (MapValue(BOOL, {}), MapType(BOOL)),
        (Marked((1,), SECRET), TupleType((NUMBER,))),
    ],
)
def test_type_of(value: Value, kind: Type) -> None:
    assert type_of(value) == kind


def test_what_is_no_value_has_no_type() -> None:
    with pytest.raises(TypeError, match="not a value"):
        type_of([])


def test_nulls() -> None:
    assert null_of(DYNAMIC) is None
    assert null_of(STRING) == NullValue(STRING)
    assert [is_null(value) for value in (None, NullValue(STRING), Marked(None, SECRET), "", UNKNOWN)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_dynamic_is_found_at_any_depth() -> None:
    kinds: list[Type] = [
        DYNAMIC,
        ListType(DYNAMIC),
        SetType(MapType(DYNAMIC)),
        TupleType((STRING, DYNAMIC)),
        object_type({"a": DYNAMIC}),
    ]
    assert all(map(has_dynamic, kinds))
    assert not any(map(has_dynamic, [STRING, ListType(STRING), TupleType(()), object_type({"a": NUMBER})]))


def test_values_have_types_without_optional_attributes() -> None:
    inner = object_type({"a": STRING}, frozenset({"a"}))
    plain = object_type({"a": STRING})
    for kind, wanted in (
        (inner, plain),
        (ListType(inner), ListType(plain)),
        (SetType(inner), SetType(plain)),
        (MapType(inner), MapType(plain)),
        (TupleType((STRING, inner)), TupleType((STRING, plain))),
        (object_type({"x": inner}, frozenset({"x"})), object_type({"x": plain})),
    ):
        assert without_optional(kind) == wanted
