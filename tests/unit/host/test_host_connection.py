"""The connection pool: who gets which connection, when another is opened, and what a loss does."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import Any

import pytest

from kvmform.host import connection as connection_module
from kvmform.host.connection import REQUESTS_AT_A_TIME, ConnectionPool, Load
from kvmform.host.errors import UnreachableError
from kvmform.host.operation import Kind


class RawConnection:
    """Stands for a virConnect; counts look-ups."""

    def __init__(self) -> None:
        self.lookups = 0
        self.is_open = True

    def lookupByUUIDString(self, uuid: str) -> str:  # noqa: N802 - libvirt's name
        self.lookups += 1
        return f"domain {uuid}"

    def close(self) -> None:
        self.is_open = False


class Opener:
    """Opens raw connections, as many as it is told to."""

    def __init__(self, limit: int = 100) -> None:
        self.opened: list[RawConnection] = []
        self.limit = limit

    def __call__(self) -> Any:
        if len(self.opened) >= self.limit:
            raise UnreachableError.of("Cannot connect")
        self.opened.append(RawConnection())
        return self.opened[-1]


def test_the_first_connection_is_opened_at_once_and_serves_short_calls_alone() -> None:
    opener = Opener()
    pool = ConnectionPool(opener, limit=8)
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(pool.lease())
    assert len(opener.opened) == 1


def test_another_is_opened_when_all_are_full_of_long_calls() -> None:
    opener = Opener()
    pool = ConnectionPool(opener, limit=3)
    with ExitStack() as stack:
        leased = [stack.enter_context(pool.lease(Load.LONG)) for _ in range(3 * REQUESTS_AT_A_TIME + 2)]
        assert len(opener.opened) == 3
        assert sorted(leased.count(one) for one in set(leased)) == [5, 6, 6]
    with pool.lease(Load.LONG) as connection:
        assert connection.load == 1


def test_callers_that_come_at_once_share_what_is_being_opened() -> None:
    """Over ssh opening takes a third of a second, and sshd refuses a crowd."""

    class SlowOpener(Opener):
        def __call__(self) -> Any:
            time.sleep(0.05)
            return super().__call__()

    opener = SlowOpener()
    pool = ConnectionPool(opener, limit=8)
    all_leased = threading.Barrier(12)

    def use() -> None:
        with pool.lease(Load.LONG):
            all_leased.wait(10)

    threads = [threading.Thread(target=use) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opener.opened) == 3


def test_a_stream_has_a_connection_of_its_own() -> None:
    opener = Opener()
    pool = ConnectionPool(opener, limit=8)
    with pool.lease(Load.STREAM) as first, pool.lease(Load.STREAM) as second, pool.lease() as third:
        assert len({id(first), id(second), id(third)}) == 3


def test_a_host_that_takes_no_more_connections_is_used_with_those_there_are() -> None:
    opener = Opener(limit=2)
    pool = ConnectionPool(opener, limit=8)
    with ExitStack() as stack:
        leased = [stack.enter_context(pool.lease(Load.LONG)) for _ in range(20)]
        assert len(set(leased)) == 2


def test_objects_are_looked_up_once_per_connection() -> None:
    pool = ConnectionPool(Opener(), limit=1)
    with pool.lease() as connection:
        assert connection.domain("u") == connection.domain("u") == "domain u"
        assert connection.raw.lookups == 1
        connection.object(Kind.DOMAIN, "u", anew=True)
        assert connection.raw.lookups == 2


def test_calls_on_a_sole_connection_take_turns() -> None:
    pool = ConnectionPool(Opener(), limit=1)
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            with pool.lease():
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_loss_discards_all_connections_of_that_time_once() -> None:
    opener = Opener()
    pool = ConnectionPool(opener, limit=8)
    with pool.lease(Load.STREAM) as first, pool.lease(Load.STREAM) as second:
        pool.discard(first)
        with pool.lease() as fresh:
            assert fresh not in (first, second)
        pool.discard(second)
        with pool.lease() as again:
            assert again is fresh


def test_after_a_loss_opening_is_tried_again_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    opener = Opener()
    pool = ConnectionPool(opener, limit=8)
    opener.limit = 1
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        opener.limit = 100 if len(pauses) == 3 else 1

    monkeypatch.setattr(connection_module.time, "sleep", pause)
    with pool.lease() as connection:
        pool.discard(connection)
    with pool.lease() as fresh:
        assert fresh is not connection
    assert len(pauses) == 3


def test_threads_that_come_after_a_loss_open_one_connection_between_them() -> None:
    opener = Opener()
    pool = ConnectionPool(opener, limit=8)
    with pool.lease() as connection:
        pool.discard(connection)
    begin = threading.Barrier(8)

    def use() -> None:
        begin.wait()
        with pool.lease():
            pass

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opener.opened) == 2


def test_closing_closes_all() -> None:
    opener = Opener()
    pool = ConnectionPool(opener, limit=8)
    with pool.lease(Load.STREAM), pool.lease(Load.STREAM):
        pass
    pool.close()
    assert [raw.is_open for raw in opener.opened] == [False, False]
