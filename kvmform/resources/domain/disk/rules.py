"""What has to be so in `disk` blocks, whatever the host is: libvirt or QEMU would refuse the rest."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kvmform.diagnostics import error
from kvmform.resources.domain.boot.seeds import SEED_SERIALS
from kvmform.resources.domain.disk.drive import BUSES, DEVICES, bus_of, device_of, has_medium
from kvmform.resources.domain.disk.limits import LIMIT_RULES
from kvmform.resources.elements import elements
from kvmform.schema import Object, Path, Plain, Problem, Rule
from kvmform.schema.rules import at_least, at_most, each, matching, whole
from kvmform.values.model import Unknown

__all__ = ["DISK_RULES"]

_COUNTS = ("boot_order", "iothread", "queues", "queue_size", "rotation_rate", "metadata_cache")
_BLOCK_SIZES = ("logical_block_size", "physical_block_size")

_LARGEST_BLOCK = 32768
"""Bytes; the largest that QEMU has."""

_LONGEST_QUEUE = 1024
"""Requests; the longest queue that virtio has."""

_ONLY_ON = {
    "iothread": ("virtio",),
    "queues": ("virtio",),
    "queue_size": ("virtio",),
    "ioeventfd": ("virtio",),
    "event_idx": ("virtio",),
    "packed": ("virtio",),
    "vendor": ("scsi",),
    "product": ("scsi",),
    "removable": ("usb",),
    "rotation_rate": ("scsi", "sata", "ide"),
    "wwn": ("scsi", "ide"),
    "logical_block_size": ("virtio", "scsi", "usb"),
    "physical_block_size": ("virtio", "scsi", "usb"),
}
"""Rows that only drives on some buses have."""

_BUSES_OF = {
    "cdrom": ("scsi", "sata", "ide", "usb"),
    "floppy": ("fdc",),
    "lun": ("scsi", "virtio"),
    "disk": ("virtio", "scsi", "sata", "ide", "usb"),
}
"""The buses that a device can be on."""


def _known(disk: Object) -> bool:
    """Whether it is known which device this is, and on which bus."""
    return not any(isinstance(disk[name], Unknown) for name in ("device", "bus", "scsi", "file", "url"))


def _on_its_bus(disk: Object) -> Iterator[Problem]:
    """The device can be on the bus, and has what is there."""
    if not _known(disk):
        return
    device, bus = device_of(disk), bus_of(disk, None)
    if device not in DEVICES or bus not in BUSES:
        return
    if disk["scsi"] is True and bus != "scsi":
        yield _problem("scsi", f'scsi is short for bus = "scsi", and the bus is "{bus}". Leave one of them out.')
    elif disk["bus"] and bus not in _BUSES_OF[device]:
        yield _problem("bus", f'A {device} can be on {_listed(_BUSES_OF[device])}, not on "{bus}".')
    for name, buses in _ONLY_ON.items():
        if disk[name] is not None and bus not in buses and not (has_medium(disk) and not disk["bus"]):
            yield _problem(name, f"Only a disk on {_listed(buses)} has {name}; this one is on {bus}.")
    if disk["wwn"] is not None and device == "lun":
        yield _problem("wwn", "A lun has the World Wide Name of the device of the host that it is.")
    if disk["rotation_rate"] is not None and device != "disk":
        yield _problem("rotation_rate", f"Only a disk turns, a {device} has no rotation_rate.")
    if disk["readonly"] is True and device == "disk" and bus in {"ide", "sata"}:
        yield _problem("readonly", f"QEMU has no disks on {bus} that can't be written. Put it on virtio, SCSI or USB.")


def _agreeing(disk: Object) -> Iterator[Problem]:
    """Arguments that go together, or can't."""
    if disk["io"] == "native" and disk["cache"] in {None, "writethrough", "writeback", "unsafe"}:
        yield _problem("io", 'Native I/O goes past the host\'s cache: write cache = "none" or "directsync" with it.')
    if disk["format"] and disk["volume_id"]:
        yield _problem("format", "The volume tells its format; leave this one out.")
    if disk["startup_policy"] and any(disk[name] for name in ("url", "source", "block_device")):
        yield _problem("startup_policy", "Only an image that is a file can be left out.")
    if disk["startup_policy"] == "requisite" and _known(disk) and not has_medium(disk):
        yield _problem("startup_policy", '"requisite" is for CD-ROMs and floppies. Write "optional" or "mandatory".')
    if disk["transient"] is True and disk["shareable"] is True:
        yield _problem("transient", "What is forgotten at the end can't be shared with other guests.")
    if disk["serial"] in SEED_SERIALS:
        yield _problem("serial", f'By "{disk["serial"]}" kvmform knows a drive of its own. Choose another.')
    if disk["copy_on_read"] is True and (disk["readonly"] is True or (_known(disk) and device_of(disk) == "cdrom")):
        yield _problem("copy_on_read", "Nothing is kept in an image that can't be written.")
    if disk["device"] == "lun" and not (disk["block_device"] or disk["source"] or disk["volume_id"]):
        yield _problem(
            "device", "A lun is a SCSI device of the host, or a source by iSCSI: write block_device or source."
        )


def _block_sizes(disk: Object) -> Iterator[Problem]:
    """Powers of two; the smaller one is that of sectors."""
    sizes = [disk[name] for name in _BLOCK_SIZES]
    for name, size in zip(_BLOCK_SIZES, sizes, strict=True):
        if isinstance(size, int) and not (512 <= size <= _LARGEST_BLOCK and size & (size - 1) == 0):
            yield _problem(name, f"{name} must be a power of two from 512 to {_LARGEST_BLOCK}, not {size}.")
    if all(isinstance(size, int) for size in sizes) and sizes[0] > sizes[1]:
        yield _problem("logical_block_size", "The logical block is at most as large as the physical one.")


def _queue_size(disk: Object) -> Iterator[Problem]:
    """A power of two: the guest finds places in the queue by the lowest bits of a number."""
    size = disk["queue_size"]
    if isinstance(size, int) and not (2 <= size <= _LONGEST_QUEUE and size & (size - 1) == 0):
        detail = f"queue_size must be a power of two from 2 to {_LONGEST_QUEUE}, not {size}."
        yield Problem(("queue_size",), error("Invalid number", detail))


def _one_order(domain: Object) -> Iterator[Problem]:
    """Each place in the order of booting is one device's, and there is no second order beside it."""
    found: dict[Plain, Path] = {}
    for block in domain:
        for index, element in enumerate(elements(domain[block])):
            order = element.get("boot_order") if isinstance(element, dict) else None
            if not isinstance(order, int):
                continue
            path: Path = (block, index, "boot_order")
            if order in found:
                first = ".".join(map(str, found[order]))
                yield Problem(path, error("Boot order used twice", f"{order} is the boot order of {first} too."))
            found[order] = path
    if found and domain.get("boot_device"):
        detail = "The devices say by boot_order what to boot from, so boot_device can't say it too. Remove one of them."
        yield Problem(("boot_device",), error("Two boot orders", detail))


def _threads(domain: Object) -> Iterator[Problem]:
    """A disk's thread is one that the domain has."""
    count = domain["iothreads"]
    for index, disk in enumerate(elements(domain["disk"])):
        wanted = disk["iothread"]
        if isinstance(wanted, int) and not isinstance(count, Unknown) and wanted > (count or 0):
            detail = f"The disk wants the thread {wanted}, and the domain has {count or 'none'}. Raise its iothreads."
            yield Problem(("disk", index, "iothread"), error("No such thread", detail))


def _one_target(domain: Object) -> Iterator[Problem]:
    """Two drives have no one name."""
    names = sorted(
        (disk["target"], index)
        for index, disk in enumerate(elements(domain["disk"]))
        if isinstance(disk["target"], str)
    )
    for (name, _), (other, index) in pairwise(names):
        if name == other:
            detail = f'Another disk of this domain has the target "{name}" too.'
            yield Problem(("disk", index, "target"), error("Target used twice", detail))


def _listed(names: tuple[str, ...]) -> str:
    return " or ".join((", ".join(names[:-1]), names[-1]) if len(names) > 1 else names)


def _problem(name: str, detail: str) -> Problem:
    return Problem((name,), error("Invalid Attribute Combination", detail))


DISK_RULES: tuple[Rule, ...] = (
    at_least("iothreads", 0),
    whole("iothreads"),
    each(
        "disk",
        *(at_least(name, 1) for name in _COUNTS),
        whole(*_COUNTS, *_BLOCK_SIZES),
        at_most("rotation_rate", 65534),
        matching("format", r"[a-z0-9]+", "a format of QEMU's, such as raw or qcow2"),
        matching("target", r"(vd|sd|hd|fd)[a-z]+", "a name such as vda, sda, hda or fda"),
        matching("wwn", r"[0-9a-fA-F]{16}", "16 hexadecimal digits"),
        matching("serial", r"[A-Za-z0-9\-_ .+\\]*", "letters, digits, blanks and any of -_.+"),
        matching("vendor", r"[ -~]{1,8}", "at most 8 printable characters"),
        matching("product", r"[ -~]{1,16}", "at most 16 printable characters"),
        each("iotune", *LIMIT_RULES),
        _on_its_bus,
        _agreeing,
        _block_sizes,
        _queue_size,
    ),
    _one_order,
    _threads,
    _one_target,
)
"""The rules."""
