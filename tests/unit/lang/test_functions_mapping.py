"""Functions on maps and objects, and on sets."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, assert_gives, value

from kvmform.values.marks import marks_in
from kvmform.values.model import SENSITIVE, UNKNOWN, MapValue, SetValue, Unknown
from kvmform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    TupleType,
    object_type,
)

SECRET = frozenset({SENSITIVE})
STRINGS = MapType(STRING)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("keys({ b = 1, a = 2, é = 3 })", '["a", "b", "é"]'),
        ("keys(tomap({ b = 1, a = 2 }))", 'tolist(["a", "b"])'),
        ("keys({})", "[]"),
        ("values({ b = 1, a = true })", "[true, 1]"),
        ("values(tomap({ b = 1, a = 2 }))", "tolist([2, 1])"),
        ('lookup({ a = 1 }, "a")', "1"),
        ('lookup({ a = 1 }, "b", "x")', '"x"'),
        ('lookup({ a = 1 }, "b", null)', "null"),
        ('lookup(tomap({ a = "x" }), "b", 5)', '"5"'),
        ('lookup({ "5" = true }, 5)', "true"),
        ("merge()", "{}"),
        ("merge({ a = 1, b = 2 }, { b = true })", "{ a = 1, b = true }"),
        ("merge({ a = 1 }, null)", "{ a = 1 }"),
        ("merge({ a = { x = 1 } }, { a = { y = 2 } })", "{ a = { y = 2 } }"),
        ("merge(tomap({ a = 1 }), tomap({ b = 2 }))", "tomap({ a = 1, b = 2 })"),
        ("merge(tomap({ a = 1 }), { b = true })", "{ a = 1, b = true }"),
        ("merge([{ a = 1 }, { b = 2 }]...)", "{ a = 1, b = 2 }"),
        ('zipmap(["a", "b"], [1, true])', "{ a = 1, b = true }"),
        ('zipmap(["a", "b"], tolist([1, 2]))', "tomap({ a = 1, b = 2 })"),
        ('zipmap(["a", "a"], [1, 2])', "{ a = 2 }"),
        ("zipmap([], [])", "{}"),
        ('transpose({ a = ["1", "2"], b = ["2"] })', 'tomap({ "1" = tolist(["a"]), "2" = tolist(["a", "b"]) })'),
    ],
)
def test_mapping_functions(call, expected):
    assert_gives(call, expected)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('setunion(["b"], ["a", "b"], toset(["c"]))', 'toset(["a", "b", "c"])'),
        ('setunion([1], ["a"])', 'toset(["1", "a"])'),
        ("setunion([], [1])", "toset([1])"),
        ('setintersection(["a", "b"], ["b", "c"], ["b"])', 'toset(["b"])'),
        ('setintersection([1, 2], ["2"])', 'toset(["2"])'),
        ('setsubtract(["a", "b"], ["b"])', 'toset(["a"])'),
        ("setsubtract([1], [])", "toset([1])"),
        ('setproduct(["a", "b"], [1, 2])', 'tolist([["a", 1], ["a", 2], ["b", 1], ["b", 2]])'),
        ('setproduct(["a"], toset([true, false]))', 'toset([["a", false], ["a", true]])'),
        ('setproduct(["a", 1], [true])', 'tolist([["a", true], ["1", true]])'),
        ('length(setproduct([], ["a"]))', "0"),
    ],
)
def test_set_functions(call, expected):
    assert_gives(call, expected)


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ("keys([1])", "must have map or object type"),
        ("values([1])", "values() requires a map as the first argument"),
        ('lookup([1], "a")', "lookup() requires a map as the first argument"),
        ('lookup({ a = 1 }, "b")', 'the given object has no attribute "b"'),
        ('lookup(tomap({ a = 1 }), "b")', 'lookup failed to find key "b"'),
        ('lookup(tomap({ a = 1 }), "b", "x")', "the default value must have the same type as the map elements"),
        ('lookup({}, "b", 1, 2)', "lookup() takes two or three arguments, got 4"),
        ("merge([1])", 'arguments must be maps or objects, got "tuple"'),
        ("merge(null, [1])", 'arguments must be maps or objects, got "tuple"'),
        ('zipmap(["a"], [1, 2])', "number of keys (1) does not match number of values (2)"),
        ('zipmap(["a"], tolist([1, 2]))', "number of keys (1) does not match number of values (2)"),
        ("zipmap([null], [1])", "keys list has null value at index 0"),
        ('zipmap(["a"], { a = 1 })', "values argument must be a list or tuple value"),
        ("transpose({ a = null })", 'cannot use null list for ["a"]'),
        ("transpose({ a = [null] })", 'cannot use null string for ["a"][0]'),
        ("setunion([[1]], [{ a = 1 }])", "given sets must all have compatible element types"),
        ('setunion({ a = 1 }, ["a"])', "required, but have object"),
        ("setproduct([1])", "at least two arguments are required"),
        ('setproduct([1], "a")', "a set or a list is required"),
        ("setproduct([1], [[], { a = 1 }])", "all elements must be of the same type"),
    ],
)
def test_wrong_mappings_and_sets(call, because):
    assert_fails(call, because)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("keys(x)", Unknown(ListType(STRING), not_null=True)),
        ("values(x)", Unknown(ListType(STRING), not_null=True)),
        ('lookup(x, "a", "d")', Unknown(STRING)),
        ('lookup({ a = 1, b = x["k"] }, "a")', 1),
        ('lookup({ a = 1, b = x["k"] }, "b")', Unknown(STRING)),
        ('lookup({ a = 1 }, x["k"])', UNKNOWN),
        ('lookup(tomap({ a = 1 }), x["k"])', Unknown(NUMBER)),
        ("merge(x, x)", Unknown(STRINGS, not_null=True)),
        ("merge({ a = 1 }, x)", UNKNOWN),
        ("zipmap(keys(x), [1])", UNKNOWN),
        ("zipmap(keys(x), values(x))", Unknown(STRINGS, not_null=True)),
        ('zipmap([x["k"]], [1])', UNKNOWN),
        ('transpose({ a = [x["k"]] })', Unknown(MapType(ListType(STRING)), not_null=True)),
        ('setintersection([x["k"]], ["a"])', Unknown(SetType(STRING), not_null=True)),
        ('setsubtract(["a"], [x["k"]])', Unknown(SetType(STRING), not_null=True)),
        ("setproduct(values(x), [1])", Unknown(ListType(TupleType((STRING, NUMBER))), not_null=True)),
        ('setproduct(toset([x["k"], 1]), [1])', Unknown(SetType(TupleType((STRING, NUMBER))), not_null=True)),
    ],
)
def test_what_is_known_although_a_map_is_not(call, expected):
    assert value(call, x=Unknown(STRINGS)) == expected


def test_names_of_an_unknown_object_are_known():
    thing = Unknown(object_type({"b": BOOL, "a": STRING}))
    assert value("keys(x)", x=thing) == ("a", "b")
    assert value("length(x)", x=thing) == 2
    assert value("values(x)", x=thing).type == TupleType((STRING, BOOL))
    assert value("merge(x, { c = 1 })", x=thing).type == object_type({"a": STRING, "b": BOOL, "c": NUMBER})


def test_known_entries_stay_known_beside_unknown_ones():
    assert value("merge({ a = x }, { b = 1 })", x=LATER) == {"a": LATER, "b": 1}
    assert value("values({ a = x, b = 1 })", x=LATER) == (LATER, 1)
    items = value("setunion([x], ['z'])".replace("'", '"'), x=LATER).items
    assert items == ("z", LATER)


def test_marks_of_a_map_are_on_the_result_and_those_of_values_stay():
    for call in ("keys(x)", "values(x)", "merge(x, {})", 'lookup(x, "a")'):
        assert marks_in(value(call.replace("x", "sensitive({ a = 1 })"))) == SECRET, call
    assert marks_in(value("keys({ a = sensitive(1) })")) == frozenset()
    assert marks_in(value('lookup({ a = 1 }, sensitive("a"))')) == SECRET
    assert marks_in(value('lookup({ a = 1, b = sensitive(2) }, "a")')) == frozenset()
    assert marks_in(value('zipmap([sensitive("a")], [1])')) == SECRET
    assert marks_in(value('zipmap(["a"], [sensitive(1)])')["a"]) == SECRET
    assert marks_in(value('zipmap(sensitive([x]), ["a"])', x=LATER)) == SECRET


def test_a_message_does_not_quote_a_sensitive_key():
    with pytest.raises(AssertionError, match="not shown"):
        assert_fails('lookup(tomap({ a = 1 }), sensitive("hunter2"))', "hunter2")


def test_results_are_of_the_collection_s_class():
    assert isinstance(value("merge(tomap({ a = 1 }))"), MapValue)
    assert isinstance(value("setunion([1])"), SetValue)
    assert value("setunion([], [])").element == DYNAMIC
