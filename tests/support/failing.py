"""Calls to a host that fail: the next run has to go on from whatever they left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kvmform.host.errors import HostError
from kvmform.host.host import Host

__all__ = ["CALLS", "failing", "writes"]

CALLS = ("write", "transfer")
"""The verbs of a host that change something."""


@contextmanager
def failing(number: int, *, made: bool) -> Iterator[list[str]]:
    """Let the call with this number fail, in this process.

    Args:
        number: of the call, from 1, over all threads.
        made: whether it fails although it was carried out, as when the answer is lost.

    Yields:
        The calls, as they are made; the one that failed is the last one then, if there were so many.
    """
    seen: list[str] = []
    lock = threading.Lock()

    def around(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(host: Host, operation: Any, *arguments: Any) -> Any:
            with lock:
                seen.append(str(operation))
                mine = len(seen) == number
            if mine and not made:
                raise HostError.of("No such luck", f"The test let this fail: {operation}.")
            result = call(host, operation, *arguments)
            if mine:
                raise HostError.of("No such luck", f"The test let this fail when it was done: {operation}.")
            return result

        return counted

    before = {name: getattr(Host, name) for name in CALLS}
    for name, call in before.items():
        setattr(Host, name, around(call))
    try:
        yield seen
    finally:
        for name, call in before.items():
            setattr(Host, name, call)


def writes(run: Callable[[], object]) -> int:
    """How many calls that change something a run makes."""
    with failing(0, made=False) as seen:
        run()
    return len(seen)
