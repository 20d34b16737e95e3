"""libvirt's errors as diagnostics.

::

    DiagnosticError
     └─ HostError
         ├─ UnreachableError      the host can't be connected to
         ├─ ConnectionLostError   the connection broke in the middle of a call
         ├─ NotFoundError         the object is gone
         ├─ NameTakenError        another object has the name, UUID, path or key
         ├─ InvalidStateError     not possible as the object is now (running, inactive, in use)
         ├─ BusyError             not possible at this moment; worth trying again
         ├─ UnsupportedError      this hypervisor, version or configuration can't do it
         ├─ NoSpaceError          a disk is full
         ├─ NotEmptyError         a directory holds files that are not libvirt's volumes
         ├─ DeniedError           a permission is missing
         ├─ TimedOutError         something did not happen in time
         └─ StoppedError          the user asked to stop waiting

Every message says what was being done, what libvirt answered, and, for the frequent
ones, the way out. The rules are a table, tried in order; the codes and texts are those
of libvirt 9 to 11 (`virterror.h`), most of them provoked on a real host.
"""

from __future__ import annotations

import functools
import re
from errno import EACCES, EDQUOT, ENOSPC, ENOTEMPTY, EPERM
from typing import Any

from kvmform.diagnostics import DiagnosticError, error
from kvmform.host.binding import libvirt
from kvmform.host.operation import Operation
from kvmform.struct import Struct

__all__ = [
    "BusyError",
    "ConnectionLostError",
    "DeniedError",
    "HostError",
    "InvalidStateError",
    "NameTakenError",
    "NoSpaceError",
    "NotEmptyError",
    "NotFoundError",
    "StoppedError",
    "TimedOutError",
    "UnreachableError",
    "UnsupportedError",
    "explain",
]


class HostError(DiagnosticError):
    """Something on a host failed.

    `code` is libvirt's number of the error, 0 if it is not libvirt's; `errno` that of the kernel's, where libvirt
    passes one on. The words may be in the language of the host.
    """

    code = 0
    errno = 0


class UnreachableError(HostError):
    """The host can't be connected to."""


class ConnectionLostError(HostError):
    """The connection broke. If the call `was_sent`, it isn't known what became of it."""

    was_sent = True


class NotFoundError(HostError):
    """The object is gone, or never was."""


class NameTakenError(HostError):
    """Another object has the name, UUID, path or bridge already."""


class InvalidStateError(HostError):
    """It isn't possible as the object is now: running, shut off, inactive, in use."""


class BusyError(HostError):
    """It isn't possible at this moment, because something else is under way."""


class UnsupportedError(HostError):
    """This hypervisor, this version of it, or this configuration can't do it."""


class NoSpaceError(HostError):
    """A disk of the host is full."""


class NotEmptyError(HostError):
    """A directory can't be removed, because it holds files."""


class DeniedError(HostError):
    """A permission is missing."""


class TimedOutError(HostError):
    """Something that was waited for did not happen in time."""


class StoppedError(HostError):
    """The user asked to stop, so waiting or copying was given up."""


class _Rule(Struct):
    """libvirt errors of these codes whose message matches are of this class, with this advice.

    So are those that pass on one of the kernel's `errnos`, whatever their message.
    """

    kind: type[HostError]
    codes: frozenset[int] = frozenset()
    pattern: str = ""
    advice: str = ""
    errnos: frozenset[int] = frozenset()

    def fits(self, code: int, errno: int, message: str) -> bool:
        if errno in self.errnos:
            return True
        return (not self.codes or code in self.codes) and re.search(self.pattern, message) is not None


def _codes(*names: str) -> frozenset[int]:
    return frozenset(getattr(libvirt, f"VIR_ERR_{name}") for name in names)


_TAKEN = (
    "It was not made from this state, so it is left alone. Import it into the state if it should be managed here; "
    "or choose another name; or delete it on the host if nobody needs it."
)
_PERMISSION = (
    "The hypervisor's own user (often libvirt-qemu or qemu) must be able to read the file and to pass through "
    "every directory above it; images in a home directory usually fail at this. Keep them in a storage pool under "
    "/var/lib/libvirt/images, or give that user access."
)


@functools.cache
def _rules() -> tuple[_Rule, ...]:
    """The table, made when first needed because the codes are libvirt's constants."""
    return (*_naming_rules(), *_state_rules(), *_limit_rules(), *_configuration_rules())


def _naming_rules() -> tuple[_Rule, ...]:
    return (
        _Rule(
            NotFoundError,
            _codes("NO_DOMAIN", "NO_NETWORK", "NO_STORAGE_POOL", "NO_STORAGE_VOL", "NO_DOMAIN_SNAPSHOT"),
        ),
        _Rule(NotFoundError, frozenset(), r"failed to remove pool '.*': (No such file or|Not a) directory"),
        _Rule(NotFoundError, _codes("DEVICE_MISSING", "NO_NODE_DEVICE", "NO_DOMAIN_METADATA")),
        _Rule(
            NameTakenError,
            _codes("OPERATION_FAILED"),
            r"already exists with uuid|already defined|vol already exists",
            _TAKEN,
        ),
        _Rule(NameTakenError, _codes("STORAGE_VOL_EXIST", "DOM_EXIST", "NETWORK_EXIST"), "", _TAKEN),
        _Rule(NameTakenError, _codes("OPERATION_INVALID"), r"target path .* already exists", _TAKEN),
        _Rule(
            NameTakenError,
            _codes("OPERATION_FAILED"),
            "Storage source conflict",
            "Another storage pool has the same target or source. Use that pool, or another path.",
        ),
        _Rule(
            NameTakenError,
            frozenset(),
            r"bridge name '.*' already in use",
            "Another network has this bridge. Leave the bridge's name out, and libvirt chooses a free one.",
        ),
        _Rule(
            NameTakenError,
            frozenset(),
            r"already in use by interface",
            "An active network or an interface of the host has addresses of the same range. Choose another range, "
            "or stop the other network.",
        ),
        _Rule(NameTakenError, _codes("OPERATION_FAILED"), r"snapshot .* already exists", _TAKEN),
    )


def _state_rules() -> tuple[_Rule, ...]:
    return (
        _Rule(
            BusyError,
            frozenset(),
            r"asynchronous jobs running|still being allocated|is still in use|acquire state change lock",
            "Something else is under way on it: a copy, an upload, a snapshot or a migration. Try again when it ends.",
        ),
        _Rule(InvalidStateError, _codes("OPERATION_INVALID")),
        # The test driver's way to say that a domain is shut off, or runs.
        _Rule(InvalidStateError, _codes("INTERNAL_ERROR"), r"omain '.*' (not|is already) running"),
        _Rule(
            InvalidStateError,
            frozenset(),
            r"Failed to get \"?(write|shared \"write\"|consistent read)\"? lock",
            "Another running domain uses the same disk image. Give this one a volume of its own, or share it.",
        ),
        _Rule(
            InvalidStateError,
            _codes("AGENT_UNRESPONSIVE"),
            "",
            "The guest agent does not answer: it is not installed, not started yet, or the guest hangs.",
        ),
    )


def _limit_rules() -> tuple[_Rule, ...]:
    return (
        _Rule(
            NoSpaceError,
            frozenset(),
            r"No space left on device|Disk quota exceeded|[Nn]ot enough free space",
            "Make room on the host, use a storage pool on a larger disk, or allocate volumes as they fill "
            "(qcow2, or an allocation below the capacity).",
            frozenset({ENOSPC, EDQUOT}),
        ),
        _Rule(
            NotEmptyError,
            frozenset(),
            "Directory not empty",
            "It holds files, and no file is deleted with a directory: they are volumes that stay, or somebody else's. "
            "Look what they are, before you move or delete any of them so that the directory can go.",
            frozenset({ENOTEMPTY}),
        ),
        _Rule(
            DeniedError,
            frozenset(),
            r"Permission denied|Operation not permitted",
            _PERMISSION,
            frozenset({EACCES, EPERM}),
        ),
        _Rule(
            DeniedError,
            _codes("AUTH_FAILED", "AUTH_CANCELLED", "AUTH_UNAVAILABLE", "ACCESS_DENIED", "OPERATION_DENIED"),
            "",
            "The connection has too few rights. For qemu:///system the user must be in the group libvirt.",
        ),
        _Rule(NoSpaceError, frozenset(), "cannot (set up|allocate) .*memory|Cannot allocate memory"),
    )


def _configuration_rules() -> tuple[_Rule, ...]:
    unsupported = _codes("CONFIG_UNSUPPORTED", "OPERATION_UNSUPPORTED", "ARGUMENT_UNSUPPORTED", "NO_SUPPORT")
    return (
        _Rule(
            UnsupportedError,
            _codes("CONFIG_UNSUPPORTED"),
            "internal snapshot for disk .* unsupported for storage type raw",
            "Only qcow2 keeps snapshots inside the image. Convert the volume to qcow2, or make an external "
            "(disk-only) snapshot.",
        ),
        _Rule(
            UnsupportedError,
            unsupported,
            r"[Ee]mulator|machine type|does not support",
            "See which architectures, machine types and domain types the host offers with `virsh domcapabilities`. "
            "Without hardware virtualisation (/dev/kvm) use the domain type qemu, which emulates.",
        ),
        _Rule(
            UnsupportedError,
            frozenset(),
            r"does not support hotplugging|No more available PCI slots",
            "The device can't be added while the guest runs. A virtio disk can; on the machine type q35 every device "
            "that is added later needs a spare pcie-root-port controller.",
        ),
        _Rule(
            UnsupportedError,
            frozenset(),
            r"qdisc kind is unknown|Failed to load TC action",
            "The kernel of the host can't limit bandwidth: it lacks sch_htb, sch_sfq, sch_ingress or act_police. Load "
            "these modules (on some systems a package kernel-modules-extra has them), or take the bandwidth block out.",
        ),
        _Rule(
            UnsupportedError,
            _codes("CPU_INCOMPATIBLE"),
            "",
            "The host's processor lacks what this CPU model asks for. Use the CPU mode host-passthrough or host-model.",
        ),
        _Rule(UnsupportedError, unsupported),
        _Rule(UnsupportedError, _codes("INVALID_ARG"), "unsupported flags|mutually exclusive"),
        _Rule(
            HostError,
            _codes("SYSTEM_ERROR"),
            r"[Nn]o such file or directory",
            "Check the path: it is looked for on the host that libvirt runs on, which need not be this machine. "
            "The directory of a storage pool is made by building the pool.",
        ),
    )


_LOST = (
    "The connection broke before the answer came, so it is not known whether the host did it. "
    "Check that libvirt's daemon runs, then run the command again: it looks first at what is there."
)
_NOT_SENT = "Cannot write data|client socket is closed"


def explain(problem: Any, operation: Operation, uri: str) -> HostError:
    """A libvirtError, raised while an operation was done on a host, as one of kvmform's."""
    code = int(problem.get_error_code() or 0)
    message = str(problem.get_error_message() or problem).strip()
    if _is_lost(problem, code):
        lost = ConnectionLostError(error(f"Cannot {operation}", f"{_says(uri, message)} {_LOST}"))
        lost.was_sent = re.search(_NOT_SENT, message) is None
        return lost
    errno = _errno(problem, code)
    rule = next((rule for rule in _rules() if rule.fits(code, errno, message)), _Rule(HostError))
    failure = rule.kind(error(f"Cannot {operation}", f"{_says(uri, message)} {rule.advice}".rstrip()))
    failure.code, failure.errno = code, errno
    return failure


def _errno(problem: Any, code: int) -> int:
    """The kernel's number: a system error of libvirt's has it in the first of its integers (virReportSystemError)."""
    return max(int(problem.get_int1() or 0), 0) if code == libvirt.VIR_ERR_SYSTEM_ERROR else 0


def _says(uri: str, message: str) -> str:
    return f"The host {uri} answered: {message.rstrip('.')}."


def _is_lost(problem: Any, code: int) -> bool:
    if problem.get_error_domain() != libvirt.VIR_FROM_RPC:
        return False
    return code in (libvirt.VIR_ERR_SYSTEM_ERROR, libvirt.VIR_ERR_INTERNAL_ERROR, libvirt.VIR_ERR_INVALID_CONN)
