"""What can be told about a network's addresses before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.network.reading import cidr_of
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.xml.document import Document

__all__ = ["check_addresses"]

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_FEWEST = 8
"""The smallest network: the host, a guest or more, and what a network itself takes."""


def check_addresses(check: Check[Host]) -> Iterator[Problem]:
    """Problems of the networks, and of what has to be inside of them."""
    planned = check.planned
    networks: list[Network] = []
    for index, cidr in enumerate(_known(planned["addresses"])):
        found = _network(cidr, networks)
        if isinstance(found, str):
            yield Problem(("addresses", index), error("Unsuitable network address", found))
        else:
            networks.append(found)
    if not _is_bridged(planned):
        for network in networks:
            yield from _check_overlaps(check, network)
    are_known = len(networks) == len(planned["addresses"] or ())
    yield from _check_dhcp(planned, networks if are_known else None)
    yield from _check_places(planned, networks if are_known else None)


def _known(values: Plain) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _network(cidr: str, others: Sequence[Network]) -> Network | str:
    """The network that a CIDR means, or what is wrong with it."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return f'"{cidr}" is no network in CIDR notation, like 10.17.3.0/24 or fd00:17::/64.'
    if network.num_addresses < _FEWEST:
        return f"{cidr} has no room for the host and its guests: its prefix is /{network.max_prefixlen - 3} at most."
    if any(network.version == other.version for other in others):
        return f"A network has at most one IPv4 and one IPv6 network; {cidr} is one too many."
    return network


def _is_bridged(planned: Object) -> bool:
    return str(planned["mode"]).lower() == "bridge"


def _check_overlaps(check: Check[Host], network: Network) -> Iterator[Problem]:
    own = {check.planned["id"], check.observed.object["id"] if check.observed is not None else None}
    planned = {other["id"]: other for other in check.others("libvirt_network") if other["id"] not in own}
    users = [
        (other["name"], cidr)
        for other in planned.values()
        if not _is_bridged(other)
        for cidr in _known(other["addresses"])
    ]
    for record in check.host.inventory.networks.all():
        if record.active and record.uuid not in planned and record.uuid not in own:
            users += [(record.name, cidr_of(ip)) for ip in Document.parse(record.xml).find_all("ip")]
    for name, cidr in users:
        other = _network(cidr, ())
        if not isinstance(other, str) and network.version == other.version and network.overlaps(other):
            detail = (
                f'{network} overlaps with {other}, which the network "{name}" has on this host. Choose addresses that '
                "no other network has."
            )
            yield Problem(("addresses",), error("Addresses used by another network", detail))


def _check_dhcp(planned: Object, networks: Sequence[Network] | None) -> Iterator[Problem]:
    for block in _blocks(planned["dhcp"]):
        hosts, ranges = _blocks(block["hosts"]), _blocks(block["ranges"])
        for name, entries in (("hosts", hosts), ("ranges", ranges)):
            if entries and (block["enabled"] is False or _is_bridged(planned)):
                detail = f"{name} are for the DHCP server, which this network does not have: set enabled = true."
                if _is_bridged(planned):
                    detail = f'{name} are for a DHCP server, which libvirt does not run in the mode "bridge".'
                yield Problem(("dhcp", 0, name), error("DHCP is disabled", detail))
        for index, host in enumerate(hosts):
            yield from _check_host(host, ("dhcp", 0, "hosts", index), networks)
        yield from _check_uniqueness(hosts)
        for index, entry in enumerate(ranges):
            yield from _check_range(entry, ("dhcp", 0, "ranges", index), networks)


def _blocks(value: Plain) -> list[Object]:
    return value if isinstance(value, list) else []


def _check_host(host: Object, path: Path, networks: Sequence[Network] | None) -> Iterator[Problem]:
    yield from _check_inside(host["ip"], (*path, "ip"), networks)
    address = _address(host["ip"])
    if address is None:
        return
    if address.version == 4 and not host["mac"] and not host["name"]:
        detail = f"To whom is {address} given? Name the guest's MAC address with mac, or its host name with name."
        yield Problem(path, error("Missing MAC address", detail))
    if address.version == 6 and (host["mac"] or not host["name"]):
        detail = "DHCP for IPv6 doesn't know guests by MAC address. Write the guest's host name, and no mac, beside it."
        yield Problem(path, error("A name is needed for an IPv6 address", detail))


def _check_uniqueness(hosts: Sequence[Object]) -> Iterator[Problem]:
    """libvirt takes no second host with the same address or name while the network runs."""
    seen: set[tuple[str, int, str]] = set()
    for index, host in enumerate(hosts):
        address = _address(host["ip"])
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
    start, end = _address(entry["start"]), _address(entry["end"])
    if start is not None and end is not None and (start.version != end.version or int(start) > int(end)):
        yield Problem(path, error("Invalid range", f"There is no way from {start} up to {end}."))


def _check_places(planned: Object, networks: Sequence[Network] | None) -> Iterator[Problem]:
    """Addresses in other blocks, and routes, which lead through guests."""
    for index, route in enumerate(_blocks(planned["routes"])):
        yield from _check_inside(route["gateway"], ("routes", index, "gateway"), networks)
        try:
            ip_network(route["cidr"], strict=False) if isinstance(route["cidr"], str) else None
        except ValueError:
            detail = f'"{route["cidr"]}" is no network in CIDR notation, like 10.17.3.0/24.'
            yield Problem(("routes", index, "cidr"), error("Unsuitable network address", detail))
    for block in _blocks(planned["dns"]):
        for index, host in enumerate(_blocks(block["hosts"])):
            yield from _check_inside(host["ip"], ("dns", 0, "hosts", index, "ip"), None)
        for index, forwarder in enumerate(_blocks(block["forwarders"])):
            if forwarder["address"]:
                yield from _check_inside(forwarder["address"], ("dns", 0, "forwarders", index, "address"), None)


def _check_inside(text: Plain, path: Path, networks: Sequence[Network] | None) -> Iterator[Problem]:
    """Whether it is an address, and, where they are known, in one of the networks."""
    if not isinstance(text, str):
        return
    address = _address(text)
    if address is None:
        yield Problem(path, error("Invalid IP address", f'"{text}" is no IP address.'))
    elif networks is not None and not any(address in network for network in networks):
        places = " or ".join(map(str, networks)) or "any, since this network has none"
        yield Problem(path, error("Address outside of the network", f"{address} is not in {places}."))


def _address(text: Plain) -> Address | None:
    try:
        return ip_address(text) if isinstance(text, str) else None
    except ValueError:
        return None
