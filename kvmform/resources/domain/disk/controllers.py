"""Controllers of the SCSI bus: virtio ones, since what libvirt adds by itself has no driver in many guests."""

from __future__ import annotations

import string
from collections.abc import Iterable
from functools import reduce

from kvmform.schema import Object
from kvmform.xml.document import Document

__all__ = ["add_scsi_controllers", "scsi_controllers"]

_DRIVES_EACH = 7
"""libvirt takes the place of a drive from its name: `sda` to `sdg` are on the first controller."""


def scsi_controllers(disks: Iterable[Object]) -> int:
    """How many controllers these places of disks need; 0 where none is on SCSI."""
    numbers = [_number(places["target"]) for places in disks if places["bus"] == "scsi"]
    return max(numbers) // _DRIVES_EACH + 1 if numbers else 0


def add_scsi_controllers(document: Document, disks: Iterable[Object]) -> list[str]:
    """Add those that are missing; returns them as XML text."""
    present = {element.get("index") for element in document.find_all("devices/controller[@type='scsi']")}
    missing = [str(index) for index in range(scsi_controllers(disks)) if str(index) not in present]
    added = [f'<controller type="scsi" index="{index}" model="virtio-scsi"/>' for index in missing]
    for xml in added:
        document.add("devices", xml)
    return added


def _number(target: str) -> int:
    """0 for `sda`, 26 for `sdaa`."""
    return reduce(lambda number, letter: number * 26 + string.ascii_lowercase.index(letter) + 1, target[2:], 0) - 1
