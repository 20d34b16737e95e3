"""What a planned network comes to: its servers and subnets, with all that goes without saying."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from kvmform.schema import Object, Plain
from kvmform.struct import Struct, replace

__all__ = [
    "MODES",
    "Subnet",
    "dhcp_of",
    "dns_of",
    "is_bridged",
    "is_macvtap",
    "names_by_address",
    "span_of",
    "subnets",
    "usual_dhcp",
]

MODES = ("nat", "none", "route", "open", "bridge", "private", "vepa", "passthrough")

_OF_THE_HOST = frozenset({"bridge", "private", "vepa", "passthrough"})

_HOST_BITS = 16
"""A DHCP range has at most 65,535 addresses (virSocketAddrGetRange), however large the network is."""

_USUAL_DNS: Object = {
    "enabled": True,
    "local_only": False,
    "forward_plain_names": True,
    "forwarders": [],
    "hosts": [],
    "srvs": [],
    "txts": [],
}


class Subnet(Struct):
    """One `<ip>` element: the host's address, and what DHCP gives away there (elements of the `dhcp` block)."""

    family: str
    address: str
    prefix: int
    dhcp: bool
    ranges: tuple[Object, ...]
    hosts: tuple[Object, ...]
    bootp: tuple[Object, ...]
    tftp: tuple[Object, ...]


def is_bridged(network: Object) -> bool:
    """Whether guests are on a bridge or device of the host's own; libvirt serves them nothing then."""
    return str(network["mode"]).lower() in _OF_THE_HOST


def is_macvtap(network: Object) -> bool:
    """Whether guests share devices of the host's, without a bridge."""
    return is_bridged(network) and not network["bridge"]


def dns_of(network: Object) -> Object:
    """The `dns` block; where none is written, what that comes to."""
    return _completed(network.get("dns"), _USUAL_DNS)


def dhcp_of(network: Object) -> Object:
    """The `dhcp` block; where none is written, what that comes to."""
    return _completed(network.get("dhcp"), usual_dhcp(network))


def usual_dhcp(network: Object) -> Object:
    """What no `dhcp` block comes to."""
    return {"enabled": not is_bridged(network), "hosts": [], "ranges": [], "bootp": [], "tftp": []}


def _completed(blocks: Plain, usual: Object) -> Object:
    block = blocks[0] if isinstance(blocks, list) and blocks else {}
    return {**usual, **{name: value for name, value in block.items() if value is not None}}


def subnets(network: Object) -> list[Subnet]:
    """The `<ip>` elements; none on what the host has, where libvirt allows none.

    libvirt serves DHCP in one network of each family: the first.
    """
    found: list[Subnet] = []
    for cidr in (network["addresses"] or ()) if not is_bridged(network) else ():
        subnet = _subnet(ip_network(cidr, strict=False), dhcp_of(network))
        is_first = all(other.family != subnet.family for other in found)
        found.append(subnet if is_first else replace(subnet, dhcp=False, tftp=()))
    return found


def _subnet(network: IPv4Network | IPv6Network, dhcp: Object) -> Subnet:
    first = network.network_address
    last = first + min(network.num_addresses, 2**_HOST_BITS) - 1
    ranges = tuple(_normal(entry) for entry in dhcp["ranges"] if ip_address(entry["start"]) in network)
    usual = {"start": str(first + 2), "end": str(last - 1), "lease": []}
    boots = dhcp if network.version == 4 else {"bootp": (), "tftp": ()}
    return Subnet(
        family=f"ipv{network.version}",
        address=str(first + 1),
        prefix=network.prefixlen,
        dhcp=dhcp["enabled"],
        ranges=ranges or (usual,),
        hosts=tuple(host for host in dhcp["hosts"] if ip_address(host["ip"]) in network),
        bootp=tuple(boots["bootp"]),
        tftp=tuple(boots["tftp"]),
    )


def _normal(entry: Object) -> Object:
    start, end = span_of(entry)
    return {"start": start, "end": end, "lease": entry.get("lease") or []}


def span_of(entry: Object) -> tuple[str, str]:
    """A DHCP range in libvirt's spelling."""
    return str(ip_address(entry["start"])), str(ip_address(entry["end"]))


def names_by_address(hosts: Sequence[Object]) -> dict[str, list[str]]:
    """DNS names by address, in order of appearance: libvirt has one `<host>` for each address."""
    names: dict[str, list[str]] = {}
    for host in hosts:
        names.setdefault(str(ip_address(host["ip"])), []).append(host["hostname"])
    return names
