"""Wait for something to become true, for tests that watch a real host."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["wait_until"]

Found = TypeVar("Found")


def wait_until(predicate: Callable[[], Found], seconds: float, pause: float = 0.05) -> Found | None:
    """Call `predicate` until what it returns is true, and return that; None after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = predicate()
        if found:
            return found
        if time.monotonic() >= end:
            return None
        time.sleep(pause)
