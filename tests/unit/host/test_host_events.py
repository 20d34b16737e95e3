"""Bells: they ring for their own domain only, and nothing is lost if there are no events at all."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from kvmform.host import Host
from kvmform.host import events as events_module
from kvmform.host.errors import StoppedError, UnreachableError
from kvmform.host.events import Bell, Bells
from kvmform.host.waiting import poll


class RawConnection:
    """Stands for a virConnect; keeps the callbacks."""

    def __init__(self) -> None:
        self.callbacks: list[Any] = []
        self.is_open = True

    def domainEventRegisterAny(self, _domain: None, _event: int, callback: Any, _opaque: None) -> None:  # noqa: N802 - libvirt's name
        self.callbacks.append(callback)

    def close(self) -> None:
        self.is_open = False


class Domain:
    """Stands for a virDomain in a callback."""

    def __init__(self, uuid: str) -> None:
        self.uuid = uuid

    def UUIDString(self) -> str:  # noqa: N802 - libvirt's name
        return self.uuid


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> RawConnection:
    monkeypatch.setattr(events_module, "start_event_loop", lambda: None)
    return RawConnection()


def seconds_to_hear(bell: Bell, limit: float) -> float:
    started = time.monotonic()
    bell.wait(limit)
    return time.monotonic() - started


def test_a_bell_rings_for_its_domain_only(raw: RawConnection) -> None:
    bells = Bells(lambda: raw)
    with bells.hung("a") as mine, bells.hung("b") as other:
        raw.callbacks[0](None, Domain("a"), 5, 1, None)
        assert seconds_to_hear(mine, 5) < 1
        assert seconds_to_hear(other, 0.05) >= 0.04


def test_a_ring_before_the_wait_is_heard_and_only_once(raw: RawConnection) -> None:
    with Bells(lambda: raw).hung("a") as bell:
        bell.ring()
        assert seconds_to_hear(bell, 5) < 1
        assert seconds_to_hear(bell, 0.05) >= 0.04


def test_the_connection_for_events_is_opened_with_the_first_bell_and_closed(raw: RawConnection) -> None:
    bells = Bells(lambda: raw)
    assert not raw.callbacks
    with bells.hung("a"), bells.hung("a"):
        assert len(raw.callbacks) == 4
    bells.close()
    assert not raw.is_open


def test_without_events_a_bell_is_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "start_event_loop", lambda: None)

    def fail() -> Any:
        raise UnreachableError.of("Cannot connect")

    for bells in (Bells(None), Bells(fail)):
        with bells.hung("a") as bell:
            assert 0.04 <= seconds_to_hear(bell, 0.05) < 1


def test_a_bell_hangs_no_longer_than_its_block(raw: RawConnection) -> None:
    bells = Bells(lambda: raw)
    with bells.hung("a") as bell:
        pass
    raw.callbacks[0](None, Domain("a"))
    assert seconds_to_hear(bell, 0.05) >= 0.04


def test_polling_looks_at_least_once(host: Host) -> None:
    assert poll(host, "u", lambda: True, timeout=0)
    assert not poll(host, "u", lambda: False, timeout=0)


def test_polling_ends_when_it_is_done(host: Host) -> None:
    looks = iter([False, False, True])
    assert poll(host, "u", lambda: next(looks), timeout=10)


def test_polling_can_be_stopped_from_another_thread(host: Host) -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    started = time.monotonic()
    with pytest.raises(StoppedError, match="Interrupted"):
        poll(host, "u", lambda: False, timeout=30, stop=stop)
    assert time.monotonic() - started < 2
