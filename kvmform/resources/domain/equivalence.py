"""When two values of an attribute mean the same, though they are written differently."""

from __future__ import annotations

import re

from kvmform.schema import Plain

__all__ = [
    "machine_family",
    "numbers_in",
    "same_cpuset",
    "same_flag",
    "same_link",
    "same_mac",
    "same_machine",
    "same_number",
    "same_pci_address",
    "same_text",
]

_RANGE = re.compile(r"(?P<without>\^?)(?P<first>\d+)(?:-(?P<last>\d+))?")
_MOST_NUMBERS = 2**16
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


def same_cpuset(before: Plain, after: Plain) -> bool:
    """A set of numbers may be written in several ways: `0-3,^2` is `0,1,3`."""
    if not before or not after or before == after:
        return same_text(before, after)
    return numbers_in(before) == numbers_in(after)


def numbers_in(cpuset: str) -> frozenset[int] | None:
    """The numbers in a set as libvirt writes it; None if it is none."""
    found: set[int] = set()
    for part in cpuset.replace(" ", "").split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            return None
        first, last = int(match["first"]), int(match["last"] or match["first"])
        if last - first > _MOST_NUMBERS:
            return None
        numbers = range(first, last + 1)
        found = found.difference(numbers) if match["without"] else found.union(numbers)
    return frozenset(found)


def same_pci_address(before: Plain, after: Plain) -> bool:
    """The domain of a PCI address is 0000 where none is written, and case doesn't matter."""
    return same_text(_full_address(before), _full_address(after))


def _full_address(address: Plain) -> str:
    text = str(address or "").lower()
    return f"0000:{text}" if text.count(":") == 1 else text
