"""A guest that runs, as the live verbs see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import detach_device
from kvmform.host.host import Host
from kvmform.schema import Object, Operation
from kvmform.struct import Struct
from kvmform.xml.document import Document, element_text

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["RunningGuest", "unplug"]

_WORDS = {"disk": "a disk", "interface": "a network interface"}


class RunningGuest(Struct):
    """A running guest, by its live XML, and what is planned of it."""

    operation: Operation[Host]
    document: Document
    planned: Object

    @property
    def host(self) -> Host:
        """The host that it runs on."""
        return self.operation.host

    @property
    def uuid(self) -> str:
        """Its UUID."""
        return str(self.planned["id"])


def unplug(guest: RunningGuest, device: Element | None) -> None:
    """Take a device away from the guest; none is gone already."""
    if device is None:
        return
    guest.operation.progress(f"unplugging {_WORDS.get(device.tag, device.tag)}", None, None)
    detach_device(guest.host, guest.uuid, element_text(device), Affect.LIVE, stop=guest.operation.stop)
