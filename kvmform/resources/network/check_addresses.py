"""What can be told about a network's addresses before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvmform.diagnostics import error
from kvmform.resources.elements import elements
from kvmform.resources.network.definition import is_bridged
from kvmform.resources.network.neighbours import Neighbour, Network, parse_address, parse_network
from kvmform.schema import Object, Path, Plain, Problem

__all__ = ["check_addresses"]

_FEWEST = 8
"""Addresses of the smallest network: the host's, two of its own, and some for guests."""


def check_addresses(planned: Object, others: Sequence[Neighbour]) -> Iterator[Problem]:
    """Problems of the networks, and of what has to be inside of them."""
    cidrs = planned["addresses"] or ()
    networks: list[Network] = []
    for index, cidr in enumerate(_known(cidrs)):
        network = parse_network(cidr)
        problem = _unsuitable(cidr, network, networks)
        if problem:
            yield Problem(("addresses", index), error("Unsuitable network address", problem))
        elif network is not None:
            networks.append(network)
    if not is_bridged(planned) and planned["active"] is not False:
        yield from _check_overlaps(networks, others)
    inside = networks if len(networks) == len(_known(cidrs)) == len(_items(cidrs)) else None
    served = None if inside is None else list({network.version: network for network in reversed(inside)}.values())
    yield from _check_dhcp(planned, served)
    yield from _check_routes(planned, inside)
    yield from _check_dns(planned)


def _items(values: Plain) -> Sequence[Plain]:
    """The items of a list; if it is not known, one that is not."""
    return values if isinstance(values, list | tuple) else [values]


def _known(values: Plain) -> list[str]:
    return [value for value in _items(values) if isinstance(value, str)]


def _unsuitable(cidr: str, network: Network | None, others: Sequence[Network]) -> str:
    """What is wrong with a network; nothing if it is empty."""
    if network is None:
        return f'"{cidr}" is no network in CIDR notation, like 10.17.3.0/24 or fd00:17::/64.'
    if network.num_addresses < _FEWEST:
        return f"{cidr} has no room for the host and its guests: /{network.max_prefixlen - 3} is the longest prefix."
    for other in others:
        if network.version == other.version and network.overlaps(other):
            return f"{cidr} overlaps with {other}, which this network has too."
    return ""


def _check_overlaps(networks: Sequence[Network], others: Sequence[Neighbour]) -> Iterator[Problem]:
    for other in others:
        for mine in networks:
            for theirs in other.networks:
                if mine.version == theirs.version and mine.overlaps(theirs):
                    detail = (
                        f'{mine} overlaps with {theirs}, which is that of the network "{other.name}". Choose another.'
                    )
                    yield Problem(("addresses",), error("Addresses used by another network", detail))


def _check_dhcp(planned: Object, networks: Sequence[Network] | None) -> Iterator[Problem]:
    for block in elements(planned["dhcp"]):
        hosts, ranges = elements(block["hosts"]), elements(block["ranges"])
        boots = [(name, elements(block[name])) for name in ("bootp", "tftp")]
        for name, entries in (("hosts", hosts), ("ranges", ranges), *boots):
            if entries and (block["enabled"] is False or is_bridged(planned)):
                detail = f"{name} are for the DHCP server, which this network does not have: set enabled = true."
                if is_bridged(planned):
                    detail = f'{name} are for a DHCP server, which libvirt does not run in the mode "bridge".'
                yield Problem(("dhcp", 0, name), error("DHCP is disabled", detail))
        for index, host in enumerate(hosts):
            yield from _check_host(host, ("dhcp", 0, "hosts", index), networks)
        yield from _check_uniqueness(hosts)
        for index, entry in enumerate(ranges):
            yield from _check_range(entry, ("dhcp", 0, "ranges", index), networks)


def _check_host(host: Object, path: Path, networks: Sequence[Network] | None) -> Iterator[Problem]:
    yield from _check_inside(host["ip"], (*path, "ip"), networks)
    address = parse_address(host["ip"])
    if address is None:
        return
    if address.version == 4 and not host["mac"] and not host["name"]:
        detail = f"To whom is {address} given? Name the guest's MAC address with mac, or its host name with name."
        yield Problem(path, error("Missing MAC address", detail))
    if address.version == 6 and (host["mac"] or not host["name"]):
        detail = "DHCP for IPv6 doesn't know guests by MAC address. Write the guest's host name, and no mac, beside it."
        yield Problem(path, error("A name is needed for an IPv6 address", detail))


def _check_uniqueness(hosts: Sequence[Object]) -> Iterator[Problem]:
    """To a running network libvirt adds no second host with the same address or name."""
    seen: set[tuple[str, int, str]] = set()
    for index, host in enumerate(hosts):
        address = parse_address(host["ip"])
        values = {"mac": host["mac"], "ip": str(address) if address else None, "name": host["name"]}
        for name, value in values.items():
            if not isinstance(value, str) or not value or address is None:
                continue
            key = (name, address.version, value.lower())
            if key in seen:
                detail = f"There is another DHCP host with the {name} {value}; each can be there once."
                yield Problem(("dhcp", 0, "hosts", index, name), error("DHCP host given twice", detail))
            seen.add(key)


def _check_range(entry: Object, path: Path, networks: Sequence[Network] | None) -> Iterator[Problem]:
    for name in ("start", "end"):
        yield from _check_inside(entry[name], (*path, name), networks)
    start, end = parse_address(entry["start"]), parse_address(entry["end"])
    if start is not None and end is not None and (start.version != end.version or int(start) > int(end)):
        yield Problem(path, error("Invalid range", f"There is no way from {start} up to {end}."))


def _check_routes(planned: Object, networks: Sequence[Network] | None) -> Iterator[Problem]:
    for index, route in enumerate(elements(planned["routes"])):
        yield from _check_inside(route["gateway"], ("routes", index, "gateway"), networks)
        cidr = route["cidr"]
        if isinstance(cidr, str) and parse_network(cidr) is None:
            detail = f'"{cidr}" is no network in CIDR notation, like 10.17.3.0/24.'
            yield Problem(("routes", index, "cidr"), error("Unsuitable network address", detail))


def _check_dns(planned: Object) -> Iterator[Problem]:
    for block in elements(planned["dns"]):
        for name, key in (("hosts", "ip"), ("forwarders", "address")):
            for index, entry in enumerate(elements(block[name])):
                yield from _check_inside(entry[key] or None, ("dns", 0, name, index, key), None)


def _check_inside(text: Plain, path: Path, networks: Sequence[Network] | None) -> Iterator[Problem]:
    """Whether it is an address, and, where these are known, in one of the networks."""
    if not isinstance(text, str):
        return
    address = parse_address(text)
    if address is None:
        yield Problem(path, error("Invalid IP address", f'"{text}" is no IP address.'))
    elif networks is not None and not any(address in network for network in networks):
        places = " or ".join(map(str, networks)) or "any, since this network has none"
        yield Problem(path, error("Address outside of the network", f"{address} is not in {places}."))
