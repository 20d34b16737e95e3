"""What a planned network is in libvirt's XML."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from kvmform.schema import Object, Plain
from kvmform.struct import Struct
from kvmform.xml.document import Document
from kvmform.xml.stylesheet import transform
from kvmform.xml.template import render

__all__ = [
    "MODES",
    "Subnet",
    "dhcp_of",
    "dns_of",
    "is_bridged",
    "names_by_address",
    "network_xml",
    "span_of",
    "subnets",
    "usual_dhcp",
]

MODES = ("nat", "none", "route", "open", "bridge")

_HOST_BITS = 16
"""A DHCP range has at most 65,535 addresses (virSocketAddrGetRange), however large the network is."""

_USUAL_DNS: Object = {"enabled": True, "local_only": False, "forwarders": [], "hosts": [], "srvs": []}


class Subnet(Struct):
    """One `<ip>` element: the host's address, and what DHCP gives away there."""

    family: str
    address: str
    prefix: int
    dhcp: bool
    ranges: tuple[tuple[str, str], ...]
    hosts: tuple[Object, ...]


def is_bridged(network: Object) -> bool:
    """Whether guests are on a bridge of the host's own; libvirt serves them nothing then."""
    return str(network["mode"]).lower() == "bridge"


def dns_of(network: Object) -> Object:
    """The `dns` block; where none is written, what that comes to."""
    return _completed(network.get("dns"), _USUAL_DNS)


def dhcp_of(network: Object) -> Object:
    """The `dhcp` block; where none is written, what that comes to."""
    return _completed(network.get("dhcp"), usual_dhcp(network))


def usual_dhcp(network: Object) -> Object:
    """What no `dhcp` block comes to."""
    return {"enabled": not is_bridged(network), "hosts": [], "ranges": []}


def _completed(blocks: Plain, usual: Object) -> Object:
    block = blocks[0] if isinstance(blocks, list) and blocks else {}
    return {**usual, **{name: value for name, value in block.items() if value is not None}}


def subnets(network: Object) -> list[Subnet]:
    """The `<ip>` elements; none in the mode `bridge`, which libvirt allows none."""
    if is_bridged(network):
        return []
    return [_subnet(ip_network(cidr, strict=False), dhcp_of(network)) for cidr in network["addresses"] or ()]


def _subnet(network: IPv4Network | IPv6Network, dhcp: Object) -> Subnet:
    first = network.network_address
    last = first + min(network.num_addresses, 2**_HOST_BITS) - 1
    ranges = tuple(span_of(entry) for entry in dhcp["ranges"] if ip_address(entry["start"]) in network)
    return Subnet(
        family=f"ipv{network.version}",
        address=str(first + 1),
        prefix=network.prefixlen,
        dhcp=dhcp["enabled"],
        ranges=ranges or ((str(first + 2), str(last - 1)),),
        hosts=tuple(host for host in dhcp["hosts"] if ip_address(host["ip"]) in network),
    )


def span_of(entry: Object) -> tuple[str, str]:
    """A DHCP range in libvirt's spelling."""
    return str(ip_address(entry["start"])), str(ip_address(entry["end"]))


def names_by_address(hosts: Sequence[Object]) -> dict[str, list[str]]:
    """DNS names by address, in order of appearance: libvirt has one `<host>` for each address."""
    names: dict[str, list[str]] = {}
    for host in hosts:
        names.setdefault(str(ip_address(host["ip"])), []).append(host["hostname"])
    return names


def network_xml(planned: Object) -> str:
    """The XML of a new network. A stylesheet can change anything in it but UUID and name.

    Raises:
        DiagnosticError: the user's stylesheet can't be applied.
    """
    dns = dns_of(planned)
    values: dict[str, Plain] = {
        **planned,
        "mode": str(planned["mode"]).lower(),
        "dns": dns if planned["dns"] else None,
        "local_only": dns["local_only"],
        "names": names_by_address(dns["hosts"]),
        "subnets": subnets(planned),
        "routes": [(ip_network(route["cidr"], strict=False), route["gateway"]) for route in planned["routes"]],
        "options": [_option(option) for block in planned["dnsmasq_options"] for option in block["options"]],
    }
    xml = render(__package__, "network.xml.j2", values)
    for change in planned["xml"]:
        if change["xslt"]:
            xml = _transformed(xml, change["xslt"])
    return xml


def _option(option: Object) -> str:
    parts = (option["option_name"], option["option_value"])
    return "=".join(part for part in parts if part)


def _transformed(xml: str, stylesheet: str) -> str:
    before, after = Document.parse(xml), Document.parse(transform(xml, stylesheet))
    for name in ("uuid", "name"):
        if after.find(name) is None:
            after.add("", f"<{name}/>")
        element = after.find(name)
        assert element is not None
        element.text = before.get(name)
    return after.text
