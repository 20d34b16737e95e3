"""The table of what passes through a network interface."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_flag, same_link
from kvmform.resources.domain.interface.policies import interface_changed, interface_edited
from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, NUMBER, STRING

__all__ = ["TRAFFIC_ROWS"]


def _number(doc: str, xml: str, *, required: bool = False) -> Row:
    return Row(type=NUMBER, doc=doc, xml=xml, change=interface_changed, required=required)


def _flag(doc: str, xml: str) -> Row:
    return Row(type=BOOL, doc=doc, xml=xml, change=interface_changed, same=same_flag)


def _limits(doc: str, way: str, **more: Row) -> Block:
    return Block(
        doc=doc,
        max_items=1,
        xml=way,
        change=interface_changed,
        rows={
            "average": _number("In the long run, in KiB/s.", "@average"),
            "peak": _number("At most, in KiB/s.", "@peak"),
            "burst": _number("How much may come at the peak, in KiB.", "@burst"),
            **more,
        },
    )


TRAFFIC_ROWS: dict[str, Row | Block] = {
    "link_state": Row(
        type=STRING,
        xml="link/@state",
        change=interface_changed,
        same=same_link,
        doc="`up`, which it is if unset, or `down`: the guest sees its cable pulled.",
    ),
    "portgroup": text("Port group of the network.", interface_edited, xml="source/@portgroup"),
    "bandwidth": Block(
        doc="Limits of what passes.",
        max_items=1,
        xml="bandwidth",
        change=interface_changed,
        rows={
            "inbound": _limits(
                "To the guest.", "inbound", floor=_number("At least, in KiB/s, where the network limits all.", "@floor")
            ),
            "outbound": _limits("From the guest.", "outbound"),
        },
    ),
    "coalesce": Block(
        doc="How many packets for the guest are handed over together.",
        max_items=1,
        xml="coalesce",
        change=interface_changed,
        rows={"rx_frames": _number("At most so many, up to 64; 0 is one by one.", "rx/frames/@max")},
    ),
    "filterref": Block(
        doc="A filter of libvirt's (nwfilter).",
        max_items=1,
        xml="filterref",
        change=interface_changed,
        rows={
            "filter": Row(
                type=STRING,
                required=True,
                xml="@filter",
                change=interface_changed,
                doc="Name, such as `clean-traffic`.",
            ),
            "parameter": Block(
                doc="A variable of the filter; one with several values stands there several times.",
                xml="parameter",
                match=(("name", "value"), ("name",)),
                pair_rest=False,
                change=interface_changed,
                rows={
                    "name": Row(
                        type=STRING, required=True, xml="@name", change=interface_changed, doc="Name, such as `IP`."
                    ),
                    "value": Row(type=STRING, required=True, xml="@value", change=interface_changed, doc="Its value."),
                },
            ),
        },
    ),
    "isolated": _flag("Whether it reaches no other isolated interface of its bridge.", "port/@isolated"),
    "trust_guest_rx_filters": Row(
        type=BOOL,
        xml="@trustGuestRxFilters",
        change=interface_edited,
        same=same_flag,
        doc="Whether a direct connection takes on the MAC addresses that the guest chooses.",
    ),
    "vlan": Block(
        doc="VLANs of the interface, on a switch of Open vSwitch or a device of SR-IOV.",
        max_items=1,
        xml="vlan",
        change=interface_changed,
        rows={
            "trunk": _flag("Whether packets of these VLANs reach the guest with their tags.", "@trunk"),
            "tag": Block(
                doc="One of them.",
                min_items=1,
                xml="tag",
                match=(("id",),),
                change=interface_changed,
                rows={
                    "id": _number("Number of the VLAN.", "@id", required=True),
                    "native_mode": text(
                        "`tagged` or `untagged`: this VLAN is that of packets without a tag.",
                        interface_changed,
                        xml="@nativeMode",
                    ),
                },
            ),
        },
    ),
    "virtualport": Block(
        doc="The port of a switch that the interface is plugged into.",
        max_items=1,
        xml="virtualport",
        change=interface_edited,
        rows={
            "type": text(
                "`openvswitch`, `midonet`, `802.1Qbg` or `802.1Qbh`; that of the network if unset.",
                interface_edited,
                xml="@type",
            ),
            "interfaceid": text("UUID of the port.", interface_edited, xml="parameters/@interfaceid"),
            "profileid": text("Name of its profile.", interface_edited, xml="parameters/@profileid"),
            "managerid": text("VSI manager, for `802.1Qbg`.", interface_edited, xml="parameters/@managerid"),
            "typeid": text("VSI type, for `802.1Qbg`.", interface_edited, xml="parameters/@typeid"),
            "typeidversion": text("Version of it, for `802.1Qbg`.", interface_edited, xml="parameters/@typeidversion"),
            "instanceid": text("VSI instance, for `802.1Qbg`.", interface_edited, xml="parameters/@instanceid"),
        },
    ),
}
"""The rows, in the order in which one thinks of them."""
