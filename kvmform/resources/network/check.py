"""What can be told about a network before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.values.model import Unknown
from kvmform.xml.document import Document

__all__ = ["check"]

_MODES = ("nat", "none", "route", "open", "bridge")
_LONGEST_NAME = 15
"""Of a network device in Linux (IFNAMSIZ less its end)."""


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    planned = check.planned
    mode = planned["mode"]
    if isinstance(mode, str) and mode.lower() not in _MODES:
        known = ", ".join(_MODES)
        yield Problem(("mode",), error("Unknown network mode", f'There is no mode "{mode}"; there are {known}.'))
    if isinstance(mode, str) and mode.lower() == "bridge" and check.config.get("bridge") is None:
        detail = 'The mode "bridge" is for a bridge that the host has: name it with bridge = "…".'
        yield Problem(("mode",), error("Missing bridge", detail))
    if isinstance(planned["bridge"], str) and len(planned["bridge"]) > _LONGEST_NAME:
        detail = f"Names of network devices have at most {_LONGEST_NAME} characters."
        yield Problem(("bridge",), error("Bridge name too long", detail))
    if any(dns.get("local_only") for dns in _blocks(planned, "dns")) and planned["domain"] is None:
        detail = "local_only keeps names of the network's own domain from other servers, so domain must be set."
        yield Problem(("dns", 0, "local_only"), error("Missing domain", detail))
    networks = list(_networks(planned["addresses"]))
    yield from (problem for problem, _ in networks if problem is not None)
    own = [network for _, network in networks if network is not None]
    yield from _check_hosts(planned, own)
    yield from _check_host_side(check, own)


def _blocks(planned: Object, name: str) -> list[Object]:
    blocks = planned.get(name)
    return blocks if isinstance(blocks, list) else []


Parsed = tuple[Problem | None, IPv4Network | IPv6Network | None]


def _networks(addresses: Plain) -> Iterator[Parsed]:
    versions: set[int] = set()
    for index, cidr in enumerate(addresses if isinstance(addresses, list) else ()):
        path: Path = ("addresses", index)
        if isinstance(cidr, Unknown):
            continue
        try:
            network = ip_network(cidr, strict=False)
        except ValueError:
            detail = f'"{cidr}" is no network in CIDR notation, like 10.17.3.0/24 or fd00:17::/64.'
            yield Problem(path, error("Invalid network address", detail)), None
            continue
        if network.num_addresses < 8:
            detail = f"{cidr} has no room for the host and its guests; the prefix may be /29 at the longest for IPv4."
            yield Problem(path, error("Network too small", detail)), None
        elif network.version in versions:
            detail = f"A network has at most one IPv4 and one IPv6 address; {cidr} is one too many."
            yield Problem(path, error("Too many addresses", detail)), None
        else:
            versions.add(network.version)
            yield None, network


def _check_hosts(planned: Object, own: list[IPv4Network | IPv6Network]) -> Iterator[Problem]:
    for index, host in enumerate(h for block in _blocks(planned, "dhcp") for h in block.get("hosts") or ()):
        if isinstance(host["ip"], Unknown):
            continue
        path: Path = ("dhcp", 0, "hosts", index, "ip")
        try:
            address = ip_address(host["ip"])
        except ValueError:
            yield Problem(path, error("Invalid address", f'"{host["ip"]}" is no IP address.'))
            continue
        if own and not any(address in network for network in own):
            detail = f"{address} is not in {' or '.join(map(str, own))}, the addresses of this network."
            yield Problem(path, error("Address outside of the network", detail))


def _check_host_side(check: Check[Host], own: list[IPv4Network | IPv6Network]) -> Iterator[Problem]:
    planned = check.planned
    mine = {planned["id"], check.observed.object["id"] if check.observed is not None else None}
    others = {other["id"]: other for other in check.others("libvirt_network") if other["id"] not in mine}
    for record in check.host.inventory.networks.all():
        if record.uuid in mine:
            continue
        if record.name == planned["name"] and record.uuid not in others:
            detail = (
                f'The host has a network "{record.name}" (UUID {record.uuid}) that is not in this state, so it is left '
                "alone. Choose another name, use the existing network by its name, or import it into the state."
            )
            yield Problem(("name",), error("Network already exists", detail))
        document = Document.parse(record.xml)
        bridge = document.get("bridge/@name")
        if bridge is not None and bridge == planned["bridge"] and document.get("forward/@mode") != "bridge":
            detail = f'The bridge "{bridge}" belongs to the network "{record.name}". Choose another name.'
            yield Problem(("bridge",), error("Bridge already in use", detail))
        if record.active and record.uuid not in others:
            theirs = [_cidr(ip.get("address"), ip.get("prefix") or ip.get("netmask")) for ip in document.find_all("ip")]
            yield from _overlaps(own, [n for n in theirs if n is not None], record.name)
    for other in others.values():
        theirs = [
            _cidr(*cidr.split("/", 1)) for cidr in other["addresses"] or () if isinstance(cidr, str) and "/" in cidr
        ]
        yield from _overlaps(own, [n for n in theirs if n is not None], str(other["name"]))


def _cidr(address: str | None, mask: str | None) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(f"{address}/{mask}", strict=False)
    except ValueError:
        return None


def _overlaps(
    own: list[IPv4Network | IPv6Network], theirs: list[IPv4Network | IPv6Network], name: str
) -> Iterator[Problem]:
    for mine in own:
        for other in theirs:
            if mine.version == other.version and mine.overlaps(other):
                detail = f'{mine} overlaps with {other}, the addresses of the network "{name}". Choose others.'
                yield Problem(("addresses",), error("Addresses already in use", detail))
