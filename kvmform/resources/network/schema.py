"""The table of `libvirt_network`."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from kvmform.resources.network.policies import change, renamed, switched
from kvmform.schema import Block, Disruption, Plain, Row, Schema
from kvmform.values.types import BOOL, NUMBER, STRING, ListType

__all__ = ["SCHEMA", "same_addresses"]


def _same_word(before: Plain, after: Plain) -> bool:
    return str(before).lower() == str(after).lower()


def _same_address(before: Plain, after: Plain) -> bool:
    try:
        return ip_address(before) == ip_address(after)
    except ValueError:
        return bool(before == after)


def same_addresses(before: Plain, after: Plain) -> bool:
    """Whether two lists of CIDRs mean the same networks, in any order."""
    try:
        return {ip_network(a, strict=False) for a in before or []} == {ip_network(a, strict=False) for a in after or []}
    except (TypeError, ValueError):
        return bool(before == after)


def _same_mac(before: Plain, after: Plain) -> bool:
    return str(before).lower() == str(after).lower()


_DNS = Block(
    doc="The network's DNS server.",
    max_items=1,
    change=change,
    rows={
        "enabled": Row(type=BOOL, doc="Whether there is one.", default=True, change=change),
        "local_only": Row(
            type=BOOL,
            doc="Whether names below `domain` are never asked of other servers.",
            default=False,
            change=change,
        ),
        "forwarders": Block(
            doc="A server that is asked for what this one does not know.",
            change=change,
            match=(("address", "domain"),),
            pair_rest=False,
            rows={
                "address": Row(type=STRING, doc="Its address.", change=change),
                "domain": Row(type=STRING, doc="Only for names in this DNS domain.", change=change),
            },
        ),
        "hosts": Block(
            doc="A name and its address.",
            change=change,
            match=(("ip", "hostname"),),
            pair_rest=False,
            rows={
                "ip": Row(type=STRING, doc="The address.", change=change, same=_same_address),
                "hostname": Row(type=STRING, doc="The name.", change=change),
            },
        ),
        "srvs": Block(
            doc="A service record (RFC 2782).",
            change=change,
            match=(("service", "protocol", "domain", "target", "port", "weight", "priority"),),
            pair_rest=False,
            rows={
                name: Row(type=STRING, doc=f"The record's {name}.", change=change)
                for name in ("service", "protocol", "domain", "target", "port", "weight", "priority")
            },
        ),
    },
)

_DHCP = Block(
    doc="The network's DHCP server.",
    max_items=1,
    change=change,
    rows={
        "enabled": Row(
            type=BOOL, doc="Whether there is one; by default wherever libvirt gives out addresses.", change=change
        ),
        "hosts": Block(
            doc="A fixed address for a guest.",
            change=change,
            match=(("mac",), ("name",), ("ip",)),
            pair_rest=False,
            rows={
                "mac": Row(type=STRING, doc="The interface's MAC address.", change=change, same=_same_mac),
                "ip": Row(
                    type=STRING, doc="The address that it gets.", required=True, change=change, same=_same_address
                ),
                "name": Row(type=STRING, doc="The guest's host name.", change=change),
            },
        ),
        "ranges": Block(
            doc="Addresses to give out; by default all of the network but the first and the last.",
            change=change,
            match=(("start", "end"),),
            pair_rest=False,
            rows={
                "start": Row(type=STRING, doc="The first.", required=True, change=change, same=_same_address),
                "end": Row(type=STRING, doc="The last.", required=True, change=change, same=_same_address),
            },
        ),
    },
)

SCHEMA = Schema(
    doc="A network that guests are plugged into.",
    rows={
        "id": Row(type=STRING, doc="UUID of the network.", computed=True, read_only=True, xml="uuid"),
        "name": Row(type=STRING, doc="Name of the network, unique on its host.", required=True, change=renamed),
        "mode": Row(
            type=STRING,
            doc="How guests reach the outside: `nat`, `route`, `open`, `bridge` (a bridge that the host has), or "
            "`none` (not at all).",
            default="nat",
            change=change,
            same=_same_word,
        ),
        "domain": Row(type=STRING, doc="DNS domain of the guests.", change=change),
        "bridge": Row(
            type=STRING,
            doc="Name of the bridge on the host: the existing one for the mode `bridge`, else one that libvirt makes.",
            computed=True,
            change=change,
        ),
        "stp": Row(
            type=BOOL,
            doc="Whether the bridge looks out for loops (the spanning tree protocol). Without it guests get their "
            "addresses about four seconds sooner.",
            default=True,
            change=change,
        ),
        "mtu": Row(type=NUMBER, doc="Size of the largest packet in bytes.", change=change),
        "addresses": Row(
            type=ListType(STRING),
            doc="At most one IPv4 and one IPv6 network, like `10.17.3.0/24`. The host gets the first address.",
            change=change,
            same=same_addresses,
        ),
        "autostart": Row(
            type=BOOL, doc="Whether the network starts with the host.", default=False, change=Disruption.NONE
        ),
        "active": Row(
            type=BOOL,
            doc="Whether the network is up.",
            default=True,
            change=switched,
        ),
        "dns": _DNS,
        "dhcp": _DHCP,
        "routes": Block(
            doc="A static route on the host into this network.",
            change=change,
            match=(("cidr",),),
            rows={
                "cidr": Row(type=STRING, doc="Where to.", required=True, change=change),
                "gateway": Row(type=STRING, doc="By which address of this network.", required=True, change=change),
            },
        ),
        "dnsmasq_options": Block(
            doc="Options for dnsmasq, which is the DNS and DHCP server.",
            max_items=1,
            change=change,
            rows={
                "options": Block(
                    doc="One option.",
                    change=change,
                    match=(("option_name", "option_value"),),
                    rows={
                        "option_name": Row(type=STRING, doc="Its name.", change=change),
                        "option_value": Row(type=STRING, doc="Its value, if it has one.", change=change),
                    },
                )
            },
        ),
        "xml": Block(
            doc="A change to the XML that the network is made from.",
            max_items=1,
            rows={"xslt": Row(type=STRING, doc="XSLT stylesheet that is applied to the XML.")},
        ),
    },
)
