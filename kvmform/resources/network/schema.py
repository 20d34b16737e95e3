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
from kvmform.resources.network.policies import changed, renamed, resumed, switched
from kvmform.schema import Block, Disruption, Row, Schema
from kvmform.schema.rules import named, xml_text
from kvmform.values.types import BOOL, NUMBER, STRING, ListType
from kvmform.xml.codecs import ON_OFF, Text, Words

__all__ = ["DHCP", "DNS", "SCHEMA"]


def _text(doc: str, xml: str | None = None, *, required: bool = False) -> Row:
    return Row(type=STRING, doc=doc, required=required, change=changed, xml=xml, same=same_text)


def _address(doc: str, xml: str | None = None) -> Row:
    return Row(type=STRING, doc=doc, required=True, change=changed, xml=xml, same=same_address)


def _number(doc: str, xml: str) -> Row:
    return Row(type=STRING, doc=doc, change=changed, xml=xml, same=same_number)


DNS = Block(
    doc="The DNS server. Without this block there is one, with nothing special.",
    max_items=1,
    change=changed,
    xml=".",
    rows={
        "enabled": Row(
            type=BOOL,
            doc="Whether there is one.",
            default=True,
            change=changed,
            xml="dns/@enable",
            codec=Words("yes", "no", absent=True),
            same=same_or_default(default=True),
        ),
        "local_only": Row(
            type=BOOL,
            doc="Whether names in `domain` are never asked of other servers.",
            default=False,
            change=changed,
            xml="domain/@localOnly",
            codec=Words("yes", "no", absent=False),
            same=same_or_default(default=False),
        ),
        "forwarders": Block(
            doc="A server that is asked for what this one doesn't know.",
            change=changed,
            match=(("address", "domain"),),
            pair_rest=False,
            xml="dns/forwarder",
            rows={
                "address": _text("Its IP address; without one, names in `domain` are not forwarded.", "@addr"),
                "domain": _text("Only names in this DNS domain are asked of it.", "@domain"),
            },
        ),
        "hosts": Block(
            doc="A name for an IP address; an address may have several.",
            change=changed,
            match=(("ip", "hostname"),),
            pair_rest=False,
            rows={"ip": _address("The address."), "hostname": _text("The name.", required=True)},
        ),
        "srvs": Block(
            doc="A service record (RFC 2782).",
            change=changed,
            match=(("service", "protocol", "domain", "target", "port", "weight", "priority"),),
            pair_rest=False,
            xml="dns/srv",
            rows={
                "service": _text("Name of the service, such as `ldap`.", "@service", required=True),
                "protocol": _text("`tcp` or `udp`.", "@protocol", required=True),
                "domain": _text("DNS domain that has the service; by default that of the network.", "@domain"),
                "target": _text("Name of the host that offers it.", "@target"),
                "port": _number("Port on the target.", "@port"),
                "weight": _number("Share of the requests among targets of the same priority.", "@weight"),
                "priority": _number("Targets with a lower one come first.", "@priority"),
            },
        ),
    },
)

DHCP = Block(
    doc="The DHCP server. Without this block there is one, but in the mode `bridge`.",
    max_items=1,
    change=changed,
    xml=".",
    rows={
        "enabled": Row(
            type=BOOL,
            doc="Whether there is one; by default in every mode but `bridge`.",
            computed=True,
            change=changed,
        ),
        "hosts": Block(
            doc="A guest that always gets the same address. Others that are in the network, such as those that "
            "domains ask for, are left alone.",
            change=changed,
            match=(("mac",), ("ip",), ("name",)),
            pair_rest=False,
            xml="ip/dhcp/host",
            rows={
                "mac": Row(
                    type=STRING,
                    doc="MAC address of its interface, for IPv4.",
                    change=changed,
                    xml="@mac",
                    same=same_word,
                ),
                "ip": _address("The address.", "@ip"),
                "name": _text("Its host name, by which DHCP for IPv6 knows it.", "@name"),
            },
        ),
        "ranges": Block(
            doc="Addresses to give away; by default all but the first two and the last one, at most 65,533.",
            change=changed,
            match=(("start",),),
            pair_rest=False,
            xml="ip/dhcp/range",
            rows={"start": _address("The first one.", "@start"), "end": _address("The last one.", "@end")},
        ),
    },
)

SCHEMA = Schema(
    doc="A network for guests.",
    rules=(xml_text, named),
    rows={
        "id": Row(type=STRING, doc="UUID of the network.", computed=True, read_only=True, xml="uuid"),
        "name": Row(
            type=STRING, doc="Name of the network, unique on its host.", required=True, change=renamed, xml="name"
        ),
        "mode": Row(
            type=STRING,
            doc="How guests reach the world outside: `nat`, `route`, `open` (routed, and libvirt sets no firewall "
            "rules), `bridge` (by a bridge that the host has), or `none` (not at all).",
            default="nat",
            change=changed,
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
            doc="At most one IPv4 and one IPv6 network, like `10.17.3.0/24`. The host gets the first address of each.",
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
        "dns": DNS,
        "dhcp": DHCP,
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
