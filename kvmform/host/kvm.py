"""Whether KVM really runs guests on this machine, found out by running one of eleven bytes.

A `/dev/kvm` that opens is no proof: virtual machines may offer one that runs firmware and no
kernel. So a virtual processor is made, put into 64-bit mode, and has to carry out `lock
cmpxchg16b`, which every kernel does early, and `hlt`. Nothing is written anywhere.
Source: the kernel's Documentation/virt/kvm/api.rst; sizes are those of x86-64.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import platform
import struct
from pathlib import Path

__all__ = ["DEVICE", "kvm_obstacle"]

DEVICE = Path("/dev/kvm")

_GET_API_VERSION, _CREATE_VM, _GET_MMAP_SIZE, _CREATE_VCPU, _RUN = 0xAE00, 0xAE01, 0xAE04, 0xAE41, 0xAE80
_SET_MEMORY, _SET_REGISTERS = 0x4020AE46, 0x4090AE82
_GET_SPECIAL, _SET_SPECIAL = 0x8138AE83, 0x4138AE84
_API_VERSION = 12
_EXIT_HALT = 5

_MEMORY_BYTES = 0x10000
_PAGE_TABLES = {0x1000: 0x2003, 0x2000: 0x3003, 0x3000: 0x83}
"""The first entries of three levels of page tables: the first 2 MiB are where they are."""
_CODE_AT = 0x4000
_CODE = bytes.fromhex("f0480fc70c2500500000 f4")
"""lock cmpxchg16b [0x5000]; hlt"""

_SPECIAL_BYTES = 312
_CODE_SEGMENT = struct.pack("<QIH10B", 0, 0xFFFFFFFF, 8, 11, 1, 0, 0, 1, 1, 1, 0, 0, 0)
_DATA_SEGMENT = struct.pack("<QIH10B", 0, 0xFFFFFFFF, 16, 3, 1, 0, 1, 1, 0, 1, 0, 0, 0)
_CONTROL_AT = 224
_CONTROL = struct.pack("<6Q", 0x80050033, 0, 0x1000, 0x620, 0, 0x500)
"""CR0, CR2, CR3, CR4, CR8 and EFER of a processor in 64-bit mode with these page tables."""
_EXIT_REASON_AT = 8


def kvm_obstacle(device: Path = DEVICE) -> str | None:
    """What keeps guests from running under KVM, as half a sentence; None if nothing does."""
    if not device.exists():
        return f"there is no {device}"
    with contextlib.ExitStack() as opened:
        try:
            return _try(device, opened)
        except PermissionError:
            return f"this user may not open {device}"
        except OSError as problem:
            return f"{device} does not work ({problem.strerror})"


def _try(device: Path, opened: contextlib.ExitStack) -> str | None:
    kvm = _kept(os.open(device, os.O_RDWR | os.O_CLOEXEC), opened)
    if fcntl.ioctl(kvm, _GET_API_VERSION) != _API_VERSION:
        return f"{device} speaks another version of the interface"
    machine = _kept(fcntl.ioctl(kvm, _CREATE_VM, 0), opened)
    processor = _kept(fcntl.ioctl(machine, _CREATE_VCPU, 0), opened)
    if platform.machine() != "x86_64":
        return None
    memory = opened.enter_context(mmap.mmap(-1, _MEMORY_BYTES))
    for place, entry in _PAGE_TABLES.items():
        memory[place : place + 8] = struct.pack("<Q", entry)
    memory[_CODE_AT : _CODE_AT + len(_CODE)] = _CODE
    fcntl.ioctl(machine, _SET_MEMORY, struct.pack("<IIQQQ", 0, 0, 0, _MEMORY_BYTES, _address_of(memory)))
    _enter_64_bit_mode(processor)
    state = opened.enter_context(mmap.mmap(processor, fcntl.ioctl(kvm, _GET_MMAP_SIZE)))
    fcntl.ioctl(processor, _RUN, 0)
    (reason,) = struct.unpack_from("<I", state, _EXIT_REASON_AT)
    if reason != _EXIT_HALT:
        return f"{device} is there, but a 64-bit guest stops at its first instructions (KVM's exit reason {reason})"
    return None


def _kept(descriptor: int, opened: contextlib.ExitStack) -> int:
    opened.callback(os.close, descriptor)
    return descriptor


def _address_of(memory: mmap.mmap) -> int:
    import ctypes

    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


def _enter_64_bit_mode(processor: int) -> None:
    special = bytearray(_SPECIAL_BYTES)
    fcntl.ioctl(processor, _GET_SPECIAL, special)
    segments = _CODE_SEGMENT + 5 * _DATA_SEGMENT
    special[: len(segments)] = segments
    special[_CONTROL_AT : _CONTROL_AT + len(_CONTROL)] = _CONTROL
    fcntl.ioctl(processor, _SET_SPECIAL, bytes(special))
    stack, flags = 0x8000, 2
    fcntl.ioctl(processor, _SET_REGISTERS, struct.pack("<18Q", *[0] * 6, stack, *[0] * 9, _CODE_AT, flags))
