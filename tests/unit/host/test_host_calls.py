"""How a host makes calls: reads are repeated after a loss, writes only if they were not carried out."""

from __future__ import annotations

import time
from typing import Any

import libvirt
import pytest

from kvmform.host import Host
from kvmform.host import host as host_module
from kvmform.host.connection import Connection, ConnectionPool
from kvmform.host.errors import BusyError, ConnectionLostError, HostError, InvalidStateError
from kvmform.host.operation import Kind, Operation

OPERATION = Operation("start", Kind.DOMAIN, "u")


class RawConnection:
    """Stands for a virConnect."""

    def close(self) -> None:
        pass


class Answers:
    """A call that gives these answers one after the other; an error text is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def __call__(self, _connection: Connection) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Problem):
            raise answer
        return answer


class Problem(libvirt.libvirtError):
    """A libvirtError made by hand: code, domain, message."""

    def __init__(self, code: int, domain: int, message: str) -> None:
        super().__init__(message)
        self.err = (code, domain, message, 2, None, None, None, -1, -1)


GONE = Problem(38, libvirt.VIR_FROM_RPC, "End of file while reading data: Input/output error")
NOT_SENT = Problem(1, libvirt.VIR_FROM_RPC, "internal error: client socket is closed")
BUSY = Problem(1, libvirt.VIR_FROM_STORAGE, "internal error: pool 'p' has asynchronous jobs running.")
INVALID = Problem(55, libvirt.VIR_FROM_QEMU, "Requested operation is not valid: domain is not running")


@pytest.fixture
def bare_host(monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host whose connections are nothing, and for which no time passes."""
    monkeypatch.setattr(host_module.time, "sleep", lambda _seconds: None)
    return Host("qemu:///system", ConnectionPool(RawConnection, limit=8))


def test_a_read_is_repeated_when_the_connection_breaks(bare_host: Host) -> None:
    assert bare_host.read(OPERATION, Answers(GONE, NOT_SENT, 5)) == 5


def test_a_read_gives_up_after_three_losses(bare_host: Host) -> None:
    answers = Answers(GONE, GONE, GONE, 5)
    with pytest.raises(ConnectionLostError):
        bare_host.read(OPERATION, answers)
    assert answers.answers == [5]


def test_a_write_that_may_have_happened_is_not_repeated(bare_host: Host) -> None:
    answers = Answers(GONE, 5)
    with pytest.raises(ConnectionLostError, match="Cannot start domain"):
        bare_host.write(OPERATION, answers)
    assert answers.answers == [5]


def test_a_write_that_was_not_sent_is_made_again(bare_host: Host) -> None:
    assert bare_host.write(OPERATION, Answers(NOT_SENT, 5)) == 5


def test_a_write_waits_while_the_host_is_busy(bare_host: Host) -> None:
    assert bare_host.write(OPERATION, Answers(BUSY, BUSY, BUSY, 5)) == 5


def test_waiting_for_a_busy_host_ends(bare_host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 10000, 250))
    monkeypatch.setattr(host_module.time, "monotonic", lambda: next(moments))
    with pytest.raises(BusyError):
        bare_host.write(OPERATION, Answers(*[BUSY] * 10))


def test_another_failure_of_a_write_is_told_at_once(bare_host: Host) -> None:
    with pytest.raises(InvalidStateError) as caught:
        bare_host.write(OPERATION, Answers(INVALID, 5))
    assert isinstance(caught.value.__cause__, libvirt.libvirtError)


def test_a_transfer_is_never_repeated(bare_host: Host) -> None:
    """Half of the data has gone, and the stream can't be rewound."""
    with pytest.raises(ConnectionLostError):
        bare_host.transfer(OPERATION, Answers(NOT_SENT, 5))


def test_an_error_names_the_object_by_name(host: Host, domain: str) -> None:
    """Verbs are given UUIDs, but people know names."""
    with pytest.raises(HostError, match='Cannot reset domain "web"'):
        host.write(
            Operation("reset", Kind.DOMAIN, domain),
            lambda connection: connection.domain(domain).setVcpusFlags(900, 1),
        )


def test_polling_does_not_outlast_its_time(host: Host, domain: str) -> None:
    started = time.monotonic()
    with host.bell(domain) as bell:
        bell.wait(0.05)
    assert 0.04 < time.monotonic() - started < 1
