"""Make and remove volumes so that none is ever left behind, whenever a run is cut off.

For all types whose objects are volumes. State is told a volume's key before the volume is
made, so it knows of everything that may exist; what it knows of and isn't there is harmless.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from kvmform.diagnostics import DiagnosticError
from kvmform.host.errors import HostError, NameTakenError
from kvmform.host.host import Host
from kvmform.host.pools import refresh_pool, start_pool, stop_pool
from kvmform.host.records import PoolRecord
from kvmform.host.volumes import create_volume, delete_volume
from kvmform.resources.volume.place import key_in
from kvmform.schema import Plain

__all__ = ["Make", "make_volume", "remove_volume", "removed_on_failure"]


Make = Callable[[Host, str, str], str]
"""Makes a volume in a storage pool (by UUID), by its XML, and returns its key."""


def make_volume(
    host: Host,
    pool: PoolRecord,
    name: str,
    xml: str,
    record: Callable[[str | None], None],
    make: Make | None = None,
) -> str:
    """Make a volume, and return its key; `record` is told the key beforehand where it is known.

    It is without content, unless `make` gives it one.

    Raises:
        DiagnosticError: the pool has a volume or a file of this name, which then stays as it is; or is full.
    """
    expected = key_in(pool, name)
    if expected is not None:
        if host.inventory.volumes.get(expected) is not None:
            raise DiagnosticError.of(
                "Volume already exists",
                f"The host has a volume {expected} that is not in this state, so it is left alone. Choose another "
                "name, or delete it on the host if nobody needs it.",
            )
        record(expected)
    try:
        key = _create(host, pool, xml, make or create_volume)
    except NameTakenError:
        record(None)
        raise
    if key != expected:
        record(key)
    return key


def _create(host: Host, pool: PoolRecord, xml: str, make: Make) -> str:
    """Create the volume, also where the pool still lists one whose file was deleted past libvirt."""
    try:
        return make(host, pool.uuid, xml)
    except NameTakenError as problem:
        refresh_pool(host, pool.uuid)
        with suppress(NameTakenError):
            return make(host, pool.uuid, xml)
        raise problem from None  # The first answer names the file that is in the way.


@contextmanager
def removed_on_failure(host: Host, key: str) -> Iterator[None]:
    """While a volume is filled: if that fails, nothing of it stays."""
    try:
        yield
    except DiagnosticError:
        with suppress(HostError):
            delete_volume(host, key)
        raise


def remove_volume(host: Host, key: str, pool: Plain) -> None:
    """Delete a volume; its storage pool (by name) is started for that if it is not active, and stopped again.

    Raises:
        DiagnosticError: it can't be deleted.
    """
    with _waking:
        record = host.inventory.pools.named(pool) if isinstance(pool, str) else None
        if record is not None and not record.active:
            start_pool(host, record.uuid)
            try:
                delete_volume(host, key)
            finally:
                stop_pool(host, record.uuid)
            return
    delete_volume(host, key)


_waking = threading.Lock()
"""Whoever woke a storage pool has done with it before another looks whether it is active."""
