"""Which addresses are asked for something, and how long that may take."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["LONGEST", "is_web"]

LONGEST = 1e6
"""Seconds, eleven days: more than that is for ever, and too much for some clocks."""


def is_web(url: str) -> bool:
    """Whether it is one of a web server."""
    try:
        return urlsplit(url).scheme.lower() in {"http", "https"}
    except ValueError:
        return False
