"""Binary numbers to decimal digits and back, of any length.

Python's `int` and `str` refuse more than 4,300 digits; nothing here does.
"""

from __future__ import annotations

__all__ = ["digits_to_int", "shortest_digits"]


def digits_to_int(digits: str) -> int:
    """The whole number that digits write; a sign may be in front."""
    if len(digits) <= 4000:
        return int(digits)
    if digits[0] in "+-":
        return (-1 if digits[0] == "-" else 1) * digits_to_int(digits[1:])
    middle = len(digits) // 2
    power: int = 10 ** (len(digits) - middle)
    return digits_to_int(digits[:middle]) * power + digits_to_int(digits[middle:])


def shortest_digits(mantissa: int, exponent: int, precision: int) -> tuple[str, int]:
    """The digits of the shortest text that reads back as `mantissa * 2**exponent`, and where its point is.

    It reads back as the same number of `precision` bits. The point is behind that many digits,
    before the first one if it is 0 or less. The algorithm of Go's big.Float.Text('f', -1).
    """
    digits, point = _decimal_digits(mantissa, exponent)
    shift = precision + 1 - mantissa.bit_length()  # makes the last bit half a unit of the last place
    middle = mantissa << shift
    exponent -= shift
    lower, _ = _decimal_digits(middle - 1, exponent)
    upper, _ = _decimal_digits(middle + 1, exponent)
    inclusive = middle & 2 == 0
    for at, digit in enumerate(digits):
        low = lower[at] if at < len(lower) else "0"
        high = upper[at] if at < len(upper) else "0"
        down = low != digit or (inclusive and at + 1 == len(lower))
        up = high != digit and (inclusive or ord(digit) + 1 < ord(high) or at + 1 < len(upper))
        if down or up:
            cut = at + 1
            rest = digits[cut:]
            nearest_is_up = rest > "5" or (rest == "5" and int(digit) % 2 == 1)
            return _round_digits(digits, cut, point, up=up and (nearest_is_up or not down))
    return digits, point


def _decimal_digits(mantissa: int, exponent: int) -> tuple[str, int]:
    """All digits of `mantissa * 2**exponent`, and the place of the decimal point in them."""
    if exponent >= 0:
        digits = _int_to_digits(mantissa << exponent)
        point = len(digits)
    else:
        digits = _int_to_digits(mantissa * 5**-exponent)
        point = len(digits) + exponent
    return digits.rstrip("0"), point


def _int_to_digits(value: int) -> str:
    """Python's `str` refuses more than 4,300 digits; Decimal has no such limit."""
    if value.bit_length() < 14_000:
        return str(value)
    from decimal import Decimal

    return f"{Decimal(value):f}"


def _round_digits(digits: str, length: int, point: int, *, up: bool) -> tuple[str, int]:
    """The first `length` digits, one more in the last place if `up`."""
    kept = digits[:length]
    if up:
        raised = str(int(kept) + 1)
        point += len(raised) - len(kept)
        kept = raised
    return kept.rstrip("0"), point
