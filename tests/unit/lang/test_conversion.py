"""Conversion between types, by Terraform's rules."""

from __future__ import annotations

import pytest

from kvmform.diagnostics import DiagnosticError, Source
from kvmform.lang.conversion import ConversionError, convert
from kvmform.values.equality import equal
from kvmform.values.marks import marks_in, unmark
from kvmform.values.model import UNKNOWN, ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import INFINITY, parse_number
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
STRINGS = ListType(STRING)
PERSON = object_type({"name": STRING, "age": NUMBER}, frozenset({"age"}))
PERSON_VALUE = object_type({"name": STRING, "age": NUMBER})


@pytest.mark.parametrize(
    ("value", "kind", "result"),
    [
        (5, STRING, "5"),
        (parse_number("0.5"), STRING, "0.5"),
        (INFINITY, STRING, "+Inf"),
        (True, STRING, "true"),
        ("5", NUMBER, 5),
        ("1e3", NUMBER, 1000),
        ("true", BOOL, True),
        ("1", BOOL, True),
        ("false", BOOL, False),
        ("0", BOOL, False),
        ("x", DYNAMIC, "x"),
        (None, DYNAMIC, None),
        (None, STRING, NullValue(STRING)),
        (NullValue(NUMBER), STRING, NullValue(STRING)),
        (None, PERSON, NullValue(PERSON_VALUE)),
    ],
)
def test_primitives(value: Value, kind: Type, result: Value) -> None:
    assert equal(convert(value, kind), result)


@pytest.mark.parametrize(
    ("value", "kind", "result"),
    [
        (("a", 1, True), STRINGS, ListValue(STRING, ("a", "1", "true"))),
        ((), STRINGS, ListValue(STRING, ())),
        ((), ListType(DYNAMIC), ListValue(DYNAMIC, ())),
        ((None,), ListType(DYNAMIC), ListValue(DYNAMIC, (None,))),
        ((None, "a"), ListType(DYNAMIC), ListValue(STRING, (NullValue(STRING), "a"))),
        ((1, "a"), ListType(DYNAMIC), ListValue(STRING, ("1", "a"))),
        ((1, "1"), SetType(STRING), SetValue(STRING, ("1",))),
        ((2, 1), SetType(DYNAMIC), SetValue(NUMBER, (1, 2))),
        ((1, "2"), TupleType((STRING, NUMBER)), ("1", 2)),
        (ListValue(NUMBER, (1,)), STRINGS, ListValue(STRING, ("1",))),
        (ListValue(NUMBER, ()), STRINGS, ListValue(STRING, ())),
        (ListValue(NUMBER, ()), ListType(DYNAMIC), ListValue(NUMBER, ())),
        (ListValue(NUMBER, (1,)), ListType(DYNAMIC), ListValue(NUMBER, (1,))),
        (ListValue(NUMBER, (2, 1, 2)), SetType(NUMBER), SetValue(NUMBER, (1, 2))),
        (ListValue(NUMBER, (2, 1)), SetType(STRING), SetValue(STRING, ("1", "2"))),
        (SetValue(NUMBER, (1, 2)), ListType(NUMBER), ListValue(NUMBER, (1, 2))),
        (SetValue(NUMBER, ()), SetType(STRING), SetValue(STRING, ())),
        ({"a": 1, "b": "x"}, MapType(DYNAMIC), MapValue(STRING, {"a": "1", "b": "x"})),
        ({}, MapType(STRING), MapValue(STRING, {})),
        (MapValue(NUMBER, {"a": 1}), MapType(STRING), MapValue(STRING, {"a": "1"})),
        (MapValue(NUMBER, {}), MapType(DYNAMIC), MapValue(NUMBER, {})),
        ({"name": 5, "extra": 1}, PERSON, {"name": "5", "age": NullValue(NUMBER)}),
        (MapValue(STRING, {"name": "x", "age": "7", "zip": "1"}), PERSON, {"name": "x", "age": 7}),
        (({"a": 1}, {"a": "x"}), ListType(DYNAMIC), ListValue(object_type({"a": STRING}), ({"a": "1"}, {"a": "x"}))),
        (
            ({"a": 1}, {"b": 2}),
            ListType(DYNAMIC),
            ListValue(MapType(NUMBER), (MapValue(NUMBER, {"a": 1}), MapValue(NUMBER, {"b": 2}))),
        ),
        (
            ({"a": 1}, {"b": "x"}),
            ListType(MapType(DYNAMIC)),
            ListValue(MapType(STRING), (MapValue(STRING, {"a": "1"}), MapValue(STRING, {"b": "x"}))),
        ),
        (({"name": "x"},), ListType(PERSON), ListValue(PERSON_VALUE, ({"name": "x", "age": NullValue(NUMBER)},))),
    ],
)
def test_structures(value: Value, kind: Type, result: Value) -> None:
    assert equal(convert(value, kind), result)


@pytest.mark.parametrize(
    ("value", "kind", "result"),
    [
        (UNKNOWN, STRING, Unknown(STRING)),
        (Unknown(STRING, not_null=True, prefix="x-"), STRING, Unknown(STRING, not_null=True, prefix="x-")),
        (Unknown(NUMBER, not_null=True), STRING, Unknown(STRING, not_null=True)),
        (Unknown(STRINGS), ListType(DYNAMIC), Unknown(STRINGS)),
        (Unknown(STRINGS, min_length=2, max_length=3), SetType(STRING), Unknown(SetType(STRING), False, "", 1, 3)),
        (Unknown(TupleType((NUMBER, STRING))), ListType(DYNAMIC), Unknown(STRINGS, False, "", 2, 2)),
        (Unknown(object_type({"a": NUMBER})), MapType(DYNAMIC), Unknown(MapType(NUMBER), False, "", 1, 1)),
        (Unknown(object_type({"name": STRING})), PERSON, Unknown(PERSON_VALUE)),
        (Unknown(object_type({"a": STRING})), object_type({"a": DYNAMIC}), Unknown(object_type({"a": STRING}))),
        (Unknown(MapType(STRING)), object_type({"a": DYNAMIC}), Unknown(object_type({"a": STRING}))),
        (Unknown(TupleType((STRING,))), TupleType((DYNAMIC,)), Unknown(TupleType((STRING,)))),
        (Unknown(STRINGS), DYNAMIC, Unknown(STRINGS)),
        (("a", Unknown(NUMBER)), STRINGS, ListValue(STRING, ("a", Unknown(STRING)))),
        ((UNKNOWN, "a"), ListType(DYNAMIC), ListValue(STRING, (Unknown(STRING), "a"))),
        (
            {"a": UNKNOWN, "b": MapValue(STRING, {})},
            MapType(DYNAMIC),
            MapValue(MapType(STRING), {"a": Unknown(MapType(STRING)), "b": MapValue(STRING, {})}),
        ),
    ],
)
def test_an_unknown_stays_unknown_and_keeps_what_is_known_of_it(value: Value, kind: Type, result: Value) -> None:
    assert equal(convert(value, kind), result)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("x", NUMBER, "a number is required"),
        ("yes", BOOL, "a bool is required"),
        ("True", BOOL, 'a bool is required; to convert from string, use lowercase "true"'),
        (True, NUMBER, "number required, but have bool"),
        (1, BOOL, "bool required, but have number"),
        ((), STRING, "string required, but have tuple"),
        ("a", STRINGS, "list of string required, but have string"),
        ("a", ListType(DYNAMIC), "list of any single type required, but have string"),
        ({}, STRINGS, "list of string required, but have object"),
        (MapValue(STRING, {}), STRINGS, "list of string required, but have map of string"),
        (("1", "x"), ListType(NUMBER), "element 1: a number is required"),
        (((),), STRINGS, "element 0: string required, but have tuple"),
        ({"k": "x"}, MapType(NUMBER), 'element "k": a number is required'),
        ({"k": {"name": ()}}, MapType(PERSON), 'element "k": attribute "name": string required, but have tuple'),
        ({}, object_type({"a": STRING, "b": STRING}), 'attributes "a" and "b" are required'),
        ({}, PERSON, 'attribute "name" is required'),
        (MapValue(STRING, {}), PERSON, 'map has no element for required attribute "name"'),
        (MapValue(STRINGS, {}), PERSON, 'attribute "age": number required, but have list of string'),
        ((1,), TupleType((STRING, STRING)), "tuple of 2 elements required, but have 1"),
        (("x",), TupleType((NUMBER,)), "element 0: a number is required"),
        ((1, True), ListType(DYNAMIC), "all list elements must have the same type"),
        ((1, ()), SetType(DYNAMIC), "all set elements must have the same type"),
        ((None, ()), ListType(DYNAMIC), "all list elements must have the same type"),
        ({"a": 1, "b": ()}, MapType(DYNAMIC), "all map elements must have the same type"),
        (ListValue(BOOL, ()), ListType(NUMBER), "list of number required, but have list of bool"),
        (ListValue(BOOL, ()), SetType(NUMBER), "set of number required, but have list of bool"),
        (MapValue(BOOL, {}), MapType(NUMBER), "map of number required, but have map of bool"),
        (Unknown(STRINGS), NUMBER, "number required, but have list of string"),
        (NullValue(STRINGS), STRING, "string required, but have list of string"),
        (Unknown(object_type({})), PERSON, 'attribute "name" is required'),
        (Unknown(TupleType((STRINGS,))), STRINGS, "element 0: string required, but have list of string"),
        (
            Unknown(object_type({"a": STRINGS})),
            MapType(STRING),
            'element "a": string required, but have list of string',
        ),
    ],
)
def test_what_does_not_fit_is_told(value: Value, kind: Type, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(value, kind)
    assert caught.value.message == message


def test_marks_stay_where_they_are() -> None:
    result = convert((Marked(1, SECRET), 2), STRINGS)
    assert unmark(result.items[0]) == ("1", SECRET)
    assert result.items[1] == "2"
    assert unmark(convert(Marked((1,), SECRET), STRINGS))[1] == SECRET


def test_a_set_takes_the_marks_of_its_elements() -> None:
    result = convert((Marked("a", SECRET), "b"), SetType(STRING))
    assert unmark(result)[1] == marks_in(result) == SECRET


def test_a_problem_is_a_diagnostic_with_its_place_and_path() -> None:
    subject = Source("main.tf", "x").range(0, 1)
    with pytest.raises(DiagnosticError) as caught:
        convert({"a": ({"b": "x"},)}, object_type({"a": ListType(object_type({"b": NUMBER}))}), subject)
    problem = caught.value
    assert isinstance(problem, ConversionError)
    assert problem.path == ("a", 0, "b")
    assert problem.diagnostics[0].subject == subject
    assert problem.diagnostics[0].detail == 'Attribute "a": element 0: attribute "b": a number is required.'


def test_a_value_of_the_type_already_is_not_copied() -> None:
    for value, kind in (
        (ListValue(STRING, ("a",)), STRINGS),
        (SetValue(STRING, ("a",)), SetType(STRING)),
        (MapValue(STRING, {"a": "b"}), MapType(STRING)),
    ):
        assert convert(value, kind) is value
