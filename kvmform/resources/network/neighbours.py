"""The other networks of a host: those that are planned, and those that nobody here plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from kvmform.host.host import Host
from kvmform.resources.network.definition import is_bridged
from kvmform.resources.network.reading import cidr_of
from kvmform.schema import Check, Claim, Object, Plain
from kvmform.struct import Struct
from kvmform.xml.document import Document

__all__ = [
    "Address",
    "Neighbour",
    "Network",
    "claims",
    "exchanging",
    "needs",
    "neighbours",
    "parse_address",
    "parse_network",
]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Neighbour(Struct):
    """Another network, by what there can be only once on a host.

    `uuid` is that of a network which is not in the plan, else empty. `bridge` is one that
    libvirt makes for it. `networks` are in use as long as it is active.
    """

    name: Plain
    bridge: Plain
    networks: tuple[Network, ...]
    uuid: str = ""


def neighbours(check: Check[Host]) -> Iterator[Neighbour]:
    """Every other network that the host has by the time this one is made or changed."""
    own = {check.planned["id"], check.observed.object["id"] if check.observed is not None else None}
    gone = {*own, *check.leaving("libvirt_network")}
    planned = {other["id"]: other for other in check.others("libvirt_network") if other["id"] not in own}
    yield from map(_planned, planned.values())
    for record in check.host.inventory.networks.all():
        if record.uuid not in planned and record.uuid not in gone:
            bridge, networks = _in_use(record.xml)
            yield Neighbour(record.name, bridge, networks if record.active else (), record.uuid)


def exchanging(check: Check[Host]) -> Iterator[Object]:
    """Planned networks that take addresses or the bridge of this one, which takes theirs: neither can be first."""
    if check.observed is None or check.replace or check.planned["active"] is False:
        return
    before, after = check.observed.object, check.planned
    for other in check.others("libvirt_network"):
        record = check.host.inventory.networks.get(other["id"]) if isinstance(other["id"], str) else None
        if record is None or other["id"] == after["id"] or not record.active:
            continue
        bridge, networks = _in_use(record.xml)
        gives_bridge = bridge is not None and bridge == after["bridge"] and other["bridge"] == before["bridge"]
        if gives_bridge or (_meet(_networks(after), networks) and _meet(_networks(other), _networks(before))):
            yield other


def _meet(some: Sequence[Network], others: Sequence[Network]) -> bool:
    return any(one.version == other.version and one.overlaps(other) for one in some for other in others)


def claims(network: Object) -> Iterator[Claim]:
    """Its name; and, unless it is on what the host has, the bridge and the addresses, with all networks they are in."""
    yield from _names(network)
    for own in _networks(network):
        yield ("addresses", str(own))
        yield from (("addresses in", wider) for wider in _around(own))


def needs(network: Object) -> Iterator[Claim]:
    """What nobody may have: its names, networks that its own are in, and networks in its own.

    Of two networks that overlap one is in the other, so these meet the claims of just those that overlap.
    """
    yield from _names(network)
    for own in _networks(network):
        yield ("addresses in", str(own))
        yield ("addresses", str(own))
        yield from (("addresses", wider) for wider in _around(own))


def _names(network: Object) -> Iterator[Claim]:
    yield ("network", network["name"])
    if not is_bridged(network):
        yield ("bridge", network["bridge"])


def _networks(network: Object) -> list[Network]:
    cidrs = network["addresses"] if isinstance(network["addresses"], list) and not is_bridged(network) else []
    found = (parse_network(cidr) for cidr in cidrs if isinstance(cidr, str))
    return [each for each in found if each is not None]


@lru_cache(maxsize=4096)
def _around(network: Network) -> tuple[str, ...]:
    """All networks that a network is in, but itself."""
    return tuple(str(network.supernet(new_prefix=length)) for length in range(network.prefixlen))


def _planned(network: Object) -> Neighbour:
    if is_bridged(network):
        return Neighbour(network["name"], None, ())
    return Neighbour(
        network["name"], network["bridge"], tuple(_networks(network)) if network["active"] is not False else ()
    )


@lru_cache(maxsize=4096)
def _in_use(xml: str) -> tuple[str | None, tuple[Network, ...]]:
    """Bridge and networks in a network's XML, which is asked again for each planned network."""
    document = Document.parse(xml)
    if document.get("forward/@mode") == "bridge":
        return None, ()
    found = (parse_network(cidr_of(ip)) for ip in document.find_all("ip"))
    return document.get("bridge/@name"), tuple(one for one in found if one is not None)


@lru_cache(maxsize=4096)
def parse_network(cidr: str) -> Network | None:
    """The network that a CIDR means, whatever its host part; None if it is none."""
    try:
        return ip_network(cidr, strict=False)
    except ValueError:
        return None


def parse_address(text: Plain) -> Address | None:
    """The address that a text is; None if it is none, or not known yet."""
    try:
        return ip_address(text) if isinstance(text, str) else None
    except ValueError:
        return None
