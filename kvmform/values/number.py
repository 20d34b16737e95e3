"""Numbers of Terraform's language: binary floats of 512 bits, rounded half to even.

A whole number below 2**512 is a Python int, any other number a :class:`BigFloat`; every
function here takes and gives numbers in that form, so that a number has only one form. The
exception is what comes from 64-bit floats (`pow`, `log`): a number knows that it has only 53
bits, since it is written with fewer digits, and what is computed from such numbers alone has
no more.
Source: Go's math/big.Float, as used by https://pkg.go.dev/github.com/zclconf/go-cty/cty.
"""

from __future__ import annotations

import math
import re
from functools import total_ordering
from typing import TYPE_CHECKING, TypeGuard

from kvmform.struct import Struct, field
from kvmform.values.digits import digits_to_int, shortest_digits

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = [
    "INFINITY",
    "NEGATIVE_INFINITY",
    "PRECISION",
    "BigFloat",
    "Number",
    "add",
    "divide",
    "format_number",
    "is_infinite",
    "modulo",
    "multiply",
    "negate",
    "number_from_binary",
    "number_from_decimal",
    "number_from_float",
    "number_from_ratio",
    "parse_number",
    "subtract",
    "to_decimal",
    "to_float",
    "truncate",
]

PRECISION = 512
"""Bits of a number's mantissa."""

_FLOAT_PRECISION = 53
_WHOLE_LIMIT = 1 << PRECISION
_MAXIMUM_EXPONENT = 1 << 31  # Go's big.Float overflows to infinity there
_MAXIMUM_SCALE = 1_000_000  # powers of ten beyond it count as infinite or 0; Go's limit is at 646,456,993
_NUMBER = (
    r"(?P<sign>[+-]?)(?:(?P<infinity>inf|Inf)|(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?"
    r"(?:(?P<base>[eEpP])(?P<exponent>[+-]?[0-9]+))?)"
)


@total_ordering
class BigFloat(Struct):
    """`mantissa * 2**exponent` with an odd mantissa; infinite if `exponent` is None.

    Only for numbers that are not whole, or not below 2**512, or that have less than the usual
    `precision`. Made by this module's functions.
    """

    mantissa: int
    exponent: int | None
    precision: int = field(default=PRECISION, compare=False)

    def __lt__(self, other: Number) -> bool:
        return _compare(self, other) < 0

    def __gt__(self, other: Number) -> bool:
        return _compare(self, other) > 0

    @property
    def whole(self) -> int | None:
        """The same number as an int, if it is whole and below 2**512."""
        exponent = self.exponent
        if exponent is None or exponent < 0 or self.mantissa.bit_length() + exponent > PRECISION:
            return None
        return self.mantissa << exponent


Number = int | BigFloat
"""A number of the language."""

INFINITY = BigFloat(1, None)
NEGATIVE_INFINITY = BigFloat(-1, None)


def is_infinite(number: Number) -> TypeGuard[BigFloat]:
    """Whether it is positive or negative infinity, for instance `1 / 0`."""
    return type(number) is BigFloat and number.exponent is None


def _round_bits(mantissa: int, exponent: int, sticky: bool = False, precision: int = PRECISION) -> Number:
    """The number nearest to `mantissa * 2**exponent`; `sticky`: it is in truth slightly farther from 0."""
    if mantissa == 0:
        return 0
    negative, magnitude = mantissa < 0, abs(mantissa)
    excess = magnitude.bit_length() - precision
    if excess > 0:
        rest = magnitude & ((1 << excess) - 1)
        half = 1 << (excess - 1)
        magnitude >>= excess
        exponent += excess
        if rest > half or (rest == half and (sticky or magnitude & 1)):
            magnitude += 1
    zeros = (magnitude & -magnitude).bit_length() - 1
    magnitude >>= zeros
    exponent += zeros
    if magnitude.bit_length() + exponent > _MAXIMUM_EXPONENT:
        return NEGATIVE_INFINITY if negative else INFINITY
    if magnitude.bit_length() + exponent < -_MAXIMUM_EXPONENT:
        return 0
    if exponent >= 0 and magnitude.bit_length() + exponent <= precision:
        whole = magnitude << exponent
        return -whole if negative else whole
    return BigFloat(-magnitude if negative else magnitude, exponent, precision)


def _precision(left: Number, right: Number) -> int:
    """How many bits what is computed from two numbers has."""
    if isinstance(left, BigFloat) and isinstance(right, BigFloat):
        return max(left.precision, right.precision)
    return PRECISION


def _widened(number: Number, other: Number) -> Number:
    """The same number, as it comes out of an operation with `other`."""
    mantissa, exponent = _parts(number)
    return _round_bits(mantissa, exponent, precision=_precision(number, other))


def _parts(number: Number) -> tuple[int, int]:
    """Mantissa and exponent of a finite number."""
    if isinstance(number, BigFloat):
        assert number.exponent is not None
        return number.mantissa, number.exponent
    return number, 0


def number_from_ratio(numerator: int, denominator: int, exponent: int = 0, precision: int = PRECISION) -> Number:
    """The number nearest to `numerator / denominator * 2**exponent`; `denominator` is positive."""
    shift = max(0, PRECISION + 2 + denominator.bit_length() - abs(numerator).bit_length())
    quotient, rest = divmod(abs(numerator) << shift, denominator)
    return _round_bits(-quotient if numerator < 0 else quotient, exponent - shift, rest != 0, precision)


def parse_number(text: str) -> Number:
    """The number that `text` writes in decimal, for example `10`, `0.5`, `1e3`; also `1p4` and `inf`.

    Raises:
        ValueError: it is not a number.
    """
    if text.isascii() and text.isdigit() and len(text) <= 154:
        return int(text)
    found = re.fullmatch(_NUMBER, text)
    if found is None or not (found["infinity"] or found["whole"] or found["fraction"]):
        raise ValueError(f"not a number: {text!r}")
    sign = -1 if found["sign"] == "-" else 1
    if found["infinity"]:
        return INFINITY if sign > 0 else NEGATIVE_INFINITY
    fraction = found["fraction"] or ""
    digits = digits_to_int((found["whole"] + fraction) or "0") * sign
    scale = max(-2 * _MAXIMUM_SCALE, min(digits_to_int(found["exponent"] or "0"), 2 * _MAXIMUM_SCALE))
    if found["base"] in ("p", "P"):
        return _scaled(digits, -len(fraction), scale)
    return _scaled(digits, scale - len(fraction), 0)


def _scaled(digits: int, tens: int, twos: int) -> Number:
    """`digits * 10**tens * 2**twos`, without building a huge power for a number out of range."""
    if digits == 0 or tens < -_MAXIMUM_SCALE:
        return 0
    if tens > _MAXIMUM_SCALE:
        return INFINITY if digits > 0 else NEGATIVE_INFINITY
    if tens >= 0:
        return _round_bits(digits * 5**tens, tens + twos)
    return number_from_ratio(digits, 5**-tens, tens + twos)


def number_from_float(value: float) -> Number:
    """The number that the shortest text of a float writes: 0.1 gives one tenth, as if read from JSON.

    Raises:
        ValueError: it is not a number (NaN).
    """
    return int(value) if value.is_integer() and abs(value) < 1e15 else parse_number(repr(value))


def number_from_binary(value: float) -> Number:
    """Exactly the number that a float is, which has 53 bits: what `pow` and `log` give.

    Raises:
        ValueError: it is not a number (NaN).
    """
    if math.isinf(value):
        return INFINITY if value > 0 else NEGATIVE_INFINITY
    numerator, denominator = value.as_integer_ratio()
    return _round_bits(numerator, 1 - denominator.bit_length(), precision=_FLOAT_PRECISION)


def number_from_decimal(value: Decimal) -> Number:
    """The number nearest to a decimal.

    Raises:
        ValueError: it is not a number (NaN).
    """
    return parse_number(str(value).replace("Infinity", "inf"))


def to_float(number: Number) -> float:
    """The nearest 64-bit float; infinite if there is none."""
    infinite = math.inf if _sign(number) > 0 else -math.inf
    if is_infinite(number):
        return infinite
    mantissa, exponent = _parts(number)
    if exponent < -1700 or exponent > 1100:
        return 0.0 if exponent < 0 else infinite
    try:
        return mantissa / (1 << -exponent) if exponent < 0 else float(mantissa << exponent)
    except OverflowError:
        return infinite


def to_decimal(number: Number) -> Decimal:
    """A decimal with the digits that :func:`format_number` shows."""
    from decimal import Decimal

    if is_infinite(number):
        return Decimal("inf").copy_sign(number.mantissa)
    return Decimal(format_number(number))


def add(left: Number, right: Number) -> Number:
    """The sum.

    Raises:
        ArithmeticError: infinity minus infinity.
    """
    if type(left) is int and type(right) is int:
        total = left + right
        return total if -_WHOLE_LIMIT < total < _WHOLE_LIMIT else _round_bits(total, 0)
    if is_infinite(left) or is_infinite(right):
        if is_infinite(left) and is_infinite(right) and left != right:
            raise ArithmeticError("can't compute the sum of infinity and its opposite")
        return left if is_infinite(left) else right
    if left == 0 or right == 0:
        return _widened(right, left) if left == 0 else _widened(left, right)
    (a, i), (b, j) = _parts(left), _parts(right)
    if i < j:
        a, i, b, j = b, j, a, i
    # Beyond that distance the smaller one only says on which side of the larger one the sum is.
    if i - j > 2 * PRECISION + abs(b).bit_length():
        b, j = (1 if b > 0 else -1), i - 2 * PRECISION
    return _round_bits((a << (i - j)) + b, j, precision=_precision(left, right))


def negate(number: Number) -> Number:
    """The number with the other sign."""
    if isinstance(number, BigFloat):
        return BigFloat(-number.mantissa, number.exponent, number.precision)
    return -number


def subtract(left: Number, right: Number) -> Number:
    """The difference.

    Raises:
        ArithmeticError: infinity minus infinity.
    """
    if type(left) is int and type(right) is int:
        total = left - right
        return total if -_WHOLE_LIMIT < total < _WHOLE_LIMIT else _round_bits(total, 0)
    return add(left, negate(right))


def multiply(left: Number, right: Number) -> Number:
    """The product.

    Raises:
        ArithmeticError: zero times infinity.
    """
    if type(left) is int and type(right) is int:
        product = left * right
        return product if -_WHOLE_LIMIT < product < _WHOLE_LIMIT else _round_bits(product, 0)
    if is_infinite(left) or is_infinite(right):
        sign = _sign(left) * _sign(right)
        if sign == 0:
            raise ArithmeticError("can't multiply zero by infinity")
        return INFINITY if sign > 0 else NEGATIVE_INFINITY
    (a, i), (b, j) = _parts(left), _parts(right)
    return _round_bits(a * b, i + j, precision=_precision(left, right))


def divide(left: Number, right: Number) -> Number:
    """The quotient; infinity if only the divisor is zero.

    Raises:
        ArithmeticError: zero by zero, or infinity by infinity.
    """
    if right == 0:
        if left == 0:
            raise ArithmeticError("can't divide zero by zero")
        return INFINITY if _sign(left) > 0 else NEGATIVE_INFINITY
    if is_infinite(left) or is_infinite(right):
        if is_infinite(left) and is_infinite(right):
            raise ArithmeticError("can't divide infinity by infinity")
        if is_infinite(right):
            return 0
        return INFINITY if _sign(left) * _sign(right) > 0 else NEGATIVE_INFINITY
    (a, i), (b, j) = _parts(left), _parts(right)
    return number_from_ratio(a if b > 0 else -a, abs(b), i - j, _precision(left, right))


def truncate(number: Number) -> Number:
    """The number without its fraction."""
    if type(number) is int or is_infinite(number):
        return number
    mantissa, exponent = _parts(number)
    if exponent >= 0:
        return number
    whole = abs(mantissa) >> -exponent
    return -whole if mantissa < 0 else whole


def modulo(left: Number, right: Number) -> Number:
    """The rest of the division of `left` by `right`, with the sign of `left`.

    Terraform gives `left` itself if the divisor is zero.

    Raises:
        ArithmeticError: one of them is infinite.
    """
    if is_infinite(left) or is_infinite(right):
        raise ArithmeticError("can't divide infinity with a rest")
    if right == 0:
        return left
    if type(left) is int and type(right) is int:
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return subtract(left, multiply(right, truncate(divide(left, right))))


def _sign(number: Number) -> int:
    value = number.mantissa if isinstance(number, BigFloat) else number
    return (value > 0) - (value < 0)


def _compare(left: Number, right: Number) -> int:
    """Negative, 0 or positive, as `left` is less than, equal to or greater than `right`."""
    if _sign(left) != _sign(right):
        return _sign(left) - _sign(right)
    if is_infinite(left) or is_infinite(right):
        sign = _sign(left)
        return sign * (is_infinite(left) - is_infinite(right))
    (a, i), (b, j) = _parts(left), _parts(right)
    sizes = a.bit_length() + i, b.bit_length() + j
    if sizes[0] != sizes[1]:
        return (1 if a > 0 else -1) * (1 if sizes[0] > sizes[1] else -1)
    least = min(i, j)
    a, b = a << (i - least), b << (j - least)
    return (a > b) - (a < b)


def format_number(number: Number) -> str:
    """The shortest decimal text, without an exponent, that reads back as the same number."""
    if isinstance(number, int):
        return str(number) if -_WHOLE_LIMIT < number < _WHOLE_LIMIT else format_number(_round_bits(number, 0))
    if number.exponent is None:
        return "+Inf" if number.mantissa > 0 else "-Inf"
    digits, point = shortest_digits(abs(number.mantissa), number.exponent, number.precision)
    sign = "-" if number.mantissa < 0 else ""
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"
