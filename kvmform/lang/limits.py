"""How much an expression may ask for: far more than any lab needs, and less than a machine has."""

from __future__ import annotations

__all__ = ["MAXIMUM_CONTENT", "MAXIMUM_ELEMENTS", "MAXIMUM_TEXT"]

MAXIMUM_ELEMENTS = 2_000_000
"""Elements that the loops of one expression go over, all in all; and elements of a product of sets."""

MAXIMUM_TEXT = 128 << 20
"""Characters of a string."""

MAXIMUM_CONTENT = 64 << 20
"""Bytes of a file that becomes a value. Its hash can be had whatever its size."""
