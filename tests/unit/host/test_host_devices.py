"""Recognising a device again, to see whether a guest has let go of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kvmform.host import Affect, Host
from kvmform.host import devices as devices_module
from kvmform.host.devices import _is_same, detach_device
from kvmform.host.elements import parse
from kvmform.host.errors import HostError, NotFoundError, StoppedError, TimedOutError
from kvmform.host.operation import Operation

DISK = "<disk><source file='/p/a'/><target dev='vdb' bus='virtio'/></disk>"


@pytest.mark.parametrize(
    ("wanted", "other", "same"),
    [
        (DISK, "<disk><source file='/p/b'/><target dev='vdb'/><alias name='x'/></disk>", True),
        (DISK, "<disk><source file='/p/a'/><target dev='vda'/></disk>", False),
        (
            "<interface><mac address='52:54:00:AA:00:01'/><target dev='vnet1'/></interface>",
            "<interface><mac address='52:54:00:aa:00:01'/><target dev='vnet2'/></interface>",
            True,
        ),
        (
            "<interface><mac address='52:54:00:aa:00:01'/></interface>",
            "<interface><mac address='52:54:00:aa:00:02'/></interface>",
            False,
        ),
        ("<rng><alias name='rng1'/></rng>", "<rng><alias name='rng1'/></rng>", True),
        ("<rng><alias name='rng1'/></rng>", "<rng><alias name='rng0'/></rng>", False),
        ("<hostdev><address bus='1' slot='2'/></hostdev>", "<hostdev><address bus='1' slot='2'/></hostdev>", True),
        ("<hostdev><address bus='1' slot='2'/></hostdev>", "<hostdev><address bus='1' slot='3'/></hostdev>", False),
        ("<watchdog model='i6300esb'/>", "<watchdog model='i6300esb'/>", False),
    ],
)
def test_a_device_is_known_by_what_identifies_its_kind(wanted: str, other: str, same: bool) -> None:
    assert _is_same(parse(wanted), parse(other)) is same


class Guest:
    """A running domain with one disk, which it gives up when it was asked for the third time, or never."""

    def __init__(self, patience: int = 3, failure: HostError | None = None) -> None:
        self.patience = patience
        self.failure = failure
        self.asked: list[int] = []

    def domain(self, _uuid: str) -> Guest:
        return self

    def XMLDesc(self, _flags: int) -> str:  # noqa: N802 - libvirt's name
        disk = DISK if len(self.asked) < self.patience else ""
        return f"<domain><devices>{disk}</devices></domain>"

    def detachDeviceFlags(self, _xml: str, flags: int) -> None:  # noqa: N802 - libvirt's name
        self.asked.append(flags)
        if self.failure is not None and len(self.asked) > 1:
            raise self.failure
        if len(self.asked) > self.patience:
            raise NotFoundError.of("Cannot detach", "device not found")


def put(guest: Guest, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the host have this guest, and ask it again at every look."""

    def call(_operation: Operation, work: Any) -> Any:
        return work(guest)

    monkeypatch.setattr(host, "read", call)
    monkeypatch.setattr(host, "write", call)
    monkeypatch.setattr(devices_module, "_REPEAT_SECONDS", 0)
    monkeypatch.setattr(devices_module, "_name", lambda _host, _uuid: "web")


def test_a_guest_is_asked_until_it_lets_go(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest that boots drops the request without a word."""
    guest = Guest(patience=3)
    put(guest, host, monkeypatch)
    detach_device(host, "u", DISK, Affect.LIVE, timeout=10)
    assert guest.asked == [1, 1, 1]


def test_the_definition_is_changed_before_the_guest_is_asked(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = Guest(patience=2)
    put(guest, host, monkeypatch)
    detach_device(host, "u", DISK, Affect.BOTH, timeout=10)
    assert guest.asked == [2, 1]


def test_the_definition_alone_is_not_waited_for(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = Guest(patience=99)
    put(guest, host, monkeypatch)
    detach_device(host, "u", DISK, Affect.CONFIG, timeout=10)
    assert guest.asked == [2]


def test_a_repeated_request_may_be_refused_while_the_first_is_worked_on(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = Guest(patience=3, failure=HostError.of("Cannot detach", "Device vdb is already in the process of unplug"))
    put(guest, host, monkeypatch)
    detach_device(host, "u", DISK, Affect.LIVE, timeout=10)
    assert len(guest.asked) == 3


def test_another_failure_of_a_repeated_request_is_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = Guest(patience=3, failure=HostError.of("Cannot detach", "the monitor has gone"))
    put(guest, host, monkeypatch)
    with pytest.raises(HostError, match="Cannot detach"):
        detach_device(host, "u", DISK, Affect.LIVE, timeout=10)


def test_a_guest_that_keeps_a_device_is_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    put(Guest(patience=99), host, monkeypatch)
    with pytest.raises(TimedOutError, match='Cannot detach a device from domain "web"'):
        detach_device(host, "u", DISK, Affect.LIVE, timeout=0)


def test_waiting_for_a_device_can_be_stopped(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    put(Guest(patience=99), host, monkeypatch)
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        detach_device(host, "u", DISK, Affect.LIVE, timeout=30, stop=stop)
