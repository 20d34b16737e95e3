"""What editing the disks of a domain costs."""

from __future__ import annotations

from kvmform.resources.domain.disk.drive import HOT_BUSES, bus_of, device_of, has_medium
from kvmform.resources.domain.disk.format import format_of
from kvmform.resources.domain.policies import NO_HOTPLUG, idle_effect, needs_boot, plugged
from kvmform.resources.elements import elements
from kvmform.schema import Disruption, EditContext, Effect, Object, Plain
from kvmform.values.model import Unknown

__all__ = [
    "DISK_SOURCES",
    "disk_added_or_removed",
    "drive_edited",
    "format_edited",
    "iothreads_edited",
    "set_while_running",
    "source_edited",
]

DISK_SOURCES = ("volume_id", "url", "file", "block_device", "source")
"""The arguments that say where the content is; one of them does."""


def disk_added_or_removed(context: EditContext) -> Effect:
    """`live` on virtio, SCSI and USB; a drive on another bus, or without a free port: `reboot`."""
    disk = context.edit.before if context.edit.after is None else context.edit.after
    bus = bus_of(disk, context.after.get("machine"))
    if bus not in HOT_BUSES:
        return needs_boot(context, f"a drive on the {bus.upper()} bus can't be plugged while the guest runs")
    if context.edit.before is None:
        if has_medium(disk):
            return needs_boot(context, "libvirt exchanges no media of a drive that was plugged while the guest ran")
        if disk.get("boot_order") and not any(other.get("boot_order") for other in elements(context.before["disk"])):
            return needs_boot(context, "the guest was started with another way to order what it boots from")
    return plugged(context, takes_port=bus != "usb")


def source_edited(context: EditContext) -> Effect:
    """`live` for the medium of a drive; what the guest works on: `reboot`."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    before, after = _before_and_after(context)
    if before is not None and has_medium(before) and has_medium(after) and context.facts.get("hotplug"):
        return Effect(Disruption.LIVE, "the medium is exchanged")
    return needs_boot(context, "the disk under the guest is exchanged")


def drive_edited(context: EditContext) -> Effect:
    """`reboot` where the drive is on another bus then, or is another device; else `none`."""
    before, after = _before_and_after(context)
    machine = context.after.get("machine")
    if before is not None and (bus_of(before, machine), device_of(before)) == (
        bus_of(after, machine),
        device_of(after),
    ):
        return Effect(Disruption.NONE)
    return needs_boot(context, "the disk moves to another bus")


def format_edited(context: EditContext) -> Effect:
    """`none` where it only says what is so, else `reboot`."""
    before, after = _before_and_after(context)
    if before is not None and format_of(before) == format_of(after):
        return Effect(Disruption.NONE)
    return needs_boot(context, "QEMU opens the image so only when the guest starts")


def iothreads_edited(context: EditContext) -> Effect:
    """`live`; `reboot` where a disk has a thread that goes."""
    left = context.edit.after or 0
    if isinstance(left, Unknown) or any(
        (disk.get("iothread") or 0) > left for disk in elements(context.before["disk"])
    ):
        return needs_boot(context, "a disk of the guest has a thread that is taken away")
    return set_while_running(context)


def set_while_running(context: EditContext) -> Effect:
    """`live`."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    return Effect(Disruption.LIVE) if context.facts.get("hotplug") else needs_boot(context, NO_HOTPLUG)


def _before_and_after(context: EditContext) -> tuple[Object | None, Object]:
    """The disk that an edit is in, as it is planned, and as it was; None where its name was another."""
    after: Object = context.after["disk"][context.edit.path[1]]
    return _named(context.before["disk"], after.get("target")), after


def _named(disks: Plain, target: Plain) -> Object | None:
    return next((disk for disk in elements(disks) if target and disk.get("target") == target), None)
