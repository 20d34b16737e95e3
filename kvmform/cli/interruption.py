"""Ctrl-C, and a reader that went away, taken gracefully."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from kvmform.apply.events import Event
    from kvmform.view import View

__all__ = ["Interruption"]


class Interruption:
    """Ctrl-C, taken gracefully while a plan is applied.

    The first (or SIGTERM) sets `stop`: what is in flight is finished, nothing more is
    begun. The second sets `abort`: what is in flight ends as soon as it can. If nobody hears
    any more what is told (the reader of a pipe went away, a disk is full), that counts as the first.
    """

    def __init__(self, view: View) -> None:
        self.stop = threading.Event()
        self.abort = threading.Event()
        self.unheard: OSError | None = None
        """Why nothing more can be told."""
        self._view = view
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def __enter__(self) -> Self:
        for number in self._before:
            signal.signal(number, self._received)
        return self

    def __exit__(self, *_exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def event(self, event: Event) -> None:
        """Tell of what happens while applying."""
        try:
            self._view.event(event)
        except OSError as problem:
            self.unheard = problem
            self.stop.set()

    def _received(self, _number: int, _frame: object) -> None:
        again = self.stop.is_set()
        (self.abort if again else self.stop).set()
        try:
            self._view.interrupted(again=again)
        except OSError as problem:
            self.unheard = problem
