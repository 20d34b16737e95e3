"""libvirt's errors become diagnostics that say what was done, what the host answered, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from errno import EACCES, ENOENT, ENOSPC, ENOTEMPTY

import libvirt
import pytest

from kvmform.host import errors
from kvmform.host.errors import (
    BusyError,
    ConnectionLostError,
    DeniedError,
    HostError,
    InvalidStateError,
    NameTakenError,
    NoSpaceError,
    NotEmptyError,
    NotFoundError,
    UnsupportedError,
    explain,
)
from kvmform.host.operation import Kind, Operation

URI = "qemu:///system"
START = Operation("start", Kind.DOMAIN, name="web")


@dataclass
class LibvirtProblem:
    """What kvmform uses of a libvirtError."""

    code: int
    message: str
    domain: int = libvirt.VIR_FROM_QEMU
    errno: int = -1

    def get_error_code(self) -> int:
        return self.code

    def get_error_message(self) -> str:
        return self.message

    def get_error_domain(self) -> int:
        return self.domain

    def get_int1(self) -> int:
        return self.errno


# All of these were provoked on libvirt 9.0.
ANSWERS = [
    (42, "Domain not found: no domain with matching name 'x'", NotFoundError, ""),
    (43, "Network not found: no network with matching name 'x'", NotFoundError, ""),
    (49, "Storage pool not found: no storage pool with matching name 'x'", NotFoundError, ""),
    (50, "Storage volume not found: no storage vol with matching key /x", NotFoundError, ""),
    (72, "Domain snapshot not found: no domain snapshot with matching name 'x'", NotFoundError, ""),
    (99, "device not found: no target device vdb", NotFoundError, ""),
    (9, "operation failed: pool 'p' already exists with uuid f056", NameTakenError, "Import it"),
    (90, "storage volume 'v' exists already", NameTakenError, "Import it"),
    (55, "storage volume target path '/p/v' already exists", NameTakenError, "Import it"),
    (9, "operation failed: Storage source conflict with pool: 'p'", NameTakenError, "same target"),
    (1, "internal error: bridge name 'brx' already in use.", NameTakenError, "Leave the bridge's name out"),
    (1, "internal error: Network is already in use by interface virbr0", NameTakenError, "another range"),
    (1, "internal error: pool 'p' has asynchronous jobs running.", BusyError, "Try again"),
    (55, "Requested operation is not valid: domain is already running", InvalidStateError, ""),
    (1, "internal error: domain 'web' not running", InvalidStateError, ""),
    (86, "Guest agent is not responding: QEMU guest agent is not connected", InvalidStateError, "not started yet"),
    (1, 'process exited: Failed to get "write" lock', InvalidStateError, "volume of its own"),
    (38, "cannot allocate 104857600 bytes in file '/p/v': No space left on device", NoSpaceError, "Make room"),
    (38, "failed to remove pool '/p': Directory not empty", NotEmptyError, "no file is deleted with a directory"),
    (38, "cannot open file '/root/x.img': Permission denied", DeniedError, "/var/lib/libvirt/images"),
    (45, "authentication failed: access denied by policy", DeniedError, "group libvirt"),
    (
        67,
        "unsupported configuration: internal snapshot for disk vda unsupported for storage type raw",
        UnsupportedError,
        "Convert the volume to qcow2",
    ),
    (67, "unsupported configuration: No emulator found for arch 'sparc'", UnsupportedError, "virsh domcapabilities"),
    (1, "Bus 'ide.2' does not support hotplugging", UnsupportedError, "pcie-root-port"),
    (91, "the CPU is incompatible with host CPU: missing features: svm", UnsupportedError, "host-model"),
    (84, "Operation not supported: can't update 'bridge' section of network 'n0'", UnsupportedError, ""),
    (3, "this function is not supported by the connection driver: virStorageVolResize", UnsupportedError, ""),
    (8, "unsupported flags (0x4) in function testDomainUndefineFlags", UnsupportedError, ""),
    (8, "invalid argument: cannot set memory higher than max memory", HostError, ""),
    (38, "cannot open directory '/p': No such file or directory", HostError, "Check the path"),
]


@pytest.mark.parametrize(("code", "message", "kind", "advice"), ANSWERS, ids=[answer[1][:50] for answer in ANSWERS])
def test_an_answer_has_its_class_and_its_advice(code: int, message: str, kind: type[HostError], advice: str) -> None:
    failure = explain(LibvirtProblem(code, message), START, URI)
    assert type(failure) is kind
    assert failure.code == code
    assert advice in failure.diagnostics[0].detail


@pytest.mark.parametrize(
    ("errno", "kind"),
    [(EACCES, DeniedError), (ENOSPC, NoSpaceError), (ENOTEMPTY, NotEmptyError), (ENOENT, HostError), (-1, HostError)],
)
def test_an_error_of_the_kernel_is_known_in_any_language(errno: int, kind: type[HostError]) -> None:
    failure = explain(LibvirtProblem(38, "geht nicht: aus einem anderen Grund", errno=errno), START, URI)
    assert type(failure) is kind
    assert failure.errno == max(errno, 0)
    assert explain(LibvirtProblem(9, "something else", errno=errno), START, URI).errno == 0


def test_the_summary_says_what_was_being_done() -> None:
    failure = explain(LibvirtProblem(55, "Requested operation is not valid: x"), START, URI)
    assert failure.diagnostics[0].summary == 'Cannot start domain "web"'
    assert failure.diagnostics[0].detail == f"The host {URI} answered: Requested operation is not valid: x."


def test_an_object_without_a_known_name_is_told_by_its_id() -> None:
    assert str(Operation("delete", Kind.VOLUME, "/images/web")) == 'delete storage volume "/images/web"'
    assert str(Operation("define", Kind.POOL)) == "define storage pool"


@pytest.mark.parametrize(
    ("code", "message", "was_sent"),
    [
        (38, "End of file while reading data: Input/output error", True),
        (1, "internal error: connection closed due to keepalive timeout", True),
        (38, "Cannot write data: Broken pipe", False),
        (1, "internal error: client socket is closed", False),
    ],
)
def test_a_lost_connection_says_whether_the_call_went_out(code: int, message: str, was_sent: bool) -> None:
    failure = explain(LibvirtProblem(code, message, libvirt.VIR_FROM_RPC), START, URI)
    assert isinstance(failure, ConnectionLostError)
    assert failure.was_sent is was_sent


def test_a_broken_stream_is_no_lost_connection() -> None:
    problem = LibvirtProblem(38, "Unable to write /p/v: No space left on device", libvirt.VIR_FROM_STREAMS)
    assert type(explain(problem, START, URI)) is NoSpaceError


def test_the_class_tree_in_the_docstring_is_complete() -> None:
    """Whoever adds a class adds it to the picture."""
    classes = [name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, HostError)]
    assert all(name in (errors.__doc__ or "") for name in classes)
    assert set(classes) <= set(errors.__all__)
