"""Static addresses that a network can't give to an interface, told before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from kvmform.diagnostics import Diagnostic, error, warning
from kvmform.host.host import Host
from kvmform.host.records import NetworkRecord
from kvmform.resources.domain.equivalence import same_mac
from kvmform.resources.domain.interface.dhcp import networks_served
from kvmform.resources.domain.interface.owners import owner_of
from kvmform.resources.domain.interface.reservations import holders, serves_dhcp
from kvmform.resources.domain.interface.wanted_addresses import wanted_addresses
from kvmform.resources.elements import elements
from kvmform.schema import Check, CheckAll, Object, Path, Plain, Problem

__all__ = ["check_reservations", "reserved_twice"]


def check_reservations(check: Check[Host], path: Path, interface: Object, wanted: Sequence[str]) -> Iterator[Problem]:
    """Whether the network can give away the addresses: one of this configuration as it will be, any other as it is."""
    name, path = interface["network_name"], (*path, "addresses")
    planned = next((network for network in check.others("libvirt_network") if network["name"] == name), None)
    record = check.host.inventory.networks.named(name) if isinstance(name, str) and name else None
    if planned is not None:
        yield from _check_subnets(path, planned, wanted)
        yield from _check_hosts(path, planned, interface, wanted)
    elif record is not None:
        for address in wanted:
            if not serves_dhcp(record, address):
                yield _unserved(path, address, name)
            elif _is_held(check, record, interface["mac"], address):
                yield _taken(path, address, name, "another guest")


def _check_subnets(path: Path, network: Object, wanted: Sequence[str]) -> Iterator[Problem]:
    name, served = network["name"], networks_served(network)
    if served == [] and wanted:
        detail = (
            f'The network "{name}" has no DHCP server, so nothing is reserved in it. The guest has to take the '
            "address by itself; it is recorded as written."
        )
        yield Problem(path, warning("Address not reserved", detail))
    families = {subnet.version for subnet in served or ()}
    for address in wanted if served else ():
        if ip_address(address).version not in families:
            yield _unserved(path, address, name)
        elif not any(ip_address(address) in network for network in served or ()):
            subnets = ", ".join(map(str, served or ()))
            detail = (
                f'{address} is in none of the networks of "{name}": {subnets}. libvirt takes the reservation, '
                "and its DHCP server gives such an address to nobody."
            )
            yield Problem(path, warning("Address outside of the network", detail))


def _check_hosts(path: Path, network: Object, interface: Object, wanted: Sequence[str]) -> Iterator[Problem]:
    """What the network's own block gives to others is not given to this one."""
    for dhcp in elements(network.get("dhcp")):
        for host in elements(dhcp.get("hosts")):
            is_other = isinstance(host["mac"], str) and not same_mac(host["mac"], interface["mac"])
            if is_other and host["ip"] in wanted:
                yield _taken(path, host["ip"], network["name"], f"{host['mac']}, by its dhcp block")


def _is_held(check: Check[Host], record: NetworkRecord, mac: Plain, address: str) -> bool:
    """Whether a guest of somebody else's has the address; those of this state are compared as they are planned."""
    holder = holders(record.xml).get(address)
    if holder is None or not holder.mac or not isinstance(mac, str) or same_mac(holder.mac, mac):
        return False
    owner = owner_of(check.host, holder)
    return owner is None or owner.lineage != check.identity.lineage


def _unserved(path: Path, address: str, network: Plain) -> Problem:
    detail = f'The network "{network}" gives no addresses like {address} by DHCP, so it can\'t be reserved there.'
    return Problem(path, error("No DHCP server for the address", detail))


def _taken(path: Path, address: str, network: Plain, whose: str) -> Problem:
    detail = f'The network "{network}" reserves {address} for {whose}. Choose another one.'
    return Problem(path, error("Address is taken", detail))


def reserved_twice(check: CheckAll[Host]) -> Iterator[Diagnostic]:
    """Addresses, and names that go with them, that several interfaces on one network want."""
    claims: dict[tuple[Plain, ...], Plain] = {}
    for domain in check.planned:
        for each in wanted_addresses(domain):
            if not each.network:
                continue
            if each.family == 6 and not each.name:
                yield error("No host name", _NAMELESS.format(domain=domain["name"], address=each.address))
            yield from _claim(claims, domain, (each.network, each.address), f"the address {each.address}")
            if each.name:
                name = f'the host name "{each.name}"'
                yield from _claim(claims, domain, (each.network, each.family, each.name), name)


_NAMELESS = (
    'DHCP for IPv6 knows a guest by its host name, and another interface of the domain "{domain}" has its name on this '
    "network. Write a hostname beside {address}."
)


def _claim(
    claims: dict[tuple[Plain, ...], Plain], domain: Object, key: tuple[Plain, ...], what: str
) -> Iterator[Diagnostic]:
    if key in claims:
        detail = f'On one network the domains "{claims[key]}" and "{domain["name"]}" both want {what}.'
        yield error("Reserved twice", f"{detail} Change one of them.")
    claims.setdefault(key, domain["name"])
