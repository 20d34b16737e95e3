"""Functions on numbers.

Source: https://developer.hashicorp.com/terraform/language/functions, section "Numeric Functions";
`sum` and `range` stand with the collections there.
"""

from __future__ import annotations

import math
import string

from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.functions.arguments import elements, float_number, is_sequence, whole_number
from kvmform.lang.functions.float_math import natural_log, raised
from kvmform.lang.functions.signature import Function, FunctionError, Parameter, parameters
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import is_wholly_known
from kvmform.values.model import ListValue, Unknown, Value
from kvmform.values.number import Number, add, negate, number_from_binary, truncate
from kvmform.values.types import DYNAMIC, NUMBER, STRING, ListType, MapType, ObjectType, Type

__all__ = ["FUNCTIONS"]

DIGITS = string.digits + string.ascii_lowercase + string.ascii_uppercase
"""Up to base 36 upper-case letters mean the same as lower-case ones."""

MAXIMUM_RANGE = 1024


def absolute(number: Number) -> Number:
    return negate(number) if number < 0 else number


def ceil(number: Number) -> Number:
    whole = truncate(number)
    return add(whole, 1) if whole < number else whole


def floor(number: Number) -> Number:
    whole = truncate(number)
    return add(whole, -1) if number < whole else whole


def signum(number: Number) -> int:
    whole = whole_number(number)
    return (whole > 0) - (whole < 0)


def log(number: Number, base: Number) -> Number:
    value, divisor = natural_log(float_number(number)), natural_log(float_number(base))
    if divisor == 0:
        return real(math.nan if value == 0 or math.isnan(value) else math.copysign(math.inf, value))
    return real(value / divisor)


def power(number: Number, exponent: Number) -> Number:
    return real(raised(float_number(number), float_number(exponent)))


def real(value: float) -> Number:
    """A float as a number.

    Raises:
        FunctionError: it is NaN.
    """
    if math.isnan(value):
        raise FunctionError("the result is not a real number")
    return number_from_binary(value)


def parseint_type(number: Value, _base: Value) -> Type:
    if type_of(number) != STRING:
        raise FunctionError(f"first argument must be a string, not {type_of(number)}", 0)
    return NUMBER


def parseint(text: Value, base: Number) -> int:
    parseint_type(text, base)
    radix = whole_number(base, 1)
    if not 2 <= radix <= 62:
        raise FunctionError("base must be a whole number between 2 and 62 inclusive", 1)
    digits = text.removeprefix("-") if text.startswith("-") else text.removeprefix("+")
    total = 0
    for digit in digits.lower() if radix <= 36 else digits:
        value = DIGITS.find(digit)
        if not 0 <= value < radix:
            break
        total = total * radix + value
    else:
        if digits:
            return -total if text.startswith("-") else total
    raise FunctionError(f'cannot parse "{text}" as a base {radix} integer', 0)


def greatest(*numbers: Number) -> Number:
    return max(at_least_one(numbers))


def least(*numbers: Number) -> Number:
    return min(at_least_one(numbers))


def at_least_one(numbers: tuple[Number, ...]) -> tuple[Number, ...]:
    """The same numbers.

    Raises:
        FunctionError: there are none.
    """
    if not numbers:
        raise FunctionError("must pass at least one number")
    return numbers


def sum_(numbers: Value) -> Value:
    kind = type_of(numbers)
    if not is_sequence(kind) and not isinstance(kind, MapType | ObjectType):
        raise FunctionError("cannot sum noniterable", 0)
    if not is_sequence(kind):
        raise FunctionError(f"argument must be list, set, or tuple. Received {kind}", 0)
    if not elements(numbers):
        raise FunctionError("cannot sum an empty list", 0)
    if not is_wholly_known(numbers):
        return Unknown(NUMBER, not_null=True)
    total: Number = 0
    for item in elements(numbers):
        try:
            if is_null(item):
                raise FunctionError("argument must be list, set, or tuple of number values", 0)
            total = add(total, convert(item, NUMBER))
        except ConversionError:
            raise FunctionError("argument must be list, set, or tuple of number values", 0) from None
        except ArithmeticError:
            raise FunctionError("can't compute sum of opposing infinities") from None
    return total


def range_(*arguments: Number) -> ListValue:
    start, end, step = range_bounds(arguments)
    if step == 0:
        raise FunctionError("step must not be zero", 2)
    down = step < 0
    if start < end if down else end < start:
        direction, sign = ("less", "negative") if down else ("greater", "positive")
        raise FunctionError(f"end must be {direction} than start when step is {sign}", 1)
    numbers: list[Number] = []
    number = start
    while end < number if down else number < end:
        if len(numbers) == MAXIMUM_RANGE:
            raise FunctionError(
                f"more than {MAXIMUM_RANGE} values were generated; "
                "either decrease the difference between start and end or use a smaller step"
            )
        numbers.append(number)
        number = add(number, step)
    return ListValue(NUMBER, tuple(numbers))


def range_bounds(arguments: tuple[Number, ...]) -> tuple[Number, Number, Number]:
    """Start, end and step of `range` with one, two or three arguments."""
    match arguments:
        case (end,):
            return 0, end, -1 if end < 0 else 1
        case (start, end):
            return start, end, -1 if end < start else 1
        case (start, end, step):
            return start, end, step
    raise FunctionError("must have one, two, or three arguments")


NUMBERS = Parameter("numbers", NUMBER, allow_dynamic=True)

FUNCTIONS = (
    Function("abs", parameters(num=NUMBER), NUMBER, absolute, "A number without its sign."),
    Function("ceil", parameters(num=NUMBER), NUMBER, ceil, "The nearest whole number that is not less."),
    Function("floor", parameters(num=NUMBER), NUMBER, floor, "The nearest whole number that is not greater."),
    Function("signum", parameters(num=NUMBER), NUMBER, signum, "The sign of a number: -1, 0 or 1."),
    Function("log", parameters(num=NUMBER, base=NUMBER), NUMBER, log, "The logarithm of a number in a base."),
    Function("pow", parameters(num=NUMBER, power=NUMBER), NUMBER, power, "A number raised to a power."),
    Function(
        "parseint",
        parameters(number=DYNAMIC, base=NUMBER),
        parseint_type,
        parseint,
        "The whole number that a string writes in a base.",
    ),
    Function("max", (), NUMBER, greatest, "The greatest of some numbers.", variadic=NUMBERS),
    Function("min", (), NUMBER, least, "The least of some numbers.", variadic=NUMBERS),
    Function(
        "sum", parameters(list=DYNAMIC), NUMBER, sum_, "The sum of the numbers in a list or set.", declared=DYNAMIC
    ),
    Function(
        "range",
        (),
        ListType(NUMBER),
        range_,
        "A list of numbers from a start (0) up to, and without, an end, with a step (1 or -1).",
        variadic=Parameter("params", NUMBER),
    ),
)
