"""JSON as Terraform writes it."""

from decimal import Decimal

import pytest
from hypothesis import given
from state_samples import plain_values

from kvmform.state.json_text import Canonical, json_text, parse_json


@given(plain_values)
def test_what_is_written_reads_back_the_same(value: object) -> None:
    for indented in (False, True):
        text = json_text(value, indented=indented)
        assert json_text(parse_json(text)) == json_text(value)
        assert parse_json(text) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (-7, "-7"),
        (1.0, "1"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (1e22, "10000000000000000000000"),
        (1e-7, "0.0000001"),
        (12345678901234567890, "12345678901234567890"),
        (Decimal("0.1000000000000000055511151231257827"), "0.1000000000000000055511151231257827"),
        (Decimal("1E+99999"), "1E+99999"),
        ("<&>\u2028é", r'"\u003c\u0026\u003e\u2028é"'),
        ('"\\\n\x01', r'"\"\\\n\u0001"'),
        ([], "[]"),
        ({}, "{}"),
        ({"b": 1, "a": [2]}, '{"b":1,"a":[2]}'),
        (Canonical({"b": {"d": 1, "c": 2}, "a": 1}), '{"a":1,"b":{"c":2,"d":1}}'),
        (Canonical({"type": "string", "value": "x"}), '{"value":"x","type":"string"}'),
    ],
)
def test_form_of_a_value(value: object, text: str) -> None:
    assert json_text(value) == text


def test_indentation_is_that_of_terraform() -> None:
    assert json_text({"a": [1, {}], "b": {"c": None}}, indented=True) == (
        '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {\n    "c": null\n  }\n}'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), object(), b"x"])
def test_what_json_does_not_have_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="has no JSON form"):
        json_text([value])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("NaN", "NaN is not a JSON value"),
        ("[-Infinity]", "-Infinity is not a JSON value"),
        ("1e9999999999999999999999", "out of any range"),
        ("[" * 100_000, "nested too deeply"),
        (b'"\xff"', "can't decode"),
        ("1" * 10_000, "Exceeds the limit"),
    ],
)
def test_what_is_not_json_is_a_value_error(text: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_json(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("0.1", float), ("1.10", float), ("0.10000000000000000001", Decimal), ("1e400", Decimal), ("3", int)],
)
def test_a_number_is_a_float_only_where_that_is_exact(text: str, kind: type) -> None:
    assert type(parse_json(text)) is kind
