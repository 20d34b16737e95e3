"""The plain form of values, and the way back by a type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvmform.values.equality import equal
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import parse_number
from kvmform.values.plain import Plain, from_plain, to_plain
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
DISK = object_type({"size": NUMBER, "file": STRING})
DOMAIN = object_type(
    {
        "name": STRING,
        "running": BOOL,
        "disks": ListType(DISK),
        "labels": MapType(STRING),
        "flags": SetType(STRING),
        "pair": TupleType((NUMBER, STRING)),
    }
)


def test_an_object_goes_to_plain_data_and_back() -> None:
    plain = {
        "name": "web",
        "running": True,
        "disks": [{"size": 10, "file": None}, {"size": 0.5, "file": "x"}],
        "labels": {"a": "b"},
        "flags": ["a", "b"],
        "pair": [1, "x"],
    }
    value = from_plain(plain, DOMAIN)
    assert equal(
        value,
        {
            "name": "web",
            "running": True,
            "disks": ListValue(
                DISK, ({"size": 10, "file": NullValue(STRING)}, {"size": parse_number("0.5"), "file": "x"})
            ),
            "labels": MapValue(STRING, {"a": "b"}),
            "flags": SetValue(STRING, ("a", "b")),
            "pair": (1, "x"),
        },
    )
    assert to_plain(value) == (plain, frozenset())


@pytest.mark.parametrize(
    ("plain", "kind", "value"),
    [
        (None, STRING, NullValue(STRING)),
        (None, DYNAMIC, None),
        ({}, object_type({"a": STRING}), {"a": NullValue(STRING)}),
        ({"a": 1, "b": 2}, object_type({"a": NUMBER}), {"a": 1}),
        (["b", "a", "b"], SetType(STRING), SetValue(STRING, ("a", "b"))),
        ([1, {"a": [True]}, None], DYNAMIC, (1, {"a": (True,)}, None)),
        (0.1, NUMBER, parse_number("0.1")),
        (2.0, NUMBER, 2),
        (Decimal("0.25"), DYNAMIC, parse_number("0.25")),
        (UNKNOWN, STRING, Unknown(STRING)),
        (Unknown(not_null=True, prefix="x-"), STRING, Unknown(STRING, not_null=True, prefix="x-")),
        (Unknown(STRING), DYNAMIC, Unknown(STRING)),
        ([UNKNOWN, 1], ListType(NUMBER), ListValue(NUMBER, (Unknown(NUMBER), 1))),
    ],
)
def test_values_by_type(plain: Plain, kind: Type, value: Value) -> None:
    assert equal(from_plain(plain, kind), value)


@pytest.mark.parametrize(
    ("plain", "kind", "problem"),
    [
        ("x", NUMBER, "number required, but have string"),
        (1, STRING, "string required, but have number"),
        (True, NUMBER, "number required, but have bool"),
        (1, BOOL, "bool required, but have number"),
        ([], STRING, "string required, but have list"),
        ({}, ListType(STRING), "list of string required, but have object"),
        ([], DISK, "object required, but have list"),
        ([1], TupleType(()), "tuple required, but have list"),
        (object(), DYNAMIC, "dynamic required, but have object"),
        (float("nan"), NUMBER, "not a number"),
    ],
)
def test_data_of_another_shape_is_refused(plain: Plain, kind: Type, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        from_plain(plain, kind)


def test_marks_are_told_as_paths() -> None:
    value = {
        "a": Marked("x", SECRET),
        "b": (1, Marked({"c": Marked(2, SECRET)}, SECRET)),
        "c": MapValue(STRING, {"k": Marked("v", SECRET)}),
    }
    plain, sensitive = to_plain(value)
    assert plain == {"a": "x", "b": [1, {"c": 2}], "c": {"k": "v"}}
    assert sensitive == {("a",), ("b", 1), ("b", 1, "c"), ("c", "k")}
    assert to_plain(Marked(1, SECRET)) == (1, {()})


plain_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(plain_data)
def test_any_plain_data_comes_back_as_it_was(plain: Plain) -> None:
    assert to_plain(from_plain(plain, DYNAMIC))[0] == plain
