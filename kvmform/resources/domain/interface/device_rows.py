"""The table of the network card that the guest sees, and of how its packets get to the host."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_flag, same_text
from kvmform.resources.domain.interface.policies import interface_edited, model_edited
from kvmform.resources.domain.rows import AT_START, text
from kvmform.schema import Block, Row
from kvmform.schema.row import Codec
from kvmform.values.types import BOOL, NUMBER, STRING
from kvmform.xml.codecs import ON_OFF, YES_NO, Prefixed

__all__ = ["DEVICE_ROWS", "USER_MODE_ROWS", "number"]


def number(doc: str, xml: str, *, required: bool = False) -> Row:
    """A whole number that the interface is connected anew for."""
    return Row(type=NUMBER, doc=doc, xml=xml, change=interface_edited, required=required)


def _flag(doc: str, xml: str, codec: Codec) -> Row:
    return Row(type=BOOL, doc=doc, xml=xml, change=interface_edited, codec=codec)


def _offloads(side: str, whose: str, names: tuple[str, ...]) -> Block:
    return Block(
        doc=f"What {whose} need not do packet by packet; what is not written stays on, as QEMU has it.",
        max_items=1,
        xml=side,
        change=interface_edited,
        rows={name: _flag(_OFFLOADS[name], f"@{name}", ON_OFF) for name in names},
    )


_OFFLOADS = {
    "csum": "Checksums.",
    "gso": "Cutting up of large packets of any kind.",
    "tso4": "Cutting up of large packets of TCP over IPv4.",
    "tso6": "Cutting up of large packets of TCP over IPv6.",
    "ecn": "The same where congestion is told (ECN).",
    "ufo": "Cutting up of large packets of UDP.",
    "mrg_rxbuf": "Putting of one large packet into several buffers of the guest.",
}
"""What a virtio card offloads, in libvirt's words."""

DEVICE_ROWS: dict[str, Row | Block] = {
    "model": text(
        "Card that the guest sees: `virtio`, which it is if unset, `e1000e`, `e1000`, `rtl8139` or another of QEMU's.",
        model_edited,
        xml="model/@type",
    ),
    "target_dev": text(
        "Name of the interface on the host; libvirt counts `vnet0`, `vnet1` … if unset.",
        interface_edited,
        xml="target/@dev",
    ),
    "mtu": number("Size of the largest packet, in bytes.", "mtu/@size"),
    "alias": Row(
        type=STRING,
        xml="alias/@name",
        codec=Prefixed("ua-"),
        change=interface_edited,
        same=same_text,
        doc="Name of the card in libvirt's and QEMU's words, beginning with `ua-`; libvirt counts `net0` … if unset.",
    ),
    "acpi_index": number(
        "Number that the firmware gives the card, by which Linux names it: `eno3` for 3.", "acpi/@index"
    ),
    "teaming": Block(
        doc="Half of a team of two cards: this virtio one stays while the other, a `hostdev`, is taken away.",
        max_items=1,
        xml="teaming",
        change=interface_edited,
        rows={"type": text("`persistent`, which it is if unset.", interface_edited, xml="@type", default="persistent")},
    ),
    "boot_order": Row(
        type=NUMBER,
        xml="boot/@order",
        change=AT_START,
        doc="Place among the devices to boot from, counted from 1; it stands instead of `boot_device`.",
    ),
    "driver": Block(
        doc="How QEMU handles the packets of a virtio card.",
        max_items=1,
        xml="driver",
        change=interface_edited,
        rows={
            "name": text(
                "`vhost` (in the kernel) or `qemu`; `vhost` if unset and the host has it.",
                interface_edited,
                xml="@name",
            ),
            "queues": Row(
                type=NUMBER,
                xml="@queues",
                change=interface_edited,
                same=lambda before, after: bool((before or 1) == (after or 1)),
                doc="Number of queues, so that several processors of the guest share the work.",
            ),
            "rx_queue_size": number("Packets that each queue for the guest holds: 256, 512 or 1024.", "@rx_queue_size"),
            "ioeventfd": _flag("Whether the guest's requests are handled beside its processors.", "@ioeventfd", ON_OFF),
            "event_idx": _flag("Whether fewer interrupts are made of many packets.", "@event_idx", ON_OFF),
            "iommu": _flag("Whether the card is behind the guest's IOMMU.", "@iommu", ON_OFF),
            "packed": _flag("Whether the queues are laid out in the packed way of virtio 1.1.", "@packed", ON_OFF),
            "host": _offloads("host", "the guest", tuple(_OFFLOADS)),
            "guest": _offloads("guest", "the host", ("csum", "tso4", "tso6", "ecn", "ufo")),
        },
    ),
    "rom": Block(
        doc="The boot ROM of the card.",
        max_items=1,
        xml="rom",
        change=interface_edited,
        rows={
            "enabled": _flag("Whether it has one at all.", "@enabled", YES_NO),
            "bar": _flag("Whether it is in the guest's memory map.", "@bar", ON_OFF),
            "file": text("Path of a ROM image on the host.", interface_edited, xml="@file"),
        },
    ),
}
"""The card."""


USER_MODE_ROWS: dict[str, Row | Block] = {
    "backend": Block(
        doc="The program that is the user-mode network.",
        max_items=1,
        xml="backend",
        change=interface_edited,
        rows={
            "type": text("`passt`; QEMU itself if unset.", interface_edited, xml="@type"),
            "log_file": text("Path of the log of `passt` on the host.", interface_edited, xml="@logFile"),
        },
    ),
    "ip": Block(
        doc="Addresses of the user-mode network.",
        max_items=2,
        xml="ip",
        match=(("family",),),
        change=interface_edited,
        rows={
            "address": text(
                "Address of the guest for `passt`, of the network for QEMU.", interface_edited, xml="@address"
            ),
            "family": text("`ipv4` or `ipv6`.", interface_edited, xml="@family", default="ipv4"),
            "prefix": number("Length of the network's part, in bits.", "@prefix"),
        },
    ),
    "port_forward": Block(
        doc="Ports of the host that lead to the guest, by `passt`.",
        xml="portForward",
        match=(("proto", "address", "dev"),),
        change=interface_edited,
        rows={
            "proto": text("`tcp` or `udp`.", interface_edited, xml="@proto", default="tcp"),
            "address": text("Address of the host; all if unset.", interface_edited, xml="@address"),
            "dev": text("Interface of the host; all if unset.", interface_edited, xml="@dev"),
            "range": Block(
                doc="Some ports; all if there is none.",
                xml="range",
                match=(("start",),),
                change=interface_edited,
                rows={
                    "start": number("The first port of the host.", "@start", required=True),
                    "end": number("The last one; `start` if unset.", "@end"),
                    "to": number("The first port of the guest; `start` if unset.", "@to"),
                    "exclude": Row(
                        type=BOOL,
                        doc="Whether these are left out.",
                        xml="@exclude",
                        change=interface_edited,
                        same=same_flag,
                    ),
                },
            ),
        },
    ),
}
"""The user-mode network."""
