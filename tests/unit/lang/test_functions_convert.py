"""Functions that convert, that mark, and that survive errors."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, assert_gives, failure, value

from kvmform.values.equality import equal
from kvmform.values.marks import marks_in
from kvmform.values.model import EPHEMERAL, SENSITIVE, UNKNOWN, ListValue, MapValue, Marked, NullValue, Unknown
from kvmform.values.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType, SetType

SECRET = frozenset({SENSITIVE})
PASSING = Marked("token", frozenset({EPHEMERAL}))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("tostring(1.5)", '"1.5"'),
        ("tostring(true)", '"true"'),
        ('tonumber("12")', "12"),
        ('tobool("true")', "true"),
        ('tolist([1, "a", true])', 'tolist(["1", "a", "true"])'),
        ("tolist(toset([2, 1]))", "tolist([1, 2])"),
        ("toset([1, 1, 2])", "toset([2, 1])"),
        ('tomap({ a = 1, b = "x" })', 'tomap({ a = "1", b = "x" })'),
    ],
)
def test_conversions(call, expected):
    assert_gives(call, expected)


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ("tostring([])", "cannot convert tuple to string"),
        ('tonumber("a")', 'cannot convert "a" to number; given string must be a decimal representation of a number'),
        ("tonumber(true)", "cannot convert bool to number"),
        ('tobool("yes")', 'cannot convert "yes" to bool; only the strings "true" or "false" are allowed'),
        ("tobool(1)", "cannot convert number to bool"),
        ('tolist("a")', "cannot convert string to list of any single type"),
        ("tolist([1, true])", "cannot convert tuple to list of any single type"),
        ("tolist([[1], { a = 1 }])", "cannot convert tuple to list of any single type"),
        ("tomap([1])", "cannot convert tuple to map of any single type"),
    ],
)
def test_what_cannot_be_converted(call, because):
    assert_fails(call, because)


def test_the_conversion_of_a_secret_does_not_quote_it():
    assert "hunter2" not in failure('tonumber(sensitive("hunter2"))').detail


def test_nulls_get_the_type():
    assert value("tostring(null)") == NullValue(STRING)
    assert value("tolist(null)") == NullValue(ListType(DYNAMIC))


def test_unknown_values_get_the_type():
    assert value("tonumber(x)", x=LATER) == Unknown(NUMBER)
    assert value("toset(x)", x=UNKNOWN) == Unknown(SetType(DYNAMIC))
    assert value("tolist(x)", x=Unknown(SetType(STRING))) == Unknown(ListType(DYNAMIC))
    assert_fails("tonumber(x)", "cannot convert list of string to number", x=Unknown(ListType(STRING)))


def test_marks_stay_where_they_are():
    assert marks_in(value('tonumber(sensitive("1"))')) == SECRET
    converted = value('tolist([sensitive("a"), "b"])')
    assert isinstance(converted, ListValue)
    assert [marks_in(item) for item in converted.items] == [SECRET, frozenset()]


def test_sensitive_marks_and_nonsensitive_unmarks_the_value_itself():
    assert marks_in(value("sensitive(1)")) == SECRET
    assert value("nonsensitive(sensitive(1))") == 1
    assert value("nonsensitive(1)") == 1
    assert marks_in(value("nonsensitive(sensitive([sensitive(1)]))")) == SECRET
    assert marks_in(value("nonsensitive(x)", x=Marked("t", frozenset({EPHEMERAL, SENSITIVE})))) == {EPHEMERAL}
    assert marks_in(value("sensitive(null)")) == SECRET
    assert marks_in(value("sensitive(x)", x=LATER)) == SECRET


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("issensitive(1)", False),
        ("issensitive(sensitive(1))", True),
        ("issensitive([sensitive(1)])", False),
        ("issensitive(sensitive(null))", True),
        ("issensitive(upper(sensitive(x)))", True),
    ],
)
def test_issensitive(call, answer):
    assert value(call, x=LATER) is answer


def test_ephemeralasnull_replaces_only_what_is_ephemeral():
    assert value("ephemeralasnull(x)", x=PASSING) == NullValue(STRING)
    assert value('ephemeralasnull("a")') == "a"
    assert equal(
        value("ephemeralasnull({ a = x, b = [1, x] })", x=PASSING), value("{ a = y, b = [1, y] }", y=NullValue(STRING))
    )
    listed = value("ephemeralasnull(x)", x=ListValue(STRING, ("a", PASSING)))
    assert equal(listed, ListValue(STRING, ("a", NullValue(STRING))))
    mapped = value("ephemeralasnull(x)", x=MapValue(STRING, {"k": PASSING}))
    assert equal(mapped, MapValue(STRING, {"k": NullValue(STRING)}))


def test_ephemeralasnull_keeps_other_marks():
    assert marks_in(value("ephemeralasnull(sensitive(x))", x=PASSING)) == SECRET
    assert marks_in(value("ephemeralasnull([sensitive(1)])")) == SECRET


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("try(1, 2)", "1"),
        ('try([][0], "none")', '"none"'),
        ("try({}.a, {}.b, [1])", "[1]"),
        ("try(null, 1)", "null"),
        ('try(nosuch(), tonumber("a"), 3)', "3"),
        ("try([[][0], 5]...)", "error"),
        ("can(1)", "true"),
        ("can({}.a)", "false"),
        ('can(tonumber("a"))', "false"),
    ],
)
def test_expressions_that_may_fail(call, expected):
    if expected == "error":
        assert_fails(call, "the collection has no elements")
    else:
        assert_gives(call, expected)


def test_what_is_unknown_may_still_fail_later():
    assert value("try(x, 1)", x=LATER) == UNKNOWN
    assert value("try([x], 1)", x=LATER) == UNKNOWN
    assert value("try([][0], x)", x=LATER) == UNKNOWN
    assert value("can(x)", x=LATER) == Unknown(BOOL, not_null=True)
    assert marks_in(value("try(sensitive(x), 1)", x=LATER)) == SECRET


def test_if_nothing_succeeds_every_reason_is_told():
    detail = failure('try({}.size, tonumber("a"))').detail
    assert "no expression succeeded:\n- Unsupported attribute (at main.tf:1," in detail
    assert "- Invalid function argument (at main.tf:1," in detail
    assert detail.endswith("\n\nAt least one expression must produce a successful result.")


def test_try_and_can_need_something_to_try():
    assert_fails("try()", "at least one argument is required")
    assert_fails("can()", 'Missing value for "expression"')
    assert_fails("can(1, 2)", 'Function "can" expects only 1 argument(s)')


def test_types_of_maps():
    assert value("tomap(x)", x=UNKNOWN) == Unknown(MapType(DYNAMIC))
