"""The part of the table that is about links: the way out, and what each guest that is plugged in gets."""

from __future__ import annotations

from kvmform.resources.network.equivalence import same_address, same_number, same_or_default, same_text, same_word
from kvmform.resources.network.policies import changed
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, NUMBER, STRING
from kvmform.xml.codecs import Words

__all__ = ["BANDWIDTH", "FORWARD", "LINK_ROWS", "PORT", "PORTGROUPS", "VIRTUALPORT", "VLAN"]


def _text(doc: str, xml: str, *, required: bool = False) -> Row:
    return Row(type=STRING, doc=doc, required=required, change=changed, xml=xml, same=same_text)


def _word(doc: str, xml: str) -> Row:
    return Row(type=STRING, doc=doc, change=changed, xml=xml, same=same_word)


def _number(doc: str, xml: str, *, required: bool = False) -> Row:
    return Row(type=NUMBER, doc=doc, required=required, change=changed, xml=xml)


def _switch(doc: str, xml: str) -> Row:
    codec = Words("yes", "no", absent=False)
    return Row(type=BOOL, doc=doc, change=changed, xml=xml, codec=codec, same=same_or_default(default=False))


def _address(doc: str, xml: str) -> Row:
    return Row(type=STRING, doc=doc, required=True, change=changed, xml=xml, same=same_address)


FORWARD = Block(
    doc="How packets leave the network, beyond its `mode`.",
    max_items=1,
    change=changed,
    xml=".",
    rows={
        "interfaces": Block(
            doc="A network device of the host: in the modes `nat` and `route` the only one through which packets may "
            "leave; in those of the host's own devices one that guests share, by macvtap.",
            change=changed,
            match=(("dev",),),
            pair_rest=False,
            xml="forward/interface",
            rows={"dev": _text("Its name, such as `eth0`.", "@dev", required=True)},
        ),
        "nat": Block(
            doc="What the mode `nat` makes of the senders of packets.",
            max_items=1,
            change=changed,
            xml="forward/nat",
            rows={
                "ipv6": _switch("Whether packets of IPv6 are masqueraded too; else they are routed.", "@ipv6"),
                "address": Block(
                    doc="Addresses of the host's that packets get; by default that of the device they leave through.",
                    max_items=1,
                    change=changed,
                    xml="address",
                    rows={"start": _address("The first one.", "@start"), "end": _address("The last one.", "@end")},
                ),
                "port": Block(
                    doc="Ports that packets get; by default 1024 to 65535.",
                    max_items=1,
                    change=changed,
                    xml="port",
                    rows={
                        "start": _number("The first one.", "@start", required=True),
                        "end": _number("The last one.", "@end", required=True),
                    },
                ),
            },
        ),
    },
)


def _direction(doc: str, xml: str) -> Block:
    return Block(
        doc=doc,
        max_items=1,
        change=changed,
        xml=xml,
        rows={
            "average": _number("KiB a second, on average.", "@average", required=True),
            "peak": _number("KiB a second, at most.", "@peak"),
            "burst": _number("KiB that may go at peak speed.", "@burst"),
        },
    )


BANDWIDTH = Block(
    doc="Limits of how fast packets go.",
    max_items=1,
    change=changed,
    xml="bandwidth",
    rows={
        "inbound": _direction("Packets to the guests.", "inbound"),
        "outbound": _direction("Packets from the guests.", "outbound"),
    },
)

VLAN = Block(
    doc="VLANs of the guests, where the bridge is one of Open vSwitch, or the mode is `passthrough`.",
    max_items=1,
    change=changed,
    xml="vlan",
    rows={
        "trunk": _switch(
            "Whether guests tag their packets themselves; so it is where there are several tags.", "@trunk"
        ),
        "tag": Block(
            doc="One VLAN.",
            min_items=1,
            change=changed,
            match=(("id",),),
            xml="tag",
            rows={
                "id": _number("Its number.", "@id", required=True),
                "native_mode": _word(
                    "Of the VLAN that packets without a tag are in: `tagged` or `untagged`.", "@nativeMode"
                ),
            },
        ),
    },
)

_PARAMETERS = ("interfaceid", "profileid", "managerid", "typeid", "typeidversion", "instanceid")

VIRTUALPORT = Block(
    doc="How guests are connected to a switch that is none of Linux's own bridges; each type has its own parameters.",
    max_items=1,
    change=changed,
    xml="virtualport",
    rows={
        "type": _text("`openvswitch`, `midonet`, `802.1Qbg` or `802.1Qbh`.", "@type"),
        **{name: _text(f"`{name}` of libvirt's XML.", f"parameters/@{name}") for name in _PARAMETERS},
    },
)

PORT = Block(
    doc="The ports of the bridge.",
    max_items=1,
    change=changed,
    xml="port",
    rows={
        "isolated": _switch("Whether guests can reach the host and what is behind it, but not each other.", "@isolated")
    },
)

_TRUST = _switch(
    "Whether the host takes over which packets a guest wants: its MAC address and multicast groups.",
    "@trustGuestRxFilters",
)

PORTGROUPS = Block(
    doc="A class of guests, that their interfaces name as `portgroup`. Running guests of one that changes are plugged "
    "in again, to get what it gives.",
    change=changed,
    match=(("name",),),
    pair_rest=False,
    xml="portgroup",
    rows={
        "name": _text("Its name.", "@name", required=True),
        "default": _switch("Whether interfaces that name none are of this one.", "@default"),
        "trust_guest_rx_filters": _TRUST,
        "bandwidth": BANDWIDTH,
        "vlan": VLAN,
        "virtualport": VIRTUALPORT,
    },
)

LINK_ROWS: dict[str, Row | Block] = {
    "delay": Row(
        type=NUMBER,
        doc="Seconds that the bridge waits before it forwards for a new guest; by default 0.",
        change=changed,
        xml="bridge/@delay",
        same=same_number,
    ),
    "mac": Row(
        type=STRING,
        doc="MAC address of the host on the bridge; by default libvirt makes one.",
        change=changed,
        xml="mac/@address",
        same=same_word,
    ),
    "ipv6": _switch("Whether guests may talk IPv6 to each other though the network has no IPv6 addresses.", "@ipv6"),
    "mac_table_manager": _word(
        "Who keeps the bridge's table of MAC addresses: `kernel`, by default, or `libvirt`, which then floods nothing.",
        "bridge/@macTableManager",
    ),
    "zone": _text("Zone of firewalld that the bridge is put into, instead of `libvirt`.", "bridge/@zone"),
    "trust_guest_rx_filters": _TRUST,
    "forward": FORWARD,
    "bandwidth": BANDWIDTH,
    "vlan": VLAN,
    "virtualport": VIRTUALPORT,
    "port": PORT,
    "portgroups": PORTGROUPS,
}
"""Rows that provider 0.8 lacked. Only what is written of them is compared; what else is there is left alone."""
