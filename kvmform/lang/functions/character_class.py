"""Classes of characters in RE2's regular expressions, as ranges of code points.

Source: https://github.com/google/re2/wiki/Syntax; all but those of Unicode are ASCII only.
"""

from __future__ import annotations

__all__ = ["CLASSES", "LAST", "POSIX_CLASSES", "Range", "complement", "quote", "write_ranges"]

Range = tuple[int, int]
"""First and last code point."""

LAST = 0x10FFFF

DIGIT: list[Range] = [(0x30, 0x39)]
UPPER: list[Range] = [(0x41, 0x5A)]
LOWER: list[Range] = [(0x61, 0x7A)]
WORD = [*DIGIT, *UPPER, (0x5F, 0x5F), *LOWER]
SPACE: list[Range] = [(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)]
PUNCTUATION: list[Range] = [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)]
CLASSES = {"d": DIGIT, "s": SPACE, "w": WORD}
POSIX_CLASSES: dict[str, list[Range]] = {
    "alnum": [*DIGIT, *UPPER, *LOWER],
    "alpha": [*UPPER, *LOWER],
    "ascii": [(0x00, 0x7F)],
    "blank": [(0x09, 0x09), (0x20, 0x20)],
    "cntrl": [(0x00, 0x1F), (0x7F, 0x7F)],
    "digit": DIGIT,
    "graph": [(0x21, 0x7E)],
    "lower": LOWER,
    "print": [(0x20, 0x7E)],
    "punct": PUNCTUATION,
    "space": [(0x09, 0x0D), (0x20, 0x20)],
    "upper": UPPER,
    "word": WORD,
    "xdigit": [*DIGIT, (0x41, 0x46), (0x61, 0x66)],
}


def quote(code: int) -> str:
    """A character as an atom that stands for itself."""
    letter = chr(code)
    return letter if letter.isalnum() else f"\\U{code:08x}"


def write_ranges(ranges: list[Range]) -> str:
    """Ranges as they stand between brackets."""
    return "".join(quote(first) if first == last else f"{quote(first)}-{quote(last)}" for first, last in ranges)


def complement(ranges: list[Range]) -> list[Range]:
    """All that is in none of the ranges, which are in order."""
    gaps: list[Range] = []
    at = 0
    for first, last in ranges:
        if first > at:
            gaps.append((at, first - 1))
        at = last + 1
    return [*gaps, (at, LAST)]
