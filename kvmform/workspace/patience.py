"""Telling a person what is waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

__all__ = ["told_if_slow"]

_SLOW_SECONDS = 0.4
"""What nobody notices takes less; the same in Terraform."""


@contextmanager
def told_if_slow(tell: Callable[[str], None], text: str) -> Iterator[None]:
    """Tell a text if what is done in the `with` block takes long."""
    timer = Timer(_SLOW_SECONDS, tell, (text,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
