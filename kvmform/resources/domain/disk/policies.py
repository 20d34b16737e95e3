"""What editing the disks of a domain costs."""

from __future__ import annotations

from kvmform.resources.domain.disk.places import bus_of, is_cdrom
from kvmform.resources.domain.policies import idle_effect, needs_boot, plugged
from kvmform.schema import Disruption, EditContext, Effect

__all__ = ["disk_added_or_removed", "disk_exchanged"]


def disk_added_or_removed(context: EditContext) -> Effect:
    """`disk`: virtio and SCSI disks are plugged live; drives on IDE and SATA need a boot."""
    disk = context.edit.before if context.edit.after is None else context.edit.after
    bus = bus_of(disk, context.after.get("machine"))
    if bus not in {"virtio", "scsi"}:
        return needs_boot(context, f"a drive on the {bus.upper()} bus can't be plugged while the guest runs")
    return plugged(context)


def disk_exchanged(context: EditContext) -> Effect:
    """Another source of a disk: a medium is exchanged live, what the guest works on is not."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    name = str(context.edit.path[-1])
    media = [is_cdrom({name: source}) for source in (context.edit.before, context.edit.after)]
    if all(media) and context.facts.get("hotplug"):
        return Effect(Disruption.LIVE, "the medium is exchanged")
    return needs_boot(context, "the disk under the guest is exchanged")
