"""When two values of an attribute mean the same, though they are written differently."""

from __future__ import annotations

import re

from kvmform.schema import Plain

__all__ = ["machine_family", "same_flag", "same_link", "same_mac", "same_machine", "same_number", "same_text"]

_VERSIONED = re.compile(r"(?:pc-)?(?P<family>i440fx|q35|virt|pseries|s390-ccw-virtio)-\S+")


def same_text(before: Plain, after: Plain) -> bool:
    """An empty string is as good as nothing written: provider 0.8 stored one for the other."""
    return bool((before or "") == (after or ""))


def same_flag(before: Plain, after: Plain) -> bool:
    """False is as good as nothing written."""
    return bool(before) == bool(after)


def same_number(before: Plain, after: Plain) -> bool:
    """Zero is as good as nothing written."""
    return bool((before or 0) == (after or 0))


def same_mac(before: Plain, after: Plain) -> bool:
    """Case doesn't matter in a MAC address; provider 0.8 kept upper case, libvirt lower."""
    return same_text((before or "").lower(), (after or "").lower())


def same_link(before: Plain, after: Plain) -> bool:
    """A link of which nothing is written is up."""
    return bool((before or "up") == (after or "up"))


def machine_family(machine: str) -> str:
    """The alias of a machine type: `pc` for `pc-i440fx-7.2`, `q35` for `pc-q35-7.2`."""
    found = _VERSIONED.fullmatch(machine)
    if found is None:
        return machine
    return "pc" if found["family"] == "i440fx" else found["family"]


def same_machine(before: Plain, after: Plain) -> bool:
    """An alias means every version of its family: libvirt replaces it by the newest one."""
    if not before or not after or before == after:
        return same_text(before, after)
    return bool(before == machine_family(after) or after == machine_family(before))
