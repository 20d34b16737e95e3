"""One kind of objects of a host, listed once and read when wanted: pools, networks, domains."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, cast

from kvmform.host.connection import Connection
from kvmform.host.errors import HostError, NotFoundError
from kvmform.host.listing import Listed, find_by_name, list_all, list_one, read_record
from kvmform.host.operation import Kind, Operation
from kvmform.host.records import Record

__all__ = ["Reader", "Shelf", "in_parallel"]

T = TypeVar("T")
R = TypeVar("R", bound=Record)

_READERS = 16
"""Threads that read XML. Calls on one connection are pipelined, so over ssh this many share a round trip."""


class Reader(Protocol):
    """Makes one reading call on a host: `Host.read`."""

    def __call__(self, operation: Operation, call: Callable[[Connection], T]) -> T:
        """What `call` returns; raises HostError."""


def in_parallel(work: Callable[[str], Any], identities: Sequence[str]) -> None:
    """Do work for each of the objects, several at a time; raise what the first failure raises."""
    threads = min(_READERS, len(identities))
    failures: list[HostError] = []

    def work_through(start: int, step: int) -> None:
        for identity in identities[start::step]:
            try:
                work(identity)
            except HostError as problem:
                failures.append(problem)
            if failures:
                return

    workers = [threading.Thread(target=work_through, args=(start, threads)) for start in range(1, threads)]
    for worker in workers:
        worker.start()
    work_through(0, max(1, threads))
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]


class Shelf(Generic[R]):
    """All objects of one kind. Safe for use by any number of threads.

    An object that was written is *stale*: what the list said of it no longer counts, and it
    is asked itself. Each write has a number, so that an answer that was on its way while
    the object was written is not kept.
    """

    def __init__(self, kind: Kind, read: Reader) -> None:
        self._kind = kind
        self._read = read
        self._lock = threading.Lock()
        self._listing = threading.Lock()
        self._listed: dict[str, Listed] | None = None
        self._uuids: dict[str, str] = {}
        self._records: dict[str, R] = {}
        self._writes: dict[str, int] = {}
        self._stale: set[str] = set()
        self.revision = 0
        """Counts what was forgotten: as long as it stays, all that is told stays too."""

    def all(self) -> tuple[R, ...]:
        """All objects, by name.

        Raises:
            HostError: the host can't be read.
        """
        listed = self._list()
        with self._lock:
            uuids = {*listed, *self._stale}
        self.prefetch(uuids)
        found = [record for record in map(self.get, uuids) if record is not None]
        return tuple(sorted(found, key=lambda record: record.name))

    def get(self, uuid: str) -> R | None:
        """The object with this UUID; None if there is none.

        Raises:
            HostError: the host can't be read.
        """
        with self._lock:
            if uuid in self._records:
                return self._records[uuid]
            write = self._writes.get(uuid, 0)
        listed = self._look_up(uuid)
        if listed is None:
            return None
        try:
            record = cast("R", self._read(self._reading(uuid), partial(read_record, kind=self._kind, listed=listed)))
        except NotFoundError:
            return None
        with self._lock:
            if self._writes.get(uuid, 0) == write:
                self._records[uuid] = record
        return record

    def named(self, name: str) -> R | None:
        """The object with this name; None if there is none.

        Raises:
            HostError: the host can't be read.
        """
        listed = self._list()
        with self._lock:
            uuid, was_written = self._uuids.get(name), bool(self._writes)
        record = self.get(uuid) if uuid is not None else None
        if record is not None and record.name == name:
            return record
        if not was_written:
            return None
        try:
            found = self._read(self._reading(name), partial(find_by_name, kind=self._kind, name=name))
        except NotFoundError:
            return None
        if found not in listed or listed[found].name != name:
            self.forget(found)
        return self.get(found)

    def prefetch(self, uuids: Iterable[str]) -> None:
        """Read many objects at once, in parallel; unknown ones are passed over.

        Raises:
            HostError: the host can't be read.
        """
        listed = self._list()
        with self._lock:
            known = listed.keys() | self._stale
            wanted = [uuid for uuid in uuids if uuid in known and uuid not in self._records]
        in_parallel(self.get, wanted)

    def forget(self, uuid: str) -> None:
        """Read this object anew when it is next asked for."""
        with self._lock:
            self._writes[uuid] = self._writes.get(uuid, 0) + 1
            self._records.pop(uuid, None)
            self._stale.add(uuid)
            self.revision += 1

    def forget_all(self) -> None:
        """List and read everything anew."""
        with self._lock:
            self._listed = None
            self.revision += 1
            self._records.clear()
            self._stale.clear()
            self._writes = {uuid: number + 1 for uuid, number in self._writes.items()}

    def _reading(self, identity: str) -> Operation:
        return Operation("read", self._kind, name=identity)

    def _list(self) -> dict[str, Listed]:
        with self._listing:
            if self._listed is None:
                writes = dict(self._writes)
                operation = Operation(f"list the {self._kind}s of", Kind.HOST)
                listed = self._read(operation, partial(list_all, kind=self._kind))
                with self._lock:
                    self._listed = listed
                    self._uuids = {one.name: uuid for uuid, one in listed.items()}
                    self._stale = {uuid for uuid in self._stale if self._writes[uuid] != writes.get(uuid)}
            return self._listed

    def _look_up(self, uuid: str) -> Listed | None:
        known = self._list()
        with self._lock:
            if uuid not in self._stale:
                return known.get(uuid)
            write = self._writes[uuid]
        try:
            listed = self._read(self._reading(uuid), partial(list_one, kind=self._kind, uuid=uuid))
        except NotFoundError:
            listed = None
        with self._lock:
            if self._writes[uuid] == write:
                self._stale.discard(uuid)
                self._note(uuid, listed)
        return listed

    def _note(self, uuid: str, listed: Listed | None) -> None:
        assert self._listed is not None
        if listed is None:
            self._listed.pop(uuid, None)
        else:
            self._listed[uuid] = listed
            self._uuids[listed.name] = uuid
