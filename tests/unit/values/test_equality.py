"""Equality goes by type and content, and knows when it doesn't know."""

from __future__ import annotations

import pytest

from kvmform.values.equality import equal, equals, typed_key
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat, parse_number
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, SetType, TupleType

SECRET = frozenset({"sensitive"})
A_STRING = Unknown(STRING)


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        (1, "1", False),
        (parse_number("0.5"), parse_number("0.5"), True),
        (parse_number("0.5"), 1, False),
        ("a", "a", True),
        (None, None, True),
        (None, NullValue(STRING), True),
        (NullValue(NUMBER), NullValue(STRING), True),
        (None, "a", False),
        ((1, "a"), (1, "a"), True),
        ((1,), (1, 2), False),
        ((1,), ListValue(NUMBER, (1,)), False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, MapValue(NUMBER, {"a": 1}), False),
        ({"a": None}, {"a": None}, True),
        (ListValue(NUMBER, (1,)), ListValue(NUMBER, (1,)), True),
        (ListValue(NUMBER, ()), ListValue(STRING, ()), False),
        (ListValue(NUMBER, (1,)), ListValue(NUMBER, (1, 2)), False),
        (MapValue(NUMBER, {"a": 1}), MapValue(NUMBER, {"a": 1}), True),
        (MapValue(NUMBER, {"a": 1}), MapValue(NUMBER, {"a": 2}), False),
        (MapValue(NUMBER, {"a": 1}), MapValue(NUMBER, {"b": 1}), False),
        (SetValue(STRING, ("a", "b")), SetValue(STRING, ("a", "b")), True),
        (SetValue(STRING, ("a",)), SetValue(STRING, ("b",)), False),
        (SetValue(STRING, ()), SetValue(NUMBER, ()), False),
        (Marked("a", SECRET), "a", True),
        ("a", Marked("b", SECRET), False),
    ],
)
def test_known_values(left: Value, right: Value, answer: bool) -> None:
    assert equals(left, right) is answer
    assert equals(right, left) is answer


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (UNKNOWN, 1, None),
        (UNKNOWN, None, None),
        (A_STRING, "a", None),
        (A_STRING, A_STRING, None),
        (A_STRING, 1, False),
        (A_STRING, (), False),
        (A_STRING, Unknown(NUMBER), None),
        (Unknown(SetType(DYNAMIC)), 1, False),
        (Unknown(SetType(DYNAMIC)), SetValue(STRING, ("a",)), None),
        (Unknown(SetType(DYNAMIC)), ListValue(STRING, ("a",)), False),
        (1, BigFloat(1, 0, 53), True),
        (1 << 64, BigFloat(1, 64, 53), True),
        (True, BigFloat(1, 0, 53), False),
        (A_STRING, None, None),
        (Unknown(STRING, not_null=True), None, False),
        (Unknown(STRING, prefix="x-"), "y", False),
        (Unknown(STRING, prefix="x-"), "x-1", None),
        (Unknown(ListType(STRING)), ListValue(STRING, ("a",)), None),
        (Unknown(ListType(STRING), min_length=2), ListValue(STRING, ("a",)), False),
        (Unknown(ListType(STRING), max_length=1), ListValue(STRING, ("a", "b")), False),
        (Unknown(TupleType((STRING,))), ("a",), None),
        (("a", A_STRING), ("a", "b"), None),
        (("a", A_STRING), ("b", "b"), False),
        ((A_STRING, "a"), ("b", "z"), False),
        ({"a": A_STRING}, {"a": "x"}, None),
        (SetValue(STRING, ("a", A_STRING)), SetValue(STRING, ("a", "b")), None),
        (SetValue(STRING, (A_STRING,)), SetValue(STRING, ()), False),
    ],
)
def test_what_is_known_decides_as_early_as_it_can(left: Value, right: Value, answer: bool | None) -> None:
    assert equals(left, right) is answer
    assert equals(right, left) is answer


def test_keys_are_as_different_as_values() -> None:
    values: list[Value] = [
        1,
        True,
        "1",
        None,
        NullValue(STRING),
        (),
        {},
        ListValue(STRING, ()),
        ListValue(BOOL, ()),
        SetValue(STRING, ()),
        MapValue(STRING, {}),
        UNKNOWN,
        A_STRING,
        parse_number("0.1"),
        ("1",),
    ]
    assert len({typed_key(value) for value in values}) == len(values)


def test_the_same_value_has_the_same_key_whatever_its_order_and_marks() -> None:
    assert equal({"a": 1, "b": (UNKNOWN,)}, {"b": (UNKNOWN,), "a": Marked(1, SECRET)})
    assert equal(SetValue(STRING, ("b", "a")), SetValue(STRING, ("a", "b")))
    assert not equal(A_STRING, UNKNOWN)
    assert not equal({"a": 1}, {"a": True})


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="not a value"):
        typed_key(object())
    with pytest.raises(TypeError, match="not a value"):
        equals([], [])
