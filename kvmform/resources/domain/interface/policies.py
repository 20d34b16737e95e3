"""What editing the network interfaces of a domain costs."""

from __future__ import annotations

from kvmform.resources.domain.policies import NO_HOTPLUG, idle_effect, needs_boot, plugged
from kvmform.schema import Disruption, EditContext, Effect

__all__ = ["interface_added_or_removed", "interface_edited"]


def interface_added_or_removed(context: EditContext) -> Effect:
    """`network_interface`: plugged live."""
    return plugged(context)


def interface_edited(context: EditContext) -> Effect:
    """Another network or MAC address: the interface is moved, or unplugged and plugged in again."""
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if not context.facts.get("hotplug"):
        return needs_boot(context, NO_HOTPLUG)
    return Effect(Disruption.INTERRUPT, "the interface is connected anew")
