"""Ctrl-C, taken gracefully."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from kvmform.view import View

__all__ = ["Interruption"]


class Interruption:
    """Ctrl-C, taken gracefully while a plan is applied.

    The first (or SIGTERM) sets `stop`: what is in flight is finished, nothing more is
    begun. The second sets `abort`: what is in flight ends as soon as it can.
    """

    def __init__(self, view: View) -> None:
        self.stop = threading.Event()
        self.abort = threading.Event()
        self._view = view
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def __enter__(self) -> Self:
        for number in self._before:
            signal.signal(number, self._received)
        return self

    def __exit__(self, *_exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _received(self, _number: int, _frame: object) -> None:
        if not self.stop.is_set():
            self.stop.set()
            self._view.interrupted(again=False)
        else:
            self.abort.set()
            self._view.interrupted(again=True)
