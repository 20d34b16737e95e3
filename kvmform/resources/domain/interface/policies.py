"""What editing the network interfaces of a domain costs."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import machine_family
from kvmform.resources.domain.policies import NO_HOTPLUG, idle_effect, needs_boot, plugged
from kvmform.schema import Disruption, EditContext, Effect, Object

__all__ = ["interface_added_or_removed", "interface_changed", "interface_edited", "is_pluggable", "model_edited"]

_PCI_EXPRESS = {"virtio", "virtio-non-transitional", "e1000e", "igb", "vmxnet3"}
"""Models that a root port takes; libvirt puts any other on a bridge that nothing is plugged into while a guest runs."""

_NO_SLOT = "a running guest of the machine type q35 has no slot for such a card"
_NO_BAR = "QEMU plugs no card whose ROM is not in the memory map"


def is_pluggable(domain: Object, interface: Object) -> bool:
    """Whether such a card can be plugged, and unplugged, while a guest of this machine type runs."""
    return not _obstacle(domain, interface)


def _obstacle(domain: Object, interface: Object) -> str:
    """What keeps a card from being plugged; empty where nothing does."""
    machine, model, rom = domain.get("machine"), interface.get("model") or "virtio", interface.get("rom")
    if isinstance(rom, list) and any(each["bar"] is False for each in rom):
        return _NO_BAR
    if isinstance(machine, str) and isinstance(model, str) and machine_family(machine) == "q35":
        return _NO_SLOT if model not in _PCI_EXPRESS else ""
    return ""


def interface_added_or_removed(context: EditContext) -> Effect:
    """`live` where the machine has a slot for such a card, else `reboot`."""
    interface = context.edit.before or context.edit.after
    obstacle = _obstacle(context.after, interface) if isinstance(interface, dict) else ""
    return needs_boot(context, obstacle) if obstacle else plugged(context)


def interface_edited(context: EditContext) -> Effect:
    """`interrupt`: it is moved, or unplugged and plugged in again; where the card can't be plugged, `reboot`."""
    interfaces, place = context.after.get("network_interface"), context.edit.path[1]
    interface = interfaces[place] if isinstance(interfaces, list) and isinstance(place, int) else {}
    obstacle = _obstacle(context.after, interface)
    if obstacle:
        return needs_boot(context, obstacle)
    return _by_hotplug(context, Effect(Disruption.INTERRUPT, "the interface is connected anew"))


def model_edited(context: EditContext) -> Effect:
    """`interrupt`: another card takes its place; where one of the two can't be plugged, `reboot`."""
    if not is_pluggable(context.after, {"model": context.edit.before}):
        return needs_boot(context, _NO_SLOT)
    return interface_edited(context)


def interface_changed(context: EditContext) -> Effect:
    """`live`."""
    return _by_hotplug(context, Effect(Disruption.LIVE))


def _by_hotplug(context: EditContext, effect: Effect) -> Effect:
    idle = idle_effect(context)
    if idle is not None:
        return idle
    if not context.facts.get("hotplug"):
        return needs_boot(context, NO_HOTPLUG)
    return effect
