"""The table of a domain's network interfaces."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_flag, same_mac, same_text
from kvmform.resources.domain.interface.device_rows import DEVICE_ROWS, USER_MODE_ROWS
from kvmform.resources.domain.interface.policies import interface_added_or_removed, interface_edited
from kvmform.resources.domain.interface.traffic_rows import TRAFFIC_ROWS
from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import BOOL, STRING, ListType

__all__ = ["CHANGED_LIVE", "NETWORK_INTERFACE", "OPTION_ROWS"]

OPTION_ROWS: dict[str, Row | Block] = {**DEVICE_ROWS, **TRAFFIC_ROWS, **USER_MODE_ROWS}
"""Rows that are no more than their places in libvirt's `<interface>`."""

CHANGED_LIVE = TRAFFIC_ROWS.keys() - {"portgroup", "trust_guest_rx_filters", "virtualport"}
"""Those that libvirt changes while the interface is connected; for the others it is connected anew."""

_NETWORKS = ("network_id", "network_name")
_MATCH = (
    ("mac",),
    *((network, "addresses") for network in _NETWORKS),
    *((source, "model") for source in (*_NETWORKS, "bridge")),
    *((source,) for source in (*_NETWORKS, "bridge", "macvtap", "vepa", "passthrough")),
)
"""Of several cards on one network, which have no MAC address written, the one that is most like it is the one meant."""

NETWORK_INTERFACE = Block(
    doc="A network interface; without a source it is on QEMU's user-mode network.",
    match=_MATCH,
    change=interface_added_or_removed,
    rows={
        "network_id": Row(
            type=STRING, computed=True, change=interface_edited, same=same_text, doc="Id of a `libvirt_network`."
        ),
        "network_name": Row(
            type=STRING,
            computed=True,
            names=("libvirt_network", "name"),
            change=interface_edited,
            same=same_text,
            doc="Name of a libvirt network; it counts more than `network_id`.",
        ),
        "bridge": text("Bridge of the host.", interface_edited),
        "vepa": text("Device of the host, connected in VEPA mode.", interface_edited),
        "macvtap": text("Device of the host, connected in bridge mode.", interface_edited),
        "private": text("Device of the host, connected in private mode.", interface_edited),
        "passthrough": text("Device of the host that is handed to the guest as a whole.", interface_edited),
        "hostname": text(
            "Name that a static DHCP reservation has; if unset the domain's, for its first interface on a network.",
            Disruption.LIVE,
        ),
        "mac": Row(
            type=STRING,
            computed=True,
            change=interface_edited,
            same=same_mac,
            doc="MAC address; where none is written it is derived from the resource's address, and never changes.",
        ),
        "addresses": Row(
            type=ListType(STRING),
            computed=True,
            volatile=True,
            change=Disruption.LIVE,
            doc="Addresses that the network's DHCP server reserves for the interface; where none are written, "
            "those that it has got.",
        ),
        "wait_for_lease": Row(
            type=BOOL,
            default=False,
            change=Disruption.NONE,
            same=same_flag,
            doc="Wait for an address of the interface after the guest was started.",
        ),
        "reserved_addresses": Row(
            type=ListType(STRING),
            computed=True,
            read_only=True,
            change=Disruption.LIVE,
            doc="Static reservations that kvmform made in the network; they are removed with the interface.",
        ),
        **OPTION_ROWS,
    },
)
