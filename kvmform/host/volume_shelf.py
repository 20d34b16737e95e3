"""The storage volumes of a host, listed once per pool and read when wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from kvmform.host.connection import Connection
from kvmform.host.elements import parse, text_of
from kvmform.host.errors import InvalidStateError, NotFoundError
from kvmform.host.operation import Kind, Operation
from kvmform.host.records import VolumeRecord
from kvmform.host.shelf import Reader, in_parallel

__all__ = ["VolumeShelf"]


class VolumeShelf:
    """All volumes of all active pools. Safe for use by any number of threads.

    A pool in which something was written has no list until all of it is wanted again;
    meanwhile single volumes are looked up by themselves.
    """

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._keys: dict[str, dict[str, str]] = {}  # pool's UUID → volume's name → key
        self._pools: dict[str, str] = {}  # volume's key → pool's UUID
        self._records: dict[str, VolumeRecord] = {}
        self._writes: dict[str, int] = {}  # volume's key → number of its last write
        self._last_write = 0
        self._written_pools: set[str] = set()

    @property
    def revision(self) -> int:
        """Counts the writes: as long as it stays, all that is told stays too."""
        return self._last_write

    def of(self, pool: str) -> tuple[VolumeRecord, ...]:
        """All volumes of a pool (by UUID), by name; none if it is inactive or gone.

        Raises:
            HostError: the host can't be read.
        """
        keys = self._list(pool).values()
        self.prefetch(keys)
        found = [record for record in map(self.get, keys) if record is not None]
        return tuple(sorted(found, key=lambda record: record.name))

    def count(self, pool: str) -> int:
        """How many volumes a pool (by UUID) has; none are seen if it is inactive.

        Raises:
            HostError: the host can't be read.
        """
        return len(self._list(pool))

    def get(self, key: str) -> VolumeRecord | None:
        """The volume with this key (for files, the path); None if there is none in an active pool.

        Raises:
            HostError: the host can't be read.
        """
        with self._lock:
            if key in self._records:
                return self._records[key]
            write = self._writes.get(key, 0)
        pool = self._pool_of(key)
        if pool is None:
            return None
        try:
            record = self._read(self._reading(key), lambda connection: _record(connection, key, pool))
        except (NotFoundError, InvalidStateError):
            return None
        with self._lock:
            if self._writes.get(key, 0) == write:
                self._records[key] = record
        return record

    def named(self, pool: str, name: str) -> VolumeRecord | None:
        """The volume of this name in a pool (by UUID); None if there is none, or the pool is inactive.

        Raises:
            HostError: the host can't be read.
        """
        with self._lock:
            is_written = pool in self._written_pools
        if not is_written:
            key = self._list(pool).get(name)
            return None if key is None else self.get(key)
        try:
            key = self._read(
                self._reading(name),
                lambda connection: str(connection.pool(pool).storageVolLookupByName(name).key()),
            )
        except (NotFoundError, InvalidStateError):
            return None
        with self._lock:
            self._pools[key] = pool
        return self.get(key)

    def prefetch(self, keys: Iterable[str]) -> None:
        """Read many volumes at once, in parallel; those that don't exist are passed over.

        Raises:
            HostError: the host can't be read.
        """
        wanted = [key for key in keys if key not in self._records]
        # One after the other: the first of a pool brings the list of all the others.
        in_parallel(self.get, [key for key in wanted if self._pool_of(key) is not None])

    def forget(self, key: str, pool: str | None = None) -> None:
        """Read this volume anew when it is next asked for; `pool` is needed for a new one."""
        with self._lock:
            self._note_write(key)
            known = self._pools.pop(key, None)
            home = pool or known
            if home is not None:
                self._keys.pop(home, None)
                self._written_pools.add(home)

    def forget_pool(self, pool: str) -> None:
        """List this pool and read its volumes anew."""
        with self._lock:
            for key in [key for key, home in self._pools.items() if home == pool]:
                self._note_write(key)
                del self._pools[key]
            self._last_write += 1
            self._keys.pop(pool, None)
            self._written_pools.discard(pool)

    def _note_write(self, key: str) -> None:
        self._last_write += 1
        self._writes[key] = self._last_write
        self._records.pop(key, None)

    def _reading(self, identity: str) -> Operation:
        return Operation("read", Kind.VOLUME, name=identity)

    def _list(self, pool: str) -> dict[str, str]:
        with self._lock:
            if pool in self._keys:
                return self._keys[pool]
            write = self._last_write
        operation = Operation("list the volumes of", Kind.POOL, name=pool)
        try:
            keys = self._read(operation, lambda connection: _list_keys(connection, pool))
        except (NotFoundError, InvalidStateError):
            return {}
        with self._lock:
            if self._last_write == write:
                self._keys[pool] = keys
                self._written_pools.discard(pool)
                self._pools.update(dict.fromkeys(keys.values(), pool))
        return keys

    def _pool_of(self, key: str) -> str | None:
        with self._lock:
            if key in self._pools:
                return self._pools[key]
        try:
            pool = self._read(self._reading(key), lambda connection: _locate(connection, key))
        except NotFoundError:
            return None
        with self._lock:
            self._pools[key] = pool
            is_written = pool in self._written_pools
        if not is_written:
            self._list(pool)
        return pool


def _list_keys(connection: Connection, pool: str) -> dict[str, str]:
    keys = {}
    for handle in connection.pool(pool).listAllVolumes(0):
        key = keys[handle.name()] = handle.key()
        connection.remember(Kind.VOLUME, key, handle)
    return keys


def _locate(connection: Connection, key: str) -> str:
    return str(connection.object(Kind.VOLUME, key, anew=True).storagePoolLookupByVolume().UUIDString())


def _record(connection: Connection, key: str, pool: str) -> VolumeRecord:
    volume = connection.volume(key)
    xml = str(volume.XMLDesc(0))
    return VolumeRecord(key, str(volume.name()), text_of(parse(xml), "target/path", key), pool, xml)
