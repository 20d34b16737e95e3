"""How far a copy is that libvirt makes on the host: nobody tells, but what is there of it can be asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kvmform.host.connection import Connection
from kvmform.host.errors import HostError
from kvmform.host.operation import Kind, Operation

if TYPE_CHECKING:
    from kvmform.host.host import Host

__all__ = ["CopyProgress", "watched_copy"]

CopyProgress = Callable[[int, int], None]
"""Takes how many bytes of a copy are there, and how many the original has."""

_PAUSE_SECONDS = 1.0


@contextmanager
def watched_copy(host: Host, pool: str, name: str, source: str, progress: CopyProgress) -> Iterator[None]:
    """Tell every second how much there is of the copy that is made in the `with` block.

    Args:
        host: where it is made.
        pool: UUID of the copy's storage pool.
        name: of the copy.
        source: key of the original.
        progress: is told.
    """
    over = threading.Event()

    def amounts(connection: Connection) -> tuple[int, int]:
        copy = connection.pool(pool).storageVolLookupByName(name)
        return copy.info()[2], connection.volume(source).info()[2]

    def watch() -> None:
        while not over.wait(_PAUSE_SECONDS):
            try:
                done, total = host.read(Operation("read", Kind.VOLUME, name=name), amounts)
            except HostError:
                continue  # It is not there yet, or the host has other worries, of which the copy itself will tell.
            progress(min(done, total), total)

    thread = threading.Thread(target=watch, name="copy-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
