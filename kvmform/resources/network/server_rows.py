"""The part of the table that is about the network's own servers: DNS and DHCP."""

from __future__ import annotations

from kvmform.resources.network.equivalence import same_address, same_number, same_or_default, same_text, same_word
from kvmform.resources.network.policies import changed
from kvmform.schema import Block, Row
from kvmform.values.types import BOOL, NUMBER, STRING
from kvmform.xml.codecs import Text, Words

__all__ = ["DHCP", "DHCP_HOSTS", "DHCP_RANGES", "DNS", "DNS_TXTS"]


def _text(doc: str, xml: str | None = None, *, required: bool = False) -> Row:
    return Row(type=STRING, doc=doc, required=required, change=changed, xml=xml, same=same_text)


def _address(doc: str, xml: str | None = None) -> Row:
    return Row(type=STRING, doc=doc, required=True, change=changed, xml=xml, same=same_address)


def _number(doc: str, xml: str) -> Row:
    return Row(type=STRING, doc=doc, change=changed, xml=xml, same=same_number)


LEASE = Block(
    doc="For how long an address is given away; by default an hour.",
    max_items=1,
    change=changed,
    xml="lease",
    rows={
        "expiry": Row(type=NUMBER, doc="How long; 0 is for ever.", required=True, change=changed, xml="@expiry"),
        "unit": Row(
            type=STRING,
            doc="`seconds`, `minutes` or `hours`.",
            default="minutes",
            change=changed,
            xml="@unit",
            codec=Text(absent="minutes"),
        ),
    },
)

DNS_TXTS = Block(
    doc="A text record. Others that are in the network are left alone.",
    change=changed,
    match=(("name", "value"),),
    pair_rest=False,
    xml="dns/txt",
    rows={
        "name": _text("Its name.", "@name", required=True),
        "value": _text("The text.", "@value", required=True),
    },
)

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
        "forward_plain_names": Row(
            type=BOOL,
            doc="Whether names without a dot are asked of other servers.",
            default=True,
            change=changed,
            xml="dns/@forwardPlainNames",
            codec=Words("yes", "no", absent=True),
            same=same_or_default(default=True),
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
        "txts": DNS_TXTS,
    },
)

DHCP_HOSTS = Block(
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
        "lease": LEASE,
    },
)

DHCP_RANGES = Block(
    doc="Addresses to give away; by default all but the first two and the last one, at most 65,533.",
    change=changed,
    match=(("start",),),
    pair_rest=False,
    xml="ip/dhcp/range",
    rows={
        "start": _address("The first one.", "@start"),
        "end": _address("The last one.", "@end"),
        "lease": LEASE,
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
        "hosts": DHCP_HOSTS,
        "ranges": DHCP_RANGES,
        "bootp": Block(
            doc="What guests that boot from the network are told, over IPv4.",
            max_items=1,
            change=changed,
            xml="ip/dhcp/bootp",
            rows={
                "file": _text("Name of the file that they load.", "@file", required=True),
                "server": _text("Address of the server that has it; by default the network's own.", "@server"),
            },
        ),
        "tftp": Block(
            doc="The network's own server for guests that boot from the network.",
            max_items=1,
            change=changed,
            xml="ip/tftp",
            rows={"root": _text("Directory on the host with the files.", "@root", required=True)},
        ),
    },
)
