"""What a kind of device is: its table, and the little that a table can't say.

A device that is wholly described by its table is rendered, patched, read, compared with the
running guest and plugged through it. A new kind is one file with a :class:`Device`, and one line
in devices.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from kvmform.host.host import Host
from kvmform.resources.domain.device.in_force import in_force, meant
from kvmform.resources.domain.running_guest import RunningGuest
from kvmform.schema import Block, Check, Object, Path, Plain, Problem, Rule
from kvmform.struct import Struct, field

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["Bus", "Device", "soldered"]


class Bus(Enum):
    """Where a device is plugged in."""

    SOLDERED = "soldered"
    """Part of the machine: it comes and goes only while the guest is off."""
    PCI_EXPRESS = "pci-express"
    """A PCI Express port of its own, or a slot of a machine that has PCI alone."""
    SHARED_MEMORY = "shared-memory"
    """A PCI Express port, beside a program of the host's that works in the guest's memory: virtiofsd."""
    PCI = "pci"
    """A slot of conventional PCI."""
    USB = "usb"
    VIRTIO_SERIAL = "virtio-serial"
    LOOSE = "loose"
    """No bus: there is always room for it."""


def soldered(_element: Object) -> Bus:
    """The bus of a device that can't be plugged."""
    return Bus.SOLDERED


def _nothing(_element: Object) -> Mapping[str, Plain]:
    return {}


class Device(Struct, kw_only=True):
    """A kind of device.

    `bus`: where one is plugged in. `rules`: what has to be so in each block. `check`: what the
    plan would run into with one of them. `sole`: the domain has no others of the kind than its
    blocks say; what libvirt added by itself is taken for the block's.
    """

    name: str
    block: Block
    bus: Callable[[Object], Bus] = soldered
    rules: tuple[Rule, ...] = ()
    check: Callable[[Check[Host], Path, Object], Iterator[Problem]] | None = None
    offered: Mapping[str, str] = field(default_factory=dict)
    """Arguments whose values libvirt lists for each machine, with the name of the list in its domain capabilities."""
    unwritten: Callable[[Object], Mapping[str, Plain]] = _nothing
    """What libvirt has to be told of arguments of a device that are not written, where they have a meaning."""
    standing: Callable[[Object], Sequence[Object]] | None = None
    """What a domain has of the kind beside its blocks, or where it has none."""
    also: tuple[str, ...] = ()
    """Arguments of the domain, beside the block, that decide what it has of the kind."""
    key: tuple[str, ...] = ()
    """Arguments in which no two devices of a domain can be the same."""
    sole: bool = False
    updates: frozenset[str] = frozenset()
    """Arguments that a device which stays plugged in can be given anew."""
    update: Callable[[RunningGuest, Element, Object], None] | None = None
    """Gives them to the device with this element; the object has all those arguments."""

    @property
    def path(self) -> str:
        """Path of its elements in a domain's XML."""
        assert self.block.xml is not None
        return self.block.xml

    def told(self, value: Object) -> Object:
        """A device as libvirt is told of it: no argument without a meaning, and what it needs beside those written."""
        said = meant(self.block, [value])[0]
        needed, meaningful = self.unwritten(value), in_force(self.block, value)
        return said | {name: needed[name] for name in needed if name in meaningful and said[name] is None}

    def wanted(self, domain: Object) -> list[Object]:
        """All that a domain is to have of the kind: first its blocks, then what stands beside them."""
        written = list(domain[self.name] or ())
        return written if self.standing is None else [*written, *self.standing(domain)]
