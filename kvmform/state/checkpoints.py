"""Keeps a state that is elsewhere up to date while a run changes it.

The journal is on this machine. On one that is thrown away after a job, what a killed run had
made would be forgotten with it; so the state itself is written every few seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kvmform.diagnostics import DiagnosticError
from kvmform.state.store import StateStore

__all__ = ["checkpointed"]

_FIRST = 1.0
"""Seconds."""


@contextmanager
def checkpointed(store: StateStore) -> Iterator[None]:
    """Checkpoints as often as the place where the state is wants them; those that fail are made up for by the next."""
    seconds = store.checkpoint_seconds
    if seconds is None:
        yield
        return
    over = threading.Event()

    def keep() -> None:
        # Most labs are done in less: the first ones come sooner.
        pause = _FIRST
        while not over.wait(min(pause, seconds)):
            pause *= 2
            with suppress(DiagnosticError):
                store.checkpoint()

    thread = threading.Thread(target=keep, name="checkpoints", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
