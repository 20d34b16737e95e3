"""The nearest name to one that doesn't exist."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence, with a space before it, that proposes the known name most like `name`; or nothing."""
    import difflib

    nearest = difflib.get_close_matches(name, known, n=1)
    return f' Did you mean "{nearest[0]}"?' if nearest else ""
