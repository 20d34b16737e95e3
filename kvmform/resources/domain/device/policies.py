"""What editing a device costs: nothing but the plugging where its bus has room, else a boot."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kvmform.resources.domain.device.buses import obstacle
from kvmform.resources.domain.device.device import Bus
from kvmform.resources.domain.policies import NO_HOTPLUG, idle_effect, needs_boot, plugged
from kvmform.schema import Disruption, EditContext, Effect, Object, Plain

__all__ = ["device_edited", "hot_plugged"]


def hot_plugged(bus: Callable[[Object], Bus]) -> Callable[[EditContext], Effect]:
    """The policy of a device that is plugged in, unplugged, or both, while the guest runs.

    It is that of the block and of all its rows: a plugged device is changed by plugging another.
    """

    def policy(context: EditContext) -> Effect:
        """`live` while its bus has a free place, else `reboot`."""
        return device_edited(context, [bus(element) for element in _elements(context)])

    return policy


def device_edited(context: EditContext, buses: list[Bus]) -> Effect:
    """The effect on a device that is, or will be, on these buses."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if not context.facts.get("hotplug"):
        return needs_boot(context, NO_HOTPLUG)
    is_added = len(context.edit.path) == 2 and context.edit.before is None
    is_removed = len(context.edit.path) == 2 and context.edit.after is None
    facts = context.facts if is_added or len(set(buses)) > 1 else _with_its_port(context.facts)
    for bus in buses:
        reason = obstacle(bus, facts)
        if reason is not None and (bus is Bus.SOLDERED or not is_removed):
            return needs_boot(context, reason)
    if is_added and {Bus.PCI_EXPRESS, Bus.SHARED_MEMORY} & set(buses):
        return plugged(context)
    return Effect(Disruption.LIVE, "by hot-plug")


def _with_its_port(facts: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """What is unplugged leaves its port to what comes in its place."""
    return {
        **facts,
        **{name: facts[name] + 1 for name in ("free_ports", "free_usb_ports") if facts.get(name) is not None},
    }


def _elements(context: EditContext) -> list[Object]:
    """The device as it is and as it will be; one of them where it comes or goes."""
    edit = context.edit
    if len(edit.path) == 2:
        return [element for element in (edit.before, edit.after) if isinstance(element, dict)]
    block, index, row = edit.path
    after = context.after[str(block)][int(index)]
    return [{**after, str(row): edit.before}, after]
