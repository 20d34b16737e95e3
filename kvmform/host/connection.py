"""Connections to one host: opening, sharing among threads, reopening after a loss.

libvirtd serves at most five calls of one connection at a time (`max_client_requests`).
Short calls don't notice, as they are pipelined; long ones (starting, powering off, copying)
queue up behind each other. So a host has a small pool of connections: a call goes to the
one with the fewest long calls, and a further one is opened only when all are full.
In-process drivers (`test:///`) keep their objects in the connection, hence have exactly one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from enum import IntEnum
from typing import Any

from kvmform.host.binding import libvirt
from kvmform.host.errors import HostError
from kvmform.host.operation import Kind

__all__ = ["Connection", "ConnectionPool", "Load"]

REQUESTS_AT_A_TIME = 5
"""How many calls libvirtd executes at a time for one connection, by default."""

_REOPEN_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class Load(IntEnum):
    """How much of a connection a call takes up, of :data:`REQUESTS_AT_A_TIME`."""

    SHORT = 0
    LONG = 1
    STREAM = 5


class Connection:
    """One open connection, and the libvirt objects already looked up through it.

    An object is only a name and a UUID on this side, so keeping it saves a round trip per
    call and does no harm: if it is gone, the call that uses it says so.
    """

    __slots__ = ("_objects", "load", "raw")

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.load = 0
        self._objects: dict[tuple[Kind, str], Any] = {}

    def pool(self, uuid: str) -> Any:
        """The storage pool with this UUID (virStoragePool)."""
        return self.object(Kind.POOL, uuid)

    def network(self, uuid: str) -> Any:
        """The network with this UUID (virNetwork)."""
        return self.object(Kind.NETWORK, uuid)

    def domain(self, uuid: str) -> Any:
        """The domain with this UUID (virDomain)."""
        return self.object(Kind.DOMAIN, uuid)

    def volume(self, key: str) -> Any:
        """The storage volume with this key, in any active pool (virStorageVol)."""
        return self.object(Kind.VOLUME, key)

    def object(self, kind: Kind, identity: str, *, anew: bool = False) -> Any:
        """An object by its UUID or key; looked up again if `anew`, as its name may have changed.

        Raises:
            libvirtError: for the caller to explain; "not found" if it is gone.
        """
        found = None if anew else self._objects.get((kind, identity))
        if found is None:
            found = self._look_up(kind, identity)
            self._objects[kind, identity] = found
        return found

    def remember(self, kind: Kind, identity: str, handle: Any) -> None:
        """Keep an object that libvirt has just handed out."""
        self._objects[kind, identity] = handle

    def forget(self) -> None:
        """Look every object up again when it is next used: libvirt knows volumes by the names of their pools."""
        self._objects.clear()

    def name_of(self, kind: Kind, identity: str) -> str:
        """What a user calls an object that was used before; empty if that isn't known without a call."""
        found = self._objects.get((kind, identity))
        return "" if found is None or kind is Kind.VOLUME else str(found.name())

    def _look_up(self, kind: Kind, identity: str) -> Any:
        match kind:
            case Kind.POOL:
                return self.raw.storagePoolLookupByUUIDString(identity)
            case Kind.NETWORK:
                return self.raw.networkLookupByUUIDString(identity)
            case Kind.VOLUME:
                return self.raw.storageVolLookupByKey(identity)
            case _:
                return self.raw.lookupByUUIDString(identity)


class ConnectionPool:
    """The connections of one host. Safe for use by any number of threads."""

    def __init__(self, open_one: Callable[[], Any], limit: int) -> None:
        """Open the first connection.

        Args:
            open_one: opens a virConnect, or raises UnreachableError.
            limit: how many connections there may be; 1 makes calls take turns.
        """
        self._open_one = open_one
        self._limit = limit
        self._changed = threading.Condition()
        self._turn = threading.RLock() if limit == 1 else nullcontext()
        self._opening = 0
        self._waiting = 0  # loads of those who wait for connections that are being opened
        self._connections: list[Connection] = []
        self._connections.append(Connection(open_one()))

    @contextmanager
    def lease(self, load: Load = Load.SHORT) -> Iterator[Connection]:
        """The connection to make one call with.

        Raises:
            HostError: there is no connection, and none can be opened.
        """
        connection = self._acquire(load)
        try:
            with self._turn:
                yield connection
        finally:
            with self._changed:
                connection.load -= load

    def forget_objects(self) -> None:
        """Let no connection use an object that it has looked up before."""
        with self._changed:
            for connection in self._connections:
                connection.forget()

    def discard(self, connection: Connection) -> None:
        """Use a broken connection no more, nor those opened along with it: it is the daemon that went.

        They are closed when the last thread that is in a call lets go of them.
        """
        with self._changed:
            if connection in self._connections:
                self._connections.clear()

    def close(self) -> None:
        """Close all connections."""
        with self._changed:
            connections, self._connections = self._connections, []
        for connection in connections:
            _close_quietly(connection.raw)

    def _acquire(self, load: Load) -> Connection:
        wanted = max(load, Load.LONG)
        with self._changed:
            while (free := self._free(wanted)) is None and self._is_being_opened(wanted):
                self._waiting += wanted
                self._changed.wait()
                self._waiting -= wanted
            if free is not None:
                free.load += load
                return free
            self._opening += 1
            self._waiting += wanted
            is_lost = not self._connections
        try:
            fresh = Connection(self._reopen() if is_lost else self._open_one())
        except HostError:
            survivor = self._make_do(load)
            if survivor is None:
                raise
            return survivor
        else:
            with self._changed:
                fresh.load += load
                self._connections.append(fresh)
            return fresh
        finally:
            with self._changed:
                self._opening -= 1
                self._waiting -= wanted
                self._changed.notify_all()

    def _free(self, wanted: int) -> Connection | None:
        """The connection with the fewest long calls, unless it is full and there can be more."""
        best = min(self._connections, key=lambda one: one.load, default=None)
        if best is None or best.load + wanted <= REQUESTS_AT_A_TIME:
            return best
        return best if len(self._connections) >= self._limit else None

    def _is_being_opened(self, wanted: int) -> bool:
        """Whether a connection that this call fits on is on its way, or no further one may be opened."""
        if not self._opening:
            return False
        has_room = self._waiting + wanted <= self._opening * REQUESTS_AT_A_TIME
        return has_room or len(self._connections) + self._opening >= self._limit

    def _make_do(self, load: Load) -> Connection | None:
        """The host takes no more connections (max_clients, sshd's limits), so use those there are, if any."""
        with self._changed:
            if not self._connections:
                return None
            self._limit = len(self._connections)
            best = min(self._connections, key=lambda one: one.load)
            best.load += load
            return best

    def _reopen(self) -> Any:
        """Connect again after a loss: a daemon that crashed is back in 0.1 to 1 s."""
        for pause in _REOPEN_PAUSES:
            try:
                return self._open_one()
            except HostError:
                time.sleep(pause)
        return self._open_one()


def _close_quietly(raw: Any) -> None:
    try:
        raw.close()
    except libvirt.libvirtError:
        return
