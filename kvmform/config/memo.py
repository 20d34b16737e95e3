"""Values that were worked out already, each forgotten when something that it read changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from kvmform.address import InstanceAddress, ResourceAddress

__all__ = ["Memo", "Read"]

Read = InstanceAddress | ResourceAddress
"""What an expression read: one instance, or (a splat, depends_on) a whole resource."""

T = TypeVar("T")


class Memo:
    """Remembers values with what was read for them. One thread at a time."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[object, frozenset[Read]]] = {}
        self._readers: dict[Read, set[Hashable]] = {}
        self._recordings: list[set[Read]] = []

    def __contains__(self, key: Hashable) -> bool:
        return key in self._known

    def remembered(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The value at a key, computed now if it isn't known; what it reads counts as read here too."""
        known = self._known.get(key)
        if known is None:
            with self.recording() as reads:
                value = compute()
            known = self.put(key, value, frozenset(reads))
        self.record(*known[1])
        return known[0]  # type: ignore[return-value] # a key is always used for one kind of value

    def put(self, key: Hashable, value: object, reads: frozenset[Read] = frozenset()) -> tuple[object, frozenset[Read]]:
        """Remember a value that was worked out elsewhere."""
        for read in reads:
            self._readers.setdefault(read, set()).add(key)
        self._known[key] = (value, reads)
        return self._known[key]

    @contextmanager
    def recording(self) -> Iterator[set[Read]]:
        """Collect what is read until the end of the block."""
        reads: set[Read] = set()
        self._recordings.append(reads)
        try:
            yield reads
        finally:
            self._recordings.pop()

    def record(self, *reads: Read) -> None:
        """Note that something is read."""
        if self._recordings:
            self._recordings[-1].update(reads)

    def changed(self, read: Read) -> None:
        """Something is not what it was: forget all that was made from it."""
        for key in self._readers.pop(read, ()):
            self._known.pop(key, None)
