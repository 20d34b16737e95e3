"""What editing a domain costs, worked out from what the guest is doing now.

A guest that is off is edited at will. A running one takes some changes live; others need
it to be shut down and started again, which is planned openly, or left for its next boot
where `on_reboot_needed` says so. A guest whose memory is saved on disk goes on from there,
so it counts as running. `facts` come from kvmform.resources.domain.reading.
"""

from __future__ import annotations

from collections.abc import Callable

from kvmform.schema import Disruption, EditContext, Effect, Object, Plain
from kvmform.values.model import Unknown

__all__ = [
    "MODULE_STEP",
    "NEXT_BOOT",
    "NO_HOTPLUG",
    "REBOOT",
    "at_boot",
    "idle_effect",
    "memory_edited",
    "name_edited",
    "needs_boot",
    "pause_edited",
    "pending_edited",
    "plugged",
    "power_edited",
    "vcpu_edited",
]

MODULE_STEP = 128
"""MiB: a guest's kernel takes memory that is plugged in by pieces of this size."""

REBOOT = "reboot"
NEXT_BOOT = "next-boot"
"""Values of `on_reboot_needed`."""


def at_boot(reason: str) -> Callable[[EditContext], Effect]:
    """The policy of an attribute that QEMU takes only when it starts, and why that is so."""

    def policy(context: EditContext) -> Effect:
        return needs_boot(context, reason)

    policy.__doc__ = f"`reboot` of a running guest: {reason}."
    return policy


def needs_boot(context: EditContext, reason: str) -> Effect:
    """The effect of what a running guest takes only when it starts."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if context.after.get("on_reboot_needed") == NEXT_BOOT:
        return Effect(Disruption.NEXT_BOOT, reason)
    return Effect(Disruption.REBOOT, reason)


def idle_effect(context: EditContext) -> Effect | None:
    """The effect on a guest that nobody uses, or that another edit shuts down anyway."""
    if not context.facts.get("running"):
        return Effect(Disruption.LIVE, "the guest is off")
    if context.after.get("running") is False:
        if context.facts.get("managed_save"):
            return Effect(Disruption.NEXT_BOOT, "the guest first goes on from its saved memory")
        return Effect(Disruption.LIVE, "the guest is shut down anyway")
    return None


def pause_edited(context: EditContext) -> Effect:
    """`interrupt` to pause a guest, `live` to let it go on."""
    if context.edit.after and context.facts.get("running") and context.after.get("running") is not False:
        return Effect(Disruption.INTERRUPT, "the guest is paused")
    return Effect(Disruption.LIVE)


def power_edited(context: EditContext) -> Effect:
    """`live` to start a guest; to shut it down counts as `reboot`."""
    if context.edit.after is False and context.facts.get("running"):
        return Effect(Disruption.REBOOT, "the guest is shut down")
    if context.facts.get("managed_save"):
        return Effect(Disruption.LIVE, "the guest goes on from its saved memory")
    return Effect(Disruption.LIVE, "the guest is started")


def name_edited(context: EditContext) -> Effect:
    """`reboot`: libvirt renames a domain only while it is off."""
    return needs_boot(context, "only a guest that is off can be renamed")


def memory_edited(context: EditContext) -> Effect:
    """`live` by the balloon, within what the guest was started with, or by modules in its slots; else `reboot`."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if context.facts.get("balloon") is False:
        return needs_boot(context, "the guest has no balloon")
    if _is_overruled(context):
        return needs_boot(context, _OVERRULED)
    ceiling = context.facts.get("memory_given", context.facts.get("max_memory"))
    if _is_within(context.edit.after, ceiling):
        return Effect(Disruption.LIVE, "by the balloon")
    slots = context.facts.get("free_slots")
    if not context.facts.get("most_memory") or not context.after.get("memory_slots"):
        return needs_boot(context, f"more than the {ceiling} MiB that the guest was started with")
    if not _is_within(context.edit.after, context.facts["most_memory"]):
        return needs_boot(context, f"more than the {context.facts['most_memory']} MiB that the guest has slots for")
    if not slots:
        return needs_boot(context, "no slot for memory is free")
    if (context.edit.after - ceiling) % MODULE_STEP:
        return needs_boot(context, f"a running guest takes memory in pieces of {MODULE_STEP} MiB")
    return Effect(Disruption.LIVE, "by a module of memory")


def vcpu_edited(context: EditContext) -> Effect:
    """`live` for more, up to the maximum; less, or more than that: `reboot`."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if _is_overruled(context):
        return needs_boot(context, _OVERRULED)
    ceiling = context.facts.get("max_vcpu")
    if not _is_within(context.edit.after, ceiling):
        return needs_boot(context, f"more than the {ceiling} that the guest was started with")
    if not _is_within(context.facts.get("vcpu"), context.edit.after):
        return needs_boot(context, "a running guest does not give back processors")
    return Effect(Disruption.LIVE, "by hot-plug")


_OVERRULED = "the xml block has the last word on it, and has it when the guest starts"


def _is_overruled(context: EditContext) -> bool:
    """Whether the escape makes another value of it: the running guest must not get the one that is written."""
    return context.edit.path[0] in context.facts.get("overruled", ())


def _is_within(value: Plain, ceiling: Plain) -> bool:
    return isinstance(value, int | float) and isinstance(ceiling, int | float) and value <= ceiling


NO_HOTPLUG = "devices of this guest can't be changed while it runs"


def plugged(context: EditContext, *, takes_port: bool = True) -> Effect:
    """The effect of plugging a device, where the host can and the machine has a free port if it takes one."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if not context.facts.get("hotplug"):
        return needs_boot(context, NO_HOTPLUG)
    ports = context.facts.get("free_ports")
    if takes_port and context.edit.before is None and ports is not None and _devices_gained(context) > ports:
        return needs_boot(context, f"the guest has {ports} free PCI Express ports")
    return Effect(Disruption.LIVE, "by hot-plug")


_TAKING_PORTS = ("disk", "network_interface", "filesystem", "rng", "vsock", "hostdev")


def _devices_gained(context: EditContext) -> int:
    """How many more ports all edits together take; at least the one of this edit."""
    gained = _devices(context.after) - _devices(context.before)
    return max(gained, 1)


def _devices(domain: Object) -> int:
    lists = (domain.get(name) for name in _TAKING_PORTS)
    return sum(len(devices) for devices in lists if devices and not isinstance(devices, Unknown))


def pending_edited(context: EditContext) -> Effect:
    """`pending`: what the definition has and the running guest has not yet is brought about."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if context.edit.after:
        return Effect(Disruption.NONE)
    waiting, pluggable = set(context.edit.before or ()), set(context.facts.get("pending_hot", ()))
    cold, hot = waiting - pluggable, waiting & pluggable
    if cold and context.after.get("on_reboot_needed") != NEXT_BOOT:
        return Effect(Disruption.REBOOT, f"{' and '.join(sorted(cold))} changed, and the guest was not rebooted yet")
    if not hot:
        return Effect(Disruption.NONE)
    if context.facts.get("pending_interrupts"):
        return Effect(Disruption.INTERRUPT, "the interface is connected anew")
    return Effect(Disruption.LIVE, "by hot-plug")
