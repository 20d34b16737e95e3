"""The type that several types have in common."""

from __future__ import annotations

import pytest

from kvmform.lang.unify import mismatch, unify
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

EMPTY = object_type({})


@pytest.mark.parametrize(
    ("types", "common"),
    [
        ([], None),
        ([STRING], STRING),
        ([NUMBER, STRING], STRING),
        ([BOOL, NUMBER, STRING], STRING),
        ([NUMBER, BOOL], None),
        ([DYNAMIC, NUMBER], NUMBER),
        ([DYNAMIC, DYNAMIC], DYNAMIC),
        ([STRING, TupleType(())], None),
        ([ListType(NUMBER), ListType(STRING)], ListType(STRING)),
        ([SetType(NUMBER), SetType(STRING)], SetType(STRING)),
        ([MapType(NUMBER), MapType(BOOL)], None),
        ([ListType(NUMBER), SetType(STRING)], ListType(NUMBER)),
        ([SetType(NUMBER), ListType(NUMBER)], ListType(NUMBER)),
        ([ListType(NUMBER), MapType(NUMBER)], None),
        ([TupleType((NUMBER,)), TupleType((STRING,))], TupleType((STRING,))),
        ([TupleType((NUMBER,)), TupleType(())], ListType(NUMBER)),
        ([TupleType((NUMBER, BOOL)), TupleType((STRING,))], ListType(STRING)),
        ([TupleType((NUMBER,)), TupleType((BOOL,))], None),
        ([TupleType((NUMBER, EMPTY)), TupleType(())], None),
        ([TupleType((NUMBER,)), DYNAMIC], DYNAMIC),
        ([TupleType((NUMBER, NUMBER)), ListType(STRING)], ListType(STRING)),
        ([TupleType((STRING,)), ListType(NUMBER)], ListType(STRING)),
        ([TupleType(()), ListType(NUMBER)], ListType(NUMBER)),
        ([TupleType((EMPTY,)), ListType(NUMBER)], None),
        ([TupleType((NUMBER,)), SetType(NUMBER)], SetType(NUMBER)),
        ([object_type({"a": NUMBER}), object_type({"a": STRING})], object_type({"a": STRING})),
        ([object_type({"a": NUMBER}), object_type({"b": STRING})], MapType(STRING)),
        ([object_type({"a": NUMBER}), EMPTY], MapType(NUMBER)),
        ([object_type({"a": NUMBER}), object_type({"a": BOOL})], None),
        ([object_type({"a": NUMBER}), object_type({"b": EMPTY})], None),
        ([object_type({"a": DYNAMIC}), object_type({"a": NUMBER})], object_type({"a": NUMBER})),
        ([object_type({"a": NUMBER}), MapType(STRING)], MapType(STRING)),
        ([EMPTY, MapType(STRING)], MapType(STRING)),
        ([EMPTY, TupleType(())], None),
        ([EMPTY, STRING], None),
        ([MapType(STRING), DYNAMIC], DYNAMIC),
    ],
)
def test_unify(types: list[Type], common: Type | None) -> None:
    assert unify(types) == common


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (STRING, NUMBER),
        (BOOL, STRING),
        (DYNAMIC, ListType(STRING)),
        (TupleType((STRING, NUMBER)), ListType(DYNAMIC)),
        (TupleType(()), SetType(STRING)),
        (ListType(STRING), SetType(NUMBER)),
        (object_type({"a": NUMBER, "b": BOOL}), object_type({"a": STRING})),
        (EMPTY, object_type({"a": STRING}, frozenset({"a"}))),
        (MapType(STRING), object_type({"a": NUMBER})),
        (object_type({"a": NUMBER}), MapType(STRING)),
    ],
)
def test_types_that_fit(source: Type, target: Type) -> None:
    assert mismatch(source, target) is None


def test_a_mismatch_tells_the_way_to_it() -> None:
    problem = mismatch(
        TupleType((object_type({"a": ListType(NUMBER)}),)),
        ListType(object_type({"a": STRING, "b": STRING}, frozenset("b"))),
    )
    assert problem is not None
    assert problem.message == 'element 0: attribute "a": string required, but have list of number'
    assert problem.path == (0, "a")
