"""The table of `libvirt_network`: provider 0.8's, and what that lacked."""

from __future__ import annotations

from kvmform.resources.network.equivalence import (
    same_address,
    same_networks,
    same_number,
    same_or_default,
    same_text,
    same_word,
)
from kvmform.resources.network.link_rows import LINK_ROWS
from kvmform.resources.network.policies import changed, moded, renamed, resumed, switched
from kvmform.resources.network.rules import RULES
from kvmform.resources.network.server_rows import DHCP, DNS
from kvmform.schema import Block, Disruption, Row, Schema
from kvmform.schema.rules import named, xml_text
from kvmform.values.types import BOOL, NUMBER, STRING, ListType
from kvmform.xml.codecs import ON_OFF, Text

__all__ = ["SCHEMA"]


def _text(doc: str, xml: str | None = None) -> Row:
    return Row(type=STRING, doc=doc, change=changed, xml=xml, same=same_text)


def _address(doc: str) -> Row:
    return Row(type=STRING, doc=doc, required=True, change=changed, same=same_address)


SCHEMA = Schema(
    doc="A network for guests.",
    other_dialect=frozenset({"forward", "ips"}),
    rules=(xml_text, named, *RULES),
    rows={
        "id": Row(type=STRING, doc="UUID of the network.", computed=True, read_only=True, xml="uuid"),
        "name": Row(
            type=STRING, doc="Name of the network, unique on its host.", required=True, change=renamed, xml="name"
        ),
        "mode": Row(
            type=STRING,
            doc="How guests reach the world outside: `nat`, `route`, `open` (routed, and libvirt sets no firewall "
            "rules), `none` (not at all); or by what the host has: `bridge` (a bridge, or devices that `forward` "
            "names), `private`, `vepa`, `passthrough` (devices, by macvtap).",
            default="nat",
            change=moded,
            xml="forward/@mode",
            codec=Text(absent="none"),
            same=same_word,
        ),
        "domain": _text("DNS domain of the guests.", "domain/@name"),
        "bridge": Row(
            type=STRING,
            doc="Name of the bridge: in the mode `bridge` one that the host has, else one that libvirt makes and, by "
            "default, names.",
            computed=True,
            change=changed,
            xml="bridge/@name",
            same=same_text,
        ),
        "stp": Row(
            type=BOOL,
            doc="Whether the bridge looks out for loops (the spanning tree protocol). Without it guests get their "
            "addresses about four seconds sooner.",
            default=True,
            change=changed,
            xml="bridge/@stp",
            codec=ON_OFF,
            same=same_or_default(default=True),
        ),
        "mtu": Row(
            type=NUMBER,
            doc="Size of the largest packet, in bytes.",
            change=changed,
            xml="mtu/@size",
            same=same_number,
        ),
        "addresses": Row(
            type=ListType(STRING),
            doc="IPv4 and IPv6 networks, like `10.17.3.0/24`. The host gets the first address of each; DHCP is served "
            "in the first one of each kind.",
            change=changed,
            same=same_networks,
        ),
        "autostart": Row(
            type=BOOL,
            doc="Whether the network is started together with the host.",
            default=False,
            change=Disruption.NONE,
            same=same_or_default(default=False),
        ),
        "active": Row(
            type=BOOL,
            doc="Whether the network is up; one that was stopped is started again.",
            default=True,
            change=switched,
            same=same_or_default(default=True),
        ),
        "metadata": Row(
            type=STRING,
            doc="Anything of yours that the definition shall hold: an XML element with a namespace, or any text.",
            change=Disruption.NONE,
            same=same_text,
        ),
        "dns": DNS,
        "dhcp": DHCP,
        **LINK_ROWS,
        "routes": Block(
            doc="A route of the host to a network behind one of the guests.",
            change=changed,
            match=(("cidr",),),
            rows={
                "cidr": Row(
                    type=STRING,
                    doc="The network, in CIDR notation.",
                    required=True,
                    change=changed,
                    same=lambda before, after: same_networks([before], [after]),
                ),
                "gateway": _address("The guest's address."),
            },
        ),
        "dnsmasq_options": Block(
            doc="Options for dnsmasq, the program that is the DNS and DHCP server.",
            max_items=1,
            change=changed,
            rows={
                "options": Block(
                    doc="One option, in the order of dnsmasq's configuration file.",
                    change=changed,
                    match=(("option_name", "option_value"),),
                    rows={"option_name": _text("Its name."), "option_value": _text("Its value, where it has one.")},
                )
            },
        ),
        "xml": Block(
            doc="A change to the XML that the network is made from.",
            max_items=1,
            rows={"xslt": Row(type=STRING, doc="XSLT 1.0 stylesheet that is applied to the XML.", same=same_text)},
        ),
        "restarting": Row(
            type=BOOL,
            doc="Whether a restart of the network was begun and did not end; the next apply ends it.",
            computed=True,
            read_only=True,
            volatile=True,
            change=resumed,
            same=same_or_default(default=False),
        ),
    },
)
"""The table; arguments in the order in which one thinks of them."""
