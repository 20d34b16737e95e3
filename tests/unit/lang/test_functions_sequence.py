"""Functions on lists, tuples and sets."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, assert_gives, value

from kvmform.values.marks import marks_in
from kvmform.values.model import SENSITIVE, UNKNOWN, ListValue, Unknown
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, SetType, TupleType

SECRET = frozenset({SENSITIVE})
STRINGS = Unknown(ListType(STRING), not_null=True)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("length([1, [2, 3]])", "2"),
        ("length({ a = 1 })", "1"),
        ("length(tolist([1, 2]))", "2"),
        ("length(toset([1, 1]))", "1"),
        ("length(tomap({ a = 1 }))", "1"),
        ('length("añ🇩🇪")', "3"),
        ('element(["a", 2], 1)', "2"),
        ('element(["a", "b"], 3)', '"b"'),
        ('element(["a", "b", "c"], -1)', '"c"'),
        ("element(tolist([1]), 7)", "1"),
        ("concat([1], [true])", "[1, true]"),
        ('concat(tolist([1]), tolist(["a"]))', 'tolist(["1", "a"])'),
        ("concat(tolist([1]), [true])", "[1, true]"),
        ("concat(tolist([[1]]), tolist([{ a = 1 }]))", "[[1], { a = 1 }]"),
        ("concat([])", "[]"),
        ("flatten([1, [2, [toset([3])]], []])", "[1, 2, 3]"),
        ("flatten([{ a = [1] }, null])", "[{ a = [1] }, null]"),
        ("flatten(tolist([]))", "[]"),
        ("reverse([1, true])", "[true, 1]"),
        ("reverse(toset([2, 1]))", "tolist([2, 1])"),
        ('slice(["a", 2, true], 1, 3)', "[2, true]"),
        ("slice(tolist([1, 2]), 0, 1)", "tolist([1])"),
        ("slice([1], 1, 1)", "[]"),
        ("chunklist([1, 2, 3], 2)", "tolist([tolist([1, 2]), tolist([3])])"),
        ("chunklist([1, 2], 0)", "tolist([tolist([1, 2])])"),
        ('sort(["b", "é", "a", "Z"])', 'tolist(["Z", "a", "b", "é"])'),
        ("sort([10, 9])", 'tolist(["10", "9"])'),
    ],
)
def test_sequence_functions(call, expected):
    assert_gives(call, expected)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('compact(["a", "", null, "b"])', 'tolist(["a", "b"])'),
        ('distinct(["a", "A", "a", 1, "1"])', 'tolist(["a", "A", "1"])'),
        ("distinct([null, 1, null])", "tolist([null, 1])"),
        ("distinct([[1], [2], [1]])", "tolist([[1], [2]])"),
        ('contains(["a", "b"], "b")', "true"),
        ('contains([1, 2], "1")', "false"),
        ("contains(toset([1]), 1)", "true"),
        ("contains([[1]], [1])", "true"),
        ("contains([], 1)", "false"),
        ('index(["a", "b"], "b")', "1"),
        ("one([5])", "5"),
        ("one([])", "null"),
        ("one(toset([true]))", "true"),
        ('one(tolist([])) == null ? "none" : "some"', '"none"'),
        ("alltrue([])", "true"),
        ('alltrue([true, "true"])', "true"),
        ("alltrue([true, false])", "false"),
        ("alltrue([true, null])", "false"),
        ("anytrue([])", "false"),
        ("anytrue([false, null, true])", "true"),
        ('coalesce(null, "", "b", "c")', '"b"'),
        ('coalesce(1, "a")', '"1"'),
        ("coalesce(0, 1)", "0"),
        ("coalesce(false)", "false"),
        ("coalesce(null, [1])", "[1]"),
        ("coalescelist([], [1], [2])", "[1]"),
        ("coalescelist(tolist([]), tolist([1]))", "tolist([1])"),
        ('matchkeys(["i1", "i2", "i3"], ["a", "b", "a"], ["a"])', 'tolist(["i1", "i3"])'),
        ('matchkeys([1, 2], ["1", 2], [2])', "tolist([2])"),
        ('length(matchkeys([1], ["a"], []))', "0"),
    ],
)
def test_selection_functions(call, expected):
    assert_gives(call, expected)


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ("length(true)", "argument must be a string, a collection type, or a structural type"),
        ("element([], 0)", "cannot use element function with an empty list"),
        ("element([1], 0.5)", "value must be a whole number"),
        ("element(toset([1]), 0)", "cannot read elements from set of number"),
        ("element({ a = 1 }, 0)", "cannot read elements from object"),
        ("concat()", "at least one argument is required"),
        ("concat([1], toset([2]))", "all arguments must be lists or tuples; got set of number"),
        ("flatten({ a = 1 })", "can only flatten lists, sets and tuples"),
        ('reverse("abc")', "can only reverse list or tuple values, not string"),
        ("slice(toset([1]), 0, 1)", "cannot slice a set, because its elements do not have indices"),
        ("slice({}, 0, 1)", "must be a list or tuple value"),
        ("slice([1], -1, 1)", "start index must not be less than zero"),
        ("slice([1], 2, 3)", "start index must not be greater than the length of the list"),
        ("slice([1], 0, 2)", "end index must not be greater than the length of the list"),
        ("slice([1, 2], 2, 1)", "start index must not be greater than end index"),
        ("slice([1, 2], 0, 0.5)", "value must be a whole number"),
        ("chunklist([1], -1)", "the size argument must not be negative"),
        ('sort(["a", null])', "given list element 1 is null; a null string cannot be sorted"),
        ("sort([[1]])", "element 0: string required"),
        ('contains("abc", "a")', "argument must be list, tuple, or set"),
        ("contains([1], null)", "argument must not be null"),
        ("index([], 1)", "cannot search an empty list"),
        ("index([1], 2)", "item not found"),
        ("index(toset([1]), 1)", "argument must be a list or tuple"),
        ("one([1, 2])", "must be a list, set, or tuple value with either zero or one elements"),
        ("one(tolist([1, 2]))", "must be a list, set, or tuple value with either zero or one elements"),
        ("one({})", "must be a list, set, or tuple value"),
        ('alltrue(["x"])', "a bool is required"),
        ("coalesce()", "all arguments must have the same type"),
        ('coalesce("", null)', "no non-null, non-empty-string arguments"),
        ("coalesce([1], { a = 1 })", "all arguments must have the same type"),
        ("coalescelist()", "at least one argument is required"),
        ("coalescelist([], [])", "no non-null arguments"),
        ('coalescelist("a")', "coalescelist arguments must be lists or tuples"),
        ('matchkeys([1], ["a", "b"], ["a"])', "length of keys and values should be equal"),
        ("matchkeys([1], [[1]], [{ a = 1 }])", "keys and searchset must be of the same type"),
    ],
)
def test_wrong_sequences(call, because):
    assert_fails(call, because)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("length(x)", Unknown(NUMBER, not_null=True)),
        ('element(["a", 1], length(x))', UNKNOWN),
        ('element(tolist(["a"]), length(x))', Unknown(STRING)),
        ("concat(x, x)", STRINGS),
        ('concat(x, ["c"])', UNKNOWN),
        ("flatten([x, 1])", UNKNOWN),
        ("flatten([toset([x[0], 1])])", UNKNOWN),
        ("flatten([jsondecode(x[0])])", UNKNOWN),
        ("reverse(x)", STRINGS),
        ("slice(x, 0, 1)", STRINGS),
        ("slice([1], 0, length(x))", UNKNOWN),
        ("chunklist(x, 1)", Unknown(ListType(ListType(STRING)), not_null=True)),
        ("sort(x)", STRINGS),
        ("compact([x[0]])", STRINGS),
        ("distinct([x[0]])", STRINGS),
        ('contains([x[0]], "a")', Unknown(BOOL, not_null=True)),
        ('contains([x[0], "a"], "a")', True),
        ('index(["b", x[0], "a"], "a")', Unknown(NUMBER, not_null=True)),
        ('index(["a", x[0]], "a")', 0),
        ("one(x)", Unknown(STRING)),
        ("one([x[0]])", Unknown(STRING)),
        ("alltrue([x == [], false])", False),
        ("alltrue([length(x) == 5, true])", Unknown(BOOL, not_null=True)),
        ("anytrue([length(x) == 5, true])", True),
        ("anytrue([length(x) == 5])", Unknown(BOOL, not_null=True)),
        ('coalesce(x[0], "a")', Unknown(STRING, not_null=True)),
        ('coalesce("a", x[0])', "a"),
        ("coalescelist(x, [1])", UNKNOWN),
        ("coalescelist([1], x)", (1,)),
        ("matchkeys(x, [1], [1])", STRINGS),
        ("matchkeys([x[0]], [1], [1])", STRINGS),
    ],
)
def test_what_is_known_although_a_list_is_not(call, expected):
    assert value(call, x=STRINGS) == expected


def test_a_sorted_list_with_unknown_elements_has_as_many():
    items = value('sort(["a", x])', x=LATER).items
    assert items == (Unknown(STRING), Unknown(STRING))


def test_types_follow_the_places_of_elements():
    pair = Unknown(TupleType((STRING, NUMBER)))
    assert value("reverse(x)", x=pair).type == TupleType((NUMBER, STRING))
    assert value("slice(x, 1, 2)", x=pair).type == TupleType((NUMBER,))
    assert value("element(x, 3)", x=pair).type == NUMBER
    assert value("concat(x, x)", x=pair).type == TupleType((STRING, NUMBER, STRING, NUMBER))
    assert value("one(x)", x=Unknown(SetType(NUMBER))).type == NUMBER
    assert_fails("one(x)", "with either zero or one elements", x=pair)
    assert_fails("element(x, 0)", "cannot read elements from set of number", x=Unknown(SetType(NUMBER)))


def test_an_unknown_set_with_several_unknown_elements_may_have_one():
    assert value("one(toset([x, y]))", x=LATER, y=Unknown(STRING)) == Unknown(STRING)


def test_marks_of_a_list_are_on_the_result_and_those_of_elements_stay():
    for call in ("reverse(x)", "slice(x, 0, 1)", "concat(x, [2])", "flatten([x])", "element(x, 0)", "chunklist(x, 1)"):
        assert marks_in(value(call.replace("x", "sensitive([1, 2])"))) == SECRET, call
    assert marks_in(value("element([sensitive(1), 2], 1)")) == frozenset()
    assert marks_in(value("length([sensitive(1)])")) == frozenset()
    assert marks_in(value("length(sensitive([1]))")) == SECRET
    assert marks_in(value("chunklist([1], sensitive(1))")) == SECRET


def test_an_empty_list_keeps_its_type():
    result = value("concat(slice(tolist([1]), 0, 0))")
    assert isinstance(result, ListValue)
    assert result.element == NUMBER
    assert value("chunklist(slice(tolist([1]), 0, 0), 2)").element == ListType(NUMBER)
    assert value("distinct([])").element == DYNAMIC
