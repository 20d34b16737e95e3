"""Numbers: 512-bit binary floats, rounded half to even, told in the shortest decimal text."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvmform.values.number import (
    INFINITY,
    NEGATIVE_INFINITY,
    BigFloat,
    Number,
    add,
    divide,
    format_number,
    is_infinite,
    modulo,
    multiply,
    negate,
    number_from_binary,
    number_from_decimal,
    number_from_float,
    parse_number,
    subtract,
    to_decimal,
    to_float,
    truncate,
)

THIRD = "0." + "3" * 154 + "5"

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=12)


def exact(number: Number) -> Fraction:
    if isinstance(number, BigFloat):
        assert number.exponent is not None
        return Fraction(number.mantissa) * Fraction(2) ** number.exponent
    return Fraction(number)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("007", "7"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.50", "1.5"),
        ("1e3", "1000"),
        ("1.5E2", "150"),
        ("1e-3", "0.001"),
        ("25e-1", "2.5"),
        ("1p5", "32"),
        ("3p-1", "1.5"),
        ("inf", "+Inf"),
        ("-Inf", "-Inf"),
        ("1e1000", "1" + "0" * 1000),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ("0." + "0" * 400 + "1", "0." + "0" * 400 + "1"),
        ("1e99999999999", "+Inf"),
        ("-1e99999999999", "-Inf"),
        ("1e-99999999999", "0"),
        ("1e" + "9" * 5000, "+Inf"),
        ("1e-" + "9" * 5000, "0"),
        ("9" * 5000, "1" + "0" * 5000),
    ],
)
def test_a_number_is_read_and_shown_in_its_shortest_form(text: str, shown: str) -> None:
    assert format_number(parse_number(text)) == shown


@pytest.mark.parametrize("text", ["", ".", "-", "e5", "1e", "0x10", "1_000", " 5", "5 ", "٣", "nan", "1.2.3", "--1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_number(text)


def test_every_number_has_one_form_only() -> None:
    """Whole numbers below 2**512 are ints, all others have an odd mantissa."""
    assert type(parse_number("2.0")) is int
    assert type(add(parse_number("0.5"), parse_number("0.5"))) is int
    assert parse_number("0.75") == BigFloat(3, -2)
    assert type(multiply(1 << 511, 1)) is int
    assert multiply(1 << 511, 2) == BigFloat(1, 512)
    assert truncate(divide(BigFloat(1, 512), 2)) == 1 << 511


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (add(parse_number("0.1"), parse_number("0.2")), "0.3", True),
        (multiply(parse_number("0.1"), 3), "0.3", True),
        (multiply(parse_number("1.1"), parse_number("1.1")), "1.21", False),
        (subtract(1, parse_number("0.9")), "0.1", False),
        (multiply(divide(1, 3), 3), "1", True),
        (multiply(parse_number("1.15"), 100), "115", True),
    ],
)
def test_rounding_is_that_of_512_bits(left: Number, right: str, same: bool) -> None:
    assert (left == parse_number(right)) is same


def test_a_third_has_all_the_digits_that_terraform_shows() -> None:
    assert format_number(divide(1, 3)) == THIRD
    assert format_number(divide(-1, 3)) == "-" + THIRD
    assert format_number(divide(10**200, 3)) == "3" * 154 + "4" + "0" * 45


@given(decimals)
def test_reading_a_decimal_rounds_to_nearest(value: Decimal) -> None:
    number = number_from_decimal(value)
    assert abs(exact(number) - Fraction(value)) <= abs(Fraction(value)) / 2**512


@given(decimals)
def test_a_shown_number_reads_back_as_itself(value: Decimal) -> None:
    number = divide(number_from_decimal(value), 7)
    assert parse_number(format_number(number)) == number


@given(decimals, decimals)
def test_arithmetic_agrees_with_fractions(left: Decimal, right: Decimal) -> None:
    a, b = number_from_decimal(left), number_from_decimal(right)
    x, y = exact(a), exact(b)
    for result, wanted in ((add(a, b), x + y), (subtract(a, b), x - y), (multiply(a, b), x * y)):
        assert abs(exact(result) - wanted) <= abs(wanted) / 2**512
    assert (a < b, a <= b, a > b, a >= b, a == b) == (x < y, x <= y, x > y, x >= y, x == y)
    if y:
        assert abs(exact(divide(a, b)) - x / y) <= abs(x / y) / 2**512


@given(st.integers(), st.integers().filter(bool))
def test_the_remainder_has_the_sign_of_the_dividend(left: int, right: int) -> None:
    assert modulo(left, right) == left - right * int(Fraction(left, right))


@pytest.mark.parametrize(
    ("left", "right", "rest"),
    [("5.5", "2", "1.5"), ("-7", "2.5", "-2"), ("5", "0", "5"), ("0", "0", "0")],
)
def test_remainders_of_other_numbers(left: str, right: str, rest: str) -> None:
    assert modulo(parse_number(left), parse_number(right)) == parse_number(rest)


def test_infinity_has_no_remainder() -> None:
    for left, right in ((5, INFINITY), (INFINITY, 5), (NEGATIVE_INFINITY, INFINITY)):
        with pytest.raises(ArithmeticError):
            modulo(left, right)


def test_a_number_from_a_float_has_its_bits_and_is_written_with_their_digits() -> None:
    root = number_from_binary(2**0.5)
    assert format_number(root) == "1.4142135623730951"
    assert exact(root) == Fraction(2**0.5)
    assert format_number(divide(root, number_from_binary(3**0.5))) == "0.8164965809277261"
    assert format_number(multiply(root, 1)) == "1.4142135623730951454746218587388284504413604736328125"
    large = number_from_binary(2.0**64)
    assert format_number(large) == "18446744073709550000"
    assert format_number(negate(large)) == "-18446744073709550000"
    assert add(large, 0) == 1 << 64
    assert number_from_binary(2.0**50) == 1 << 50
    assert number_from_binary(-math.inf) == NEGATIVE_INFINITY


def test_infinity_is_reached_and_compared() -> None:
    assert divide(1, 0) == INFINITY
    assert divide(-1, 0) == NEGATIVE_INFINITY
    assert divide(1, INFINITY) == 0
    assert add(INFINITY, 1) == subtract(INFINITY, -1) == multiply(INFINITY, 2) == INFINITY
    assert multiply(INFINITY, -2) == divide(INFINITY, -2) == negate(INFINITY) == NEGATIVE_INFINITY
    assert NEGATIVE_INFINITY < -(10**300) < parse_number("1e1000") < INFINITY
    assert is_infinite(INFINITY)
    assert not is_infinite(5)


@pytest.mark.parametrize(
    ("operation", "left", "right"),
    [
        (divide, 0, 0),
        (divide, INFINITY, INFINITY),
        (multiply, 0, INFINITY),
        (add, INFINITY, NEGATIVE_INFINITY),
        (subtract, INFINITY, INFINITY),
    ],
)
def test_what_has_no_result_is_an_arithmetic_error(operation: object, left: Number, right: Number) -> None:
    assert callable(operation)
    with pytest.raises(ArithmeticError, match="can't"):
        operation(left, right)


def test_numbers_far_apart_are_added_without_building_the_distance() -> None:
    huge, tiny = BigFloat(1, 1 << 30), BigFloat(1, -(1 << 30))
    assert add(huge, tiny) == huge
    assert add(tiny, huge) == huge
    assert add(huge, 0) == add(0, huge) == huge
    assert multiply(huge, huge) == INFINITY
    assert multiply(tiny, BigFloat(1, -(1 << 30) - 5)) == 0
    assert negate(huge) < negate(tiny) < tiny < huge


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back_as_itself(value: float) -> None:
    assert to_float(number_from_float(value)) == value


def test_floats_beyond_their_range_are_infinite_or_zero() -> None:
    assert to_float(parse_number("1e400")) == math.inf
    assert to_float(parse_number("-1e400")) == -math.inf
    assert to_float(parse_number("1e-400")) == 0.0
    assert to_float(NEGATIVE_INFINITY) == -math.inf
    assert to_float(10**320) == math.inf


def test_decimals_have_the_digits_that_are_shown() -> None:
    assert to_decimal(divide(1, 3)) == Decimal(THIRD)
    assert to_decimal(5) == 5
    assert to_decimal(NEGATIVE_INFINITY) == Decimal("-inf")
    with pytest.raises(ValueError, match="not a number"):
        number_from_decimal(Decimal("nan"))


def test_truncation_goes_towards_zero() -> None:
    assert [truncate(parse_number(text)) for text in ("2.7", "-2.7", "0.3", "5")] == [2, -2, 0, 5]
    assert truncate(INFINITY) == INFINITY
    assert truncate(parse_number("1e300")) == parse_number("1e300")
