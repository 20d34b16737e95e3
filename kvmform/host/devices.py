"""Devices of domains, and what a running domain can be given more or less of. Domains are named by UUID."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.elements import parse
from kvmform.host.errors import HostError, NotFoundError, TimedOutError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation
from kvmform.host.waiting import poll

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = [
    "attach_device",
    "detach_device",
    "resize_block",
    "set_block_io_tune",
    "set_iothreads",
    "set_max_memory",
    "set_max_vcpus",
    "set_memory",
    "set_memory_stats_period",
    "set_vcpus",
    "update_device",
]

_REPEAT_SECONDS = 5.0


def attach_device(host: Host, uuid: str, xml: str, affect: Affect) -> None:
    """Add a device.

    Raises:
        HostError: InvalidStateError if its place is taken; UnsupportedError if the bus can't while the guest runs.
    """
    host.write(
        _on("attach a device to", uuid),
        lambda connection: connection.domain(uuid).attachDeviceFlags(xml, int(affect)),
    )


def update_device(host: Host, uuid: str, xml: str, affect: Affect, *, force: bool = False) -> None:
    """Change a device: the medium of a drive, the link or network of a NIC, the password of a display.

    `force` opens the tray of a drive that the guest has locked.

    Raises:
        HostError: UnsupportedError if this can't be changed while the guest runs.
    """
    flags = int(affect) | (libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE if force else 0)
    host.write(
        _on("change a device of", uuid),
        lambda connection: connection.domain(uuid).updateDeviceFlags(xml, flags),
    )


def detach_device(
    host: Host,
    uuid: str,
    xml: str,
    affect: Affect,
    *,
    timeout: float = 30.0,
    stop: threading.Event | None = None,
) -> None:
    """Remove a device, and wait until a running guest has let go of it. Done if it is gone already.

    A guest that boots drops the request without a word, so it is made again until `timeout` seconds are over.

    Raises:
        HostError: TimedOutError if the guest keeps it; StoppedError after `stop` was set.
    """

    def detach(part: Affect) -> None:
        with suppress(NotFoundError):
            host.write(
                _on("detach a device from", uuid),
                lambda connection: connection.domain(uuid).detachDeviceFlags(xml, int(part)),
            )

    if Affect.CONFIG in affect:
        detach(Affect.CONFIG)
    if Affect.LIVE in affect and not poll(host, uuid, _detaching_live(host, uuid, xml, detach), timeout, stop):
        raise TimedOutError.of(
            f'Cannot detach a device from domain "{_name(host, uuid)}"',
            f"The guest did not let go of it within {timeout:g} s. A guest without an operating system, or one that "
            "still boots, does not answer; the device is gone when the domain next starts.",
        )


def _detaching_live(host: Host, uuid: str, xml: str, detach: Callable[[Affect], None]) -> Callable[[], bool]:
    asked_at = float("-inf")

    def is_gone() -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at >= _REPEAT_SECONDS:
            try:
                detach(Affect.LIVE)
            except HostError as problem:
                if asked_at < 0 or "unplug" not in str(problem.diagnostics[0].detail):
                    raise  # A repeated request may be refused because the first is still being worked on.
            asked_at = time.monotonic()
        return not _has_device(host, uuid, xml)

    return is_gone


def _has_device(host: Host, uuid: str, xml: str) -> bool:
    device = parse(xml)
    try:
        live = host.read(_on("read", uuid), lambda connection: str(connection.domain(uuid).XMLDesc(0)))
    except NotFoundError:
        return False
    return any(_is_same(device, other) for other in parse(live).iterfind(f"devices/{device.tag}"))


def _is_same(wanted: Element, other: Element) -> bool:
    """Whether both are the same device: by what identifies its kind, else by alias or address."""
    for path, attribute in (("target", "dev"), ("mac", "address"), ("alias", "name"), ("address", None)):
        mine, its = wanted.find(path), other.find(path)
        if mine is None or (wanted.tag == "interface" and path == "target"):
            continue
        if attribute is not None and attribute not in mine.attrib:
            continue  # The target of a channel has a name, and no device.
        if attribute is None:
            return its is not None and mine.attrib == its.attrib
        return its is not None and mine.get(attribute, "").lower() == its.get(attribute, "").lower()
    return False


def set_memory(host: Host, uuid: str, kibibytes: int, affect: Affect) -> None:
    """Change how much of its memory the guest has (the balloon), up to the maximum.

    Raises:
        HostError: it is more than the maximum.
    """
    _set_memory(host, uuid, kibibytes, int(affect))


def set_max_memory(host: Host, uuid: str, kibibytes: int) -> None:
    """Change the most memory that the guest can have, from its next start on.

    Raises:
        HostError: it can't be changed.
    """
    _set_memory(host, uuid, kibibytes, int(Affect.CONFIG) | libvirt.VIR_DOMAIN_MEM_MAXIMUM)


def _set_memory(host: Host, uuid: str, kibibytes: int, flags: int) -> None:
    host.write(
        _on("set the memory of", uuid),
        lambda connection: connection.domain(uuid).setMemoryFlags(kibibytes, flags),
    )


def set_vcpus(host: Host, uuid: str, count: int, affect: Affect) -> None:
    """Change the number of virtual CPUs, up to the maximum. A running guest may refuse to give some back.

    Raises:
        HostError: it is more than the maximum.
    """
    _set_vcpus(host, uuid, count, int(affect))


def set_max_vcpus(host: Host, uuid: str, count: int) -> None:
    """Change the largest number of virtual CPUs, from the next start on.

    Raises:
        HostError: it is more than the machine type can have.
    """
    _set_vcpus(host, uuid, count, int(Affect.CONFIG) | libvirt.VIR_DOMAIN_VCPU_MAXIMUM)


def _set_vcpus(host: Host, uuid: str, count: int, flags: int) -> None:
    host.write(_on("set the CPUs of", uuid), lambda connection: connection.domain(uuid).setVcpusFlags(count, flags))


def set_memory_stats_period(host: Host, uuid: str, seconds: int) -> None:
    """How often a running guest's balloon asks the guest how it uses its memory; 0 is never.

    Raises:
        HostError: the guest has no balloon.
    """
    host.write(
        _on("set the period of the memory statistics of", uuid),
        lambda connection: connection.domain(uuid).setMemoryStatsPeriod(seconds, int(Affect.LIVE)),
    )


def resize_block(host: Host, uuid: str, disk: str, capacity: int) -> None:
    """Grow the image of a running guest's disk (target such as `vda`) to `capacity` bytes, and tell the guest.

    Raises:
        HostError: it can't be grown.
    """
    flags = libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES
    host.write(
        _on(f"resize the disk {disk} of", uuid),
        lambda connection: connection.domain(uuid).blockResize(disk, capacity, flags),
    )


def set_block_io_tune(host: Host, uuid: str, disk: str, limits: Mapping[str, int | str], affect: Affect) -> None:
    """Limit how fast a guest may read and write a disk (target such as `vda`), by libvirt's names; 0: no limit.

    Raises:
        HostError: the limits don't go together, or the drive is empty.
    """
    host.write(
        _on(f"limit the disk {disk} of", uuid),
        lambda connection: connection.domain(uuid).setBlockIoTune(disk, dict(limits), int(affect)),
    )


def set_iothreads(host: Host, uuid: str, before: int, after: int) -> None:
    """Give a running guest more threads for its disks, or take the last ones away.

    Raises:
        HostError: one that is taken away works for a disk.
    """

    def change(connection: Connection) -> None:
        domain = connection.domain(uuid)
        for identity in range(before + 1, after + 1):
            domain.addIOThread(identity, int(Affect.LIVE))
        for identity in range(before, after, -1):
            domain.delIOThread(identity, int(Affect.LIVE))

    host.write(_on("change the I/O threads of", uuid), change)


def _name(host: Host, uuid: str) -> str:
    record = host.inventory.domains.get(uuid)
    return record.name if record is not None else uuid


def _on(verb: str, uuid: str) -> Operation:
    return Operation(verb, Kind.DOMAIN, uuid)
