"""What a planned network is in libvirt's XML."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from kvmform.schema import Object, Plain
from kvmform.xml.stylesheet import transform
from kvmform.xml.template import render

__all__ = ["Subnet", "dhcp_enabled", "dns_host_groups", "network_xml", "subnets"]

_SERVED = {"nat", "none", "route", "open"}
_HOST_BITS = 16
"""Of larger networks dnsmasq serves only so much."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """One `<ip>` element: the host's address, and what DHCP gives out in it."""

    family: str
    address: str
    prefix: int
    dhcp: bool
    ranges: list[tuple[str, str]]
    hosts: list[Object]


def dhcp_enabled(planned: Object) -> bool:
    """Whether libvirt is to give out addresses."""
    blocks = planned.get("dhcp") or []
    wanted = blocks[0].get("enabled") if blocks else None
    if wanted is not None:
        return bool(wanted)
    return str(planned["mode"]).lower() in _SERVED


def subnets(planned: Object) -> list[Subnet]:
    """The `<ip>` elements; none for the mode `bridge`, where another gives out addresses."""
    if str(planned["mode"]).lower() == "bridge":
        return []
    return [_subnet(planned, ip_network(cidr, strict=False)) for cidr in planned["addresses"] or []]


def _subnet(planned: Object, network: IPv4Network | IPv6Network) -> Subnet:
    enabled = dhcp_enabled(planned)
    block = (planned.get("dhcp") or [{}])[0]
    ranges = [(r["start"], r["end"]) for r in block.get("ranges") or () if ip_address(r["start"]) in network]
    hosts = [h for h in block.get("hosts") or () if ip_address(h["ip"]) in network]
    first = int(network.network_address)
    last = first + min(network.num_addresses, 2**_HOST_BITS) - 1
    default = (str(ip_address(first + 2)), str(ip_address(last - 1)))
    return Subnet(
        family=f"ipv{network.version}",
        address=str(ip_address(first + 1)),
        prefix=network.prefixlen,
        dhcp=enabled,
        ranges=(ranges or [default]) if enabled else [],
        hosts=hosts if enabled else [],
    )


def dns_host_groups(hosts: list[Object]) -> list[tuple[str, list[str]]]:
    """Names by address, in order of appearance: libvirt has one `<host>` per address."""
    groups: dict[str, list[str]] = {}
    for host in hosts:
        groups.setdefault(host["ip"], []).append(host["hostname"])
    return list(groups.items())


def network_xml(planned: Object) -> str:
    """The XML of a new network.

    Raises:
        DiagnosticError: the user's stylesheet can't be applied.
    """
    dns = (planned["dns"] or [None])[0]
    options = [o for block in planned["dnsmasq_options"] for o in block["options"]]
    values: dict[str, Plain] = {
        **planned,
        "mode": str(planned["mode"]).lower(),
        "subnets": subnets(planned),
        "dns": dns,
        "dns_hosts": dns_host_groups(dns["hosts"]) if dns else [],
        "local_only": bool(dns and dns["local_only"]),
        "routes": [(ip_network(route["cidr"], strict=False), route["gateway"]) for route in planned["routes"]],
        "options": [
            o["option_name"] if o["option_value"] is None else f"{o['option_name']}={o['option_value']}"
            for o in options
        ],
    }
    xml = render(__package__, "network.xml.j2", values)
    for change in planned["xml"]:
        if change["xslt"]:
            xml = transform(xml, change["xslt"])
    return xml
