"""Sets have no doubles, and the order that Terraform shows."""

from __future__ import annotations

import pytest

from kvmform.values.model import ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import INFINITY, NEGATIVE_INFINITY, parse_number
from kvmform.values.ordering import make_set, sort_key
from kvmform.values.types import BOOL, NUMBER, STRING, ListType, MapType, TupleType, object_type

HALF = parse_number("0.5")


@pytest.mark.parametrize(
    ("element", "items", "ordered"),
    [
        (STRING, ["b", "a", "b"], ["a", "b"]),
        (STRING, ["é", "z", "Z", "\U0001f600", "ﬁ"], ["Z", "z", "é", "ﬁ", "\U0001f600"]),
        (NUMBER, [3, 1, HALF, 10, 1, HALF], [HALF, 1, 3, 10]),
        (NUMBER, [INFINITY, NEGATIVE_INFINITY, 0], [NEGATIVE_INFINITY, 0, INFINITY]),
        (BOOL, [True, False, True], [False, True]),
        (STRING, [NullValue(STRING), "a", Unknown(STRING)], ["a", Unknown(STRING), NullValue(STRING)]),
        (TupleType((NUMBER,)), [(2,), (1,), (2,)], [(1,), (2,)]),
        (TupleType((NUMBER,)), [(20000000000,), (3,), (10000000000,)], [(10000000000,), (20000000000,), (3,)]),
        (TupleType((BOOL,)), [(True,), (False,)], [(False,), (True,)]),
        (TupleType((STRING,)), [("b",), (NullValue(STRING),), ("a",)], [("a",), ("b",), (NullValue(STRING),)]),
        (object_type({"a": NUMBER}), [{"a": 2}, {"a": 1}], [{"a": 1}, {"a": 2}]),
    ],
)
def test_elements_are_unique_and_in_order(element: object, items: list[Value], ordered: list[Value]) -> None:
    made = make_set(element, items)
    assert isinstance(made, SetValue)
    assert list(made.items) == ordered


def test_lists_and_maps_in_a_set_go_by_the_text_of_their_elements() -> None:
    lists = make_set(ListType(NUMBER), [ListValue(NUMBER, ()), ListValue(NUMBER, (1,))])
    assert [item.items for item in lists.items] == [(1,), ()]
    maps = make_set(MapType(STRING), [MapValue(STRING, {"b": "x"}), MapValue(STRING, {"a": "y"})])
    assert [item.items for item in maps.items] == [{"a": "y"}, {"b": "x"}]


def test_unknown_elements_are_all_kept_since_they_may_differ() -> None:
    made = make_set(STRING, ["a", Unknown(STRING), Unknown(STRING)])
    assert len(made.items) == 3


def test_marks_of_elements_go_to_the_whole_set() -> None:
    made = make_set(STRING, ["a", Marked("b", frozenset({"sensitive"}))])
    assert isinstance(made, Marked)
    assert made.value.items == ("a", "b")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (('a\n\x01\x7f"\\é\u200b\U000e0001',), r'<"a\n\x01\x7f\"\\é\u200b\U000e0001";>'),
        ((1,), "<1;>"),
        ((12345678901,), "<1.23456789e+10;>"),
        ((parse_number("0.00001"),), "<1e-05;>"),
        ((parse_number("-0.25"),), "<-0.25;>"),
        ((parse_number("1234567.123456"),), "<1234567.123;>"),
        ((INFINITY, NEGATIVE_INFINITY), "<+Inf;-Inf;>"),
        ((None, Unknown(STRING), True, False), "<~;?;T;F;>"),
        ({"b": 1, "a": {}}, "<<>;1;>"),
        ((ListValue(STRING, ("x",)), SetValue(STRING, ()), MapValue(NUMBER, {"k": 1})), '<["x";];[];{"k":1;};>'),
    ],
)
def test_the_text_that_orders_structures_is_that_of_go_cty(value: Value, text: str) -> None:
    assert sort_key(value) == (0, text)
