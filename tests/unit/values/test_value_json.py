"""Values as JSON, as state files and outputs have them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from kvmform.values.equality import equal
from kvmform.values.json import from_json, to_json, value_from_json_text
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, NullValue, SetValue, Value
from kvmform.values.number import INFINITY, divide, parse_number
from kvmform.values.types import NUMBER, STRING

SECRET = frozenset({"sensitive"})


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (None, None),
        (NullValue(STRING), None),
        (True, True),
        (12345678901234567890, 12345678901234567890),
        (parse_number("0.1"), 0.1),
        (parse_number("1e200"), 10**200),
        (Marked("x", SECRET), "x"),
        ((1, (Marked("x", SECRET),)), [1, ["x"]]),
        ({"b": 1, "a": MapValue(STRING, {"z": "1", "y": "2"})}, {"a": {"y": "2", "z": "1"}, "b": 1}),
        (ListValue(STRING, ("a",)), ["a"]),
        (SetValue(STRING, ("a", "b")), ["a", "b"]),
    ],
)
def test_values_have_a_json_form(value: Value, form: Any) -> None:
    assert to_json(value) == form


def test_a_number_keeps_all_its_digits() -> None:
    form = to_json(divide(1, 3))
    assert isinstance(form, Decimal)
    assert equal(from_json(form, NUMBER), divide(1, 3))
    assert json.dumps([form], default=float) == "[0.3333333333333333]"


def test_members_are_in_order() -> None:
    assert list(to_json({"b": 1, "a": 2})) == ["a", "b"]


@pytest.mark.parametrize("value", [UNKNOWN, (1, UNKNOWN), INFINITY])
def test_what_json_does_not_have_is_refused(value: Value) -> None:
    with pytest.raises(ValueError, match="has no JSON form"):
        to_json(value)


def test_json_text_becomes_objects_and_tuples() -> None:
    value = value_from_json_text('{"a": [1, 0.1, null, true], "b": "e\u0301", "c": 12345678901234567890}')
    assert equal(value, {"a": (1, parse_number("0.1"), None, True), "b": "é", "c": 12345678901234567890})


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "[" * 100_000])
def test_text_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        value_from_json_text(text)
