"""Powers and logarithms of 64-bit floats, to the last bit as Terraform has them.

Processors and C libraries differ in the last bit; Go has its own algorithms, and their results
are seen in plans.
"""

from __future__ import annotations

import math

__all__ = ["natural_log", "raised"]

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_SERIES = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
"""Of the logarithm of (1 + s) / (1 - s), in powers of s², fitted for small s."""

_FARTHEST = 1 << 12
"""An exponent of two beyond that is out of the range of floats, whatever comes."""


def natural_log(number: float) -> float:
    """The logarithm to base e: infinite for zero, NaN for a negative number."""
    if math.isnan(number) or number == math.inf:
        return number
    if number <= 0:
        return -math.inf if number == 0 else math.nan
    fraction, twos = math.frexp(number)
    if fraction < math.sqrt(2) / 2:
        fraction, twos = fraction * 2, twos - 1
    rest = fraction - 1
    s = rest / (2 + rest)
    s2 = s * s
    s4 = s2 * s2
    odd = s2 * (_SERIES[0] + s4 * (_SERIES[2] + s4 * (_SERIES[4] + s4 * _SERIES[6])))
    even = s4 * (_SERIES[1] + s4 * (_SERIES[3] + s4 * _SERIES[5]))
    half = 0.5 * rest * rest
    return twos * _LN2_HIGH - ((half - (s * (half + (odd + even)) + twos * _LN2_LOW)) - rest)


def raised(base: float, exponent: float) -> float:
    """`base` to the power of `exponent`; NaN where there is no real one."""
    if exponent == 0 or base == 1:
        return 1.0
    if math.isnan(base) or math.isnan(exponent) or exponent == 1:
        return base + exponent if exponent != 1 else base
    if base == 0 or math.isinf(base) or math.isinf(exponent):
        return _at_the_edge(base, exponent)
    if abs(exponent) == 0.5:
        root = math.sqrt(base) if base > 0 else math.nan
        return root if exponent > 0 else 1 / root
    fraction, whole = math.modf(abs(exponent))
    if fraction and base < 0:
        return math.nan
    if whole >= 1 << 63:
        return 1.0 if base == -1 else 0.0 if (abs(base) < 1) == (exponent > 0) else math.inf
    return _by_squaring(base, int(whole), fraction, inverted=exponent < 0)


def _by_squaring(base: float, whole: int, fraction: float, *, inverted: bool) -> float:
    mantissa, twos = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction, whole = fraction - 1, whole + 1
        mantissa = math.exp(fraction * natural_log(base))
    square, exponent = math.frexp(base)
    while whole:
        if not -_FARTHEST <= exponent <= _FARTHEST:
            twos += exponent
            break
        if whole & 1:
            mantissa *= square
            twos += exponent
        square *= square
        exponent <<= 1
        if square < 0.5:
            square += square
            exponent -= 1
        whole >>= 1
    if inverted:
        mantissa, twos = 1 / mantissa, -twos
    try:
        return math.ldexp(mantissa, twos)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def _at_the_edge(base: float, exponent: float) -> float:
    """A power of zero or infinity, or to an infinite one."""
    if math.isinf(exponent):
        if abs(base) == 1:
            return 1.0
        return 0.0 if (abs(base) < 1) == (exponent > 0) else math.inf
    is_odd = math.fmod(exponent, 2) in {1, -1}
    size = 0.0 if (base == 0) == (exponent > 0) else math.inf
    return -size if is_odd and math.copysign(1, base) < 0 else size
