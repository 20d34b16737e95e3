"""Devices in a definition that is brought up to date, through their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.resources.domain.device.building import build_device
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.elements import remove, take_address
from kvmform.resources.domain.device.matching import Candidates
from kvmform.schema import Block, Object, Plain, Row, pair_elements
from kvmform.xml.document import Document, element_text, insert_element
from kvmform.xml.rows import patch_rows, read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["patch_device"]

_KIND = ("type", "model", "bus", "target_type", "driver_type")
"""Arguments that decide where a device sits: of another kind, it gets a place of its own."""


def patch_device(
    document: Document, device: Device, before: list[Object], after: list[Object], live: Document | None
) -> None:
    """Remove, change and add the devices of one kind; what somebody else added stays.

    Args:
        document: the definition.
        device: the kind.
        before: what the domain has of it.
        after: what it is to have.
        live: the running guest, whose addresses the devices get that were plugged in already.
    """
    candidates = Candidates(device, document)
    if device.sole:
        before = candidates.values()
    owners = [candidates.take(value) for value in before]
    made = []
    for old, new in pair_elements(device.block, before, after):
        owner = owners[old] if old is not None else None
        if new is None:
            remove(owner)
        elif owner is not None and old is not None:
            _patch(device, owner, before[old], after[new])
        elif candidates.take(after[new]) is None:
            rival = candidates.take_rival(after[new])
            if rival is None:
                made.append((build_device(device, after[new]), after[new]))
            else:
                _patch(device, rival, {}, after[new])  # What is not said of it stays as somebody else has it.
    plugged = Candidates(device, live)
    parent = document.find("devices")
    assert parent is not None
    for element, value in made:
        insert_element(parent, element)
        take_address(element, _new_one(document, plugged, value))


def _patch(device: Device, element: Element, before: Object, after: Object) -> None:
    """Take out what is no longer said, and write what the element has not; what never was said of it stays.

    What is taken out may take along what stands in it, so all else is looked for afterwards.
    """
    rows = device.block.rows
    old, new = device.told(before), device.told(after)
    is_another_kind = any(_differs(name, read_rows(element, rows), new) for name in _KIND)
    for name, value in new.items():
        if value is None and old.get(name) is not None:
            patch_rows(element, rows, {name: None})
    found = {**old, **read_rows(element, rows)}
    for name, value in new.items():
        if value is not None and not _has_already(rows[name], found.get(name), value):
            patch_rows(element, rows, {name: value})
    if is_another_kind:
        remove(element.find("address"))


def _differs(name: str, found: Object, wanted: Object) -> bool:
    return wanted.get(name) is not None and found.get(name) != wanted[name]


def _has_already(row: Row | Block, found: Plain, value: Plain) -> bool:
    """Nothing at all means the same as the default only to kvmform, not to libvirt."""
    return found is not None and isinstance(row, Row) and row.same(found, value)


def _new_one(document: Document, plugged: Candidates, value: Object) -> Element | None:
    """The device of a running guest that the definition does not have at its address yet."""
    taken = {element_text(address) for address in document.find_all("devices/*/address")}
    while True:
        found = plugged.take(value)
        address = found.find("address") if found is not None else None
        if found is None or address is None or element_text(address) not in taken:
            return found
