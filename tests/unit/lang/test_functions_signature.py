"""The rules of every call: arguments and parameters, nulls, unknowns, marks, and how failures are told."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, failure, value

from kvmform.lang.functions import FUNCTIONS
from kvmform.values.equality import equal
from kvmform.values.marks import marks_in
from kvmform.values.model import EPHEMERAL, SENSITIVE, UNKNOWN, ListValue, Marked, NullValue, Unknown
from kvmform.values.types import BOOL, NUMBER, STRING, ListType, TupleType

SECRET = frozenset({SENSITIVE})


def test_every_function_is_there_under_both_names():
    names = {name for name in FUNCTIONS if "::" not in name}
    assert len(names) == 118
    assert all(FUNCTIONS[f"core::{name}"] is FUNCTIONS[name] for name in names)
    assert {f"core::{name}" for name in names} == FUNCTIONS.keys() - names


def test_every_function_tells_in_a_sentence_what_it_does():
    for function in FUNCTIONS.values():
        assert function.description[0].isupper(), function.name
        assert function.description.endswith("."), function.name


def test_a_function_can_be_called_by_its_full_name():
    assert value('core::upper("a")') == "A"


def test_arguments_are_converted_to_the_parameters_types():
    assert value("upper(true)") == "TRUE"
    assert value('max("5", 3)') == 5
    assert equal(value('join("-", [1, true])'), "1-true")


@pytest.mark.parametrize(
    ("text", "summary", "detail", "pointed_at"),
    [
        (
            'substr("a", 1)',
            "Not enough function arguments",
            'Function "substr" expects 3 argument(s). Missing value for "length".',
            ")",
        ),
        (
            "join()",
            "Not enough function arguments",
            'Function "join" expects at least 1 argument(s). Missing value for "separator".',
            ")",
        ),
        ('upper("a", "b")', "Too many function arguments", 'Function "upper" expects only 1 argument(s).', "b"),
        (
            "upper([])",
            "Invalid function argument",
            'Invalid value for "str" parameter: string required, but have tuple.',
            "[",
        ),
        (
            "upper(null)",
            "Invalid function argument",
            'Invalid value for "str" parameter: argument must not be null.',
            "null",
        ),
        (
            'parseint("zz", 10)',
            "Invalid function argument",
            'Invalid value for "number" parameter: cannot parse "zz" as a base 10 integer.',
            "zz",
        ),
        (
            "max()",
            "Error in function call",
            'Call to function "max" failed: must pass at least one number.',
            "max(",
        ),
        (
            'core::index(["a"], "b")',
            "Error in function call",
            'Call to function "core::index" failed: item not found.',
            "core::index(",
        ),
    ],
)
def test_failures_name_what_is_wrong_and_point_at_it(text, summary, detail, pointed_at):
    diagnostic = failure(text)
    assert (diagnostic.summary, diagnostic.detail) == (summary, detail)
    assert diagnostic.subject.text == pointed_at


def test_all_arguments_that_cannot_be_converted_are_told_at_once():
    from kvmform.diagnostics import DiagnosticError

    with pytest.raises(DiagnosticError) as caught:
        value('substr([], "x", {})')
    assert [each.subject.text for each in caught.value.diagnostics] == ["[", "x", "{"]


@pytest.mark.parametrize(
    ("text", "pointed_at"),
    [
        ("upper({})", "{"),
        ("upper([for x in [1] : x])", "["),
        ("upper(true ? [] : [1])", "true"),
        ("upper((true ? [] : [1]))", "true"),
        ("abs(1 < 2)", "1"),
        ("abs(-1 < 2)", "-"),
        ('abs("x${1}")', "x"),
        ("upper(tolist([1]))", "tolist("),
        ("upper(names.list)", "names.list"),
    ],
)
def test_an_argument_is_pointed_at_where_it_begins(text, pointed_at):
    assert failure(text, names={"list": ()}).subject.text == pointed_at


def test_expanded_arguments_are_pointed_at_together():
    assert failure('format(["%d", "x"]...)').subject.text == "format("
    assert failure('substr(["a", "b", 1]...)').subject.text == '["a", "b", 1]'


def test_an_unknown_argument_makes_the_result_unknown_but_not_null():
    assert value("upper(x)", x=LATER) == Unknown(STRING, not_null=True)
    assert value("split(x, x)", x=LATER) == Unknown(ListType(STRING), not_null=True)
    assert value("upper(x) == null", x=LATER) is False


def test_of_a_result_that_may_be_null_nothing_is_promised():
    assert value("one(x)", x=Unknown(ListType(NUMBER), not_null=True)) == Unknown(NUMBER)


def test_an_argument_of_unknown_type_makes_the_type_of_the_result_unknown():
    assert value("reverse(x)", x=UNKNOWN) == UNKNOWN
    assert value("contains(x, 1)", x=UNKNOWN) == UNKNOWN


def test_types_are_checked_although_values_are_unknown():
    assert_fails("reverse(x)", "can only reverse list or tuple values, not string", x=LATER)
    assert_fails("abs(x)", "number required, but have list of string", x=Unknown(ListType(STRING)))


def test_marks_of_arguments_are_on_the_result():
    assert marks_in(value('upper(sensitive("a"))')) == SECRET
    assert equal(value('nonsensitive(upper(sensitive("a")))'), "A")
    assert marks_in(value('join(",", ["a", sensitive("b")])')) == SECRET
    both = value("join(x, [sensitive(1)])", x=Marked("-", frozenset({EPHEMERAL})))
    assert marks_in(both) == {SENSITIVE, EPHEMERAL}


def test_marks_of_unknown_arguments_are_on_the_result():
    assert marks_in(value("upper(sensitive(x))", x=LATER)) == SECRET


def test_functions_that_only_move_elements_leave_their_marks_where_they_are():
    moved = value("reverse([sensitive(1), 2])")
    assert isinstance(moved, tuple)
    assert marks_in(moved[0]) == frozenset()
    assert marks_in(moved[1]) == SECRET


def test_a_message_does_not_quote_a_sensitive_argument():
    detail = failure('parseint(sensitive("hunter2"), 10)').detail
    assert "hunter2" not in detail
    assert "the reason is not shown, because an argument is sensitive" in detail


def test_results_are_in_normal_form():
    assert value('"${join("", ["e", "\\u0301"])}"') == "é"
    assert value('join("", ["e", "\\u0301"])') == "é"


def test_a_typed_null_is_refused_like_an_untyped_one():
    assert_fails("upper(x)", "argument must not be null", x=NullValue(STRING))


def test_impure_functions_are_unknown_while_planning():
    for call in ("timestamp()", "uuid()", 'bcrypt("a")'):
        assert value(call, pure=True) == Unknown(STRING, not_null=True)


def test_a_known_length_is_told_of_a_structure_with_unknown_parts():
    assert value("length([x, 1])", x=LATER) == 2
    assert value("length(x)", x=Unknown(TupleType((BOOL, BOOL)))) == 2
    assert value("length(x)", x=Unknown(ListType(STRING), not_null=True, min_length=3, max_length=3)) == 3
    assert value("length(toset([x, 1]))", x=LATER) == Unknown(NUMBER, not_null=True)
    assert value("length(toset([x]))", x=LATER) == 1


def test_a_list_value_stays_a_list():
    assert isinstance(value("reverse(tolist([1]))"), ListValue)
