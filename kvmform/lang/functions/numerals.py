"""Numbers as text: decimal, exponential and in other bases; the forms of Go's math/big.

Every function here gives the sign ("-" or "") apart from the rest.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal

from kvmform.values.number import BigFloat, Number, format_number, is_infinite, truncate

__all__ = ["decimal_text", "exponent_text", "general_text", "integer_text"]

EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
BASES = {"b": ("b", "0b"), "o": ("o", "0"), "d": ("d", ""), "x": ("x", "0x"), "X": ("X", "0X")}
"""Python's form and the prefix, by the letter of a format verb."""


def integer_text(number: Number, base: str) -> tuple[str, str, str] | None:
    """Sign, prefix and digits of a whole number in base `b`, `o`, `d`, `x` or `X`; None if it is not whole."""
    if is_infinite(number) or truncate(number) != number:
        return None
    whole = number.mantissa << (number.exponent or 0) if isinstance(number, BigFloat) else number
    form, prefix = BASES[base]
    return ("-" if whole < 0 else ""), prefix, f"{Decimal(abs(whole)):f}" if base == "d" else f"{abs(whole):{form}}"


def decimal_text(number: Number, places: int) -> tuple[str, str]:
    """Without exponent, with so many decimal places: `3.14`."""
    sign, magnitude = exact(number)
    return sign, "Inf" if magnitude is None else f"{magnitude:.{places}f}"


def exponent_text(number: Number, places: int) -> tuple[str, str]:
    """With one digit in front of the point, and so many behind it: `3.14e+00`."""
    sign, magnitude = exact(number)
    if magnitude is None:
        return sign, "Inf"
    mantissa, exponent = split_exponent(magnitude, places)
    return sign, with_exponent(mantissa, exponent)


def general_text(number: Number, precision: int | None) -> tuple[str, str]:
    """The shorter of both, with at most so many digits, or as many as are needed if None."""
    sign, magnitude = exact(number)
    if magnitude is None:
        return sign, "Inf"
    if precision is None:
        digits, point = shortest_digits(number)
        limit = 6
    else:
        mantissa, exponent = split_exponent(magnitude, max(precision, 1) - 1)
        digits, point = mantissa.replace(".", "").rstrip("0"), exponent + 1
        limit = max(precision, 1)
        if limit > len(digits) >= point:
            limit = len(digits)
    exponent = point - 1 if digits else 0
    if digits and (exponent < -4 or exponent >= limit):
        mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
        return sign, with_exponent(mantissa, exponent)
    if point <= 0:
        return sign, f"0.{'0' * -point}{digits}" if digits else "0"
    whole, fraction = digits[:point].ljust(point, "0"), digits[point:]
    return sign, f"{whole}.{fraction}" if fraction else whole


def exact(number: Number) -> tuple[str, Decimal | None]:
    """Sign and exact magnitude; None for infinity."""
    if not isinstance(number, BigFloat):
        return ("-" if number < 0 else ""), Decimal(abs(number))
    sign, magnitude = ("-" if number.mantissa < 0 else ""), abs(number.mantissa)
    if number.exponent is None:
        return sign, None
    if number.exponent >= 0:
        return sign, Decimal(magnitude << number.exponent)
    return sign, Decimal(magnitude * 5**-number.exponent).scaleb(number.exponent, EXACT)


def split_exponent(magnitude: Decimal, places: int) -> tuple[str, int]:
    """Mantissa, rounded to so many places, and exponent of ten."""
    mantissa, _, exponent = f"{magnitude:.{places}e}".partition("e")
    return mantissa, int(exponent) if magnitude else 0


def with_exponent(mantissa: str, exponent: int) -> str:
    """The notation with an exponent of at least two digits."""
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def shortest_digits(number: Number) -> tuple[str, int]:
    """The digits that are needed to tell a number, and the place of the decimal point among them."""
    whole, _, fraction = format_number(number).lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    return digits.rstrip("0"), len(whole) - leading
