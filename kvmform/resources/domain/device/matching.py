"""Which element of the XML is the device that is meant: the one that has all that is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.in_force import in_force
from kvmform.schema import Object, Row
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["Candidates", "fits"]


def fits(device: Device, found: Object, wanted: Object) -> bool:
    """Whether what was found has everything that is said of a device; what is not said may be anything."""
    said = in_force(device.block, wanted)
    rows = ((name, row) for name, row in device.block.rows.items() if isinstance(row, Row) and name in found)
    return all(row.same(found[name], wanted[name]) for name, row in rows if name in said and wanted[name] is not None)


class Candidates:
    """The elements of one kind in a document, each of which is one device: taken once, it is gone from here."""

    def __init__(self, device: Device, document: Document | None) -> None:
        self._device = device
        self.elements = document.find_all(device.path) if document is not None else []
        self._found = [(element, read_rows(element, device.block.rows)) for element in self.elements]

    def values(self) -> list[Object]:
        """What all that are left are."""
        return [found for _, found in self._found]

    def take_rival(self, wanted: Object) -> Element | None:
        """The one that has the key of a device, which no two can have."""
        key = self._device.key
        place = next((i for i, (_, found) in enumerate(self._found) if key and _same_key(key, found, wanted)), None)
        return None if place is None else self._found.pop(place)[0]

    def take(self, wanted: Object) -> Element | None:
        """The first one that has everything that is said of a device."""
        place = next((i for i, (_, found) in enumerate(self._found) if fits(self._device, found, wanted)), None)
        return None if place is None else self._found.pop(place)[0]


def _same_key(key: tuple[str, ...], found: Object, wanted: Object) -> bool:
    return all((found[name] or 0) == (wanted[name] or 0) for name in key)
