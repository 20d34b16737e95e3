"""The elements of a block or a list in a plan."""

from __future__ import annotations

from kvmform.schema import Plain

__all__ = ["elements"]


def elements(value: Plain) -> list[Plain]:
    """The elements; none where they are not known yet."""
    return value if isinstance(value, list) else []
