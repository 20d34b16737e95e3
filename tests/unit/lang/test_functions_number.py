"""Functions on numbers."""

from __future__ import annotations

import pytest
from function_calls import LATER, assert_fails, assert_gives, value

from kvmform.values.model import Unknown
from kvmform.values.number import INFINITY, NEGATIVE_INFINITY
from kvmform.values.types import NUMBER, ListType


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("abs(-1.5)", "1.5"),
        ("abs(2)", "2"),
        ("ceil(1.2)", "2"),
        ("ceil(-1.2)", "-1"),
        ("ceil(3)", "3"),
        ("floor(1.8)", "1"),
        ("floor(-1.2)", "-2"),
        ("floor(1e200) == 1e200", "true"),
        ("signum(-7)", "-1"),
        ("signum(0)", "0"),
        ("signum(9)", "1"),
        ("log(8, 2)", "3"),
        ("tostring(log(10, 2))", '"3.3219280948873626"'),
        ("tostring(log(0.1, 3))", '"-2.095903274289385"'),
        ("tostring(pow(0.1, 5))", '"0.000010000000000000006"'),
        ("tostring(pow(2, 64))", '"18446744073709550000"'),
        ("tostring(pow(7, 0.3333))", '"1.9128071070563357"'),
        ("tostring(pow(2.5, -3))", '"0.064"'),
        ("pow(2, 10)", "1024"),
        ("pow(2, -1)", "0.5"),
        ("tostring(pow(2, 0.5))", '"1.4142135623730951"'),
        ("[10, 20, 30][pow(2, 0)]", "20"),
        ("range(pow(2, 60), pow(2, 60) + 1)", "tolist([1152921504606846976])"),
        ("pow(2, 64) - 1", "18446744073709551615"),
        ("max(1, 5.5, -3)", "5.5"),
        ("min(1, 5.5, -3)", "-3"),
        ("max([1, 2]...)", "2"),
        ('parseint("ff", 16)', "255"),
        ('parseint("-FF", 16)', "-255"),
        ('parseint("+10", 2)', "2"),
        ('parseint("zZ", 36)', "1295"),
        ('parseint("aA", 62)', "656"),
        ('parseint("99999999999999999999", 10)', "99999999999999999999"),
        ('sum([1, "2", 3.5])', "6.5"),
        ("sum(toset([1, 1, 2]))", "3"),
        ("sum([0.1, 0.2]) == 0.3", "true"),
        ("range(3)", "tolist([0, 1, 2])"),
        ("range(-2)", "tolist([0, -1])"),
        ("range(1, 3)", "tolist([1, 2])"),
        ("range(3, 1)", "tolist([3, 2])"),
        ("range(1, 8, 3)", "tolist([1, 4, 7])"),
        ("range(4, 0, -2)", "tolist([4, 2])"),
        ("range(0, 1, 0.5)", "tolist([0, 0.5])"),
        ("length(range(1024))", "1024"),
        ("length(range(0))", "0"),
    ],
)
def test_number_functions(call, expected):
    assert_gives(call, expected)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("log(0, 10)", NEGATIVE_INFINITY),
        ("log(10, 1)", INFINITY),
        ("pow(0, -1)", INFINITY),
        ("pow(10, 400)", INFINITY),
        ("pow(-10, 401)", NEGATIVE_INFINITY),
        ("ceil(1 / 0)", INFINITY),
        ("max(1 / 0, 1)", INFINITY),
        ("min(-1 / 0)", NEGATIVE_INFINITY),
    ],
)
def test_infinite_results(call, expected):
    assert value(call) == expected


@pytest.mark.parametrize(
    ("call", "because"),
    [
        ("signum(0.5)", "value must be a whole number, between -9223372036854775808 and 9223372036854775807 inclusive"),
        ("log(-1, 10)", "the result is not a real number"),
        ("log(1, 1)", "the result is not a real number"),
        ("log(1e400, 10)", "must be a number that fits into 64 bits"),
        ("pow(-8, 1 / 3)", "the result is not a real number"),
        ("max()", "must pass at least one number"),
        ('parseint("9", 8)', 'cannot parse "9" as a base 8 integer'),
        ('parseint("", 10)', 'cannot parse "" as a base 10 integer'),
        ('parseint("-", 10)', "cannot parse"),
        ('parseint("1_000", 10)', "cannot parse"),
        ('parseint("0x1f", 16)', "cannot parse"),
        ('parseint("10", 1)', "base must be a whole number between 2 and 62 inclusive"),
        ('parseint("10", 2.5)', "value must be a whole number"),
        ("parseint(10, 10)", "first argument must be a string, not number"),
        ("sum([])", "cannot sum an empty list"),
        ('sum("a")', "cannot sum noniterable"),
        ("sum({ a = 1 })", "argument must be list, set, or tuple. Received object"),
        ('sum(["x"])', "argument must be list, set, or tuple of number values"),
        ("sum([null])", "argument must be list, set, or tuple of number values"),
        ("sum([1 / 0, -1 / 0])", "can't compute sum of opposing infinities"),
        ("range()", "must have one, two, or three arguments"),
        ("range(1, 2, 3, 4)", "must have one, two, or three arguments"),
        ("range(1, 5, 0)", "step must not be zero"),
        ("range(1, 5, -1)", "end must be less than start when step is negative"),
        ("range(5, 1, 1)", "end must be greater than start when step is positive"),
        ("range(1025)", "more than 1024 values were generated"),
    ],
)
def test_wrong_numbers(call, because):
    assert_fails(call, because)


def test_unknown_numbers():
    assert value("sum([1, length(x)])", x=LATER) == Unknown(NUMBER, not_null=True)
    assert value("range(length(x))", x=LATER) == Unknown(ListType(NUMBER), not_null=True)
    assert value("parseint(x, 10)", x=LATER) == Unknown(NUMBER, not_null=True)
    assert_fails("parseint(x, 10)", "first argument must be a string, not number", x=Unknown(NUMBER))
