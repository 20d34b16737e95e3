"""Whether a network still has for guests of this configuration what they have asked it for."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.elements import elements
from kvmform.resources.network.neighbours import Address, Network, parse_address, parse_network
from kvmform.schema import Check, Object, Plain, Problem

__all__ = ["check_guests"]


def check_guests(check: Check[Host]) -> Iterator[Problem]:
    """Addresses that guests reserve, and that the network gives to others now, or has no subnet for any more."""
    yield from _check_subnets(check)
    hosts = {
        address: (index, host["mac"])
        for dhcp in elements(check.planned["dhcp"])
        for index, host in enumerate(elements(dhcp["hosts"]))
        if (address := parse_address(host["ip"])) is not None and isinstance(host["mac"], str)
    }
    for domain in check.others("libvirt_domain") if hosts else ():
        for interface in elements(domain["network_interface"]):
            for address in _reserved(check.planned, interface):
                index, mac = hosts.get(address, (0, None))
                if mac is not None and isinstance(interface["mac"], str) and mac.lower() != interface["mac"].lower():
                    detail = (
                        f'The domain "{domain["name"]}" has {address} by the addresses of its network_interface. '
                        "Give this host another one."
                    )
                    yield Problem(("dhcp", 0, "hosts", index, "ip"), error("Address is taken", detail))


def _check_subnets(check: Check[Host]) -> Iterator[Problem]:
    if check.observed is None or not any(edit.path[0] == "addresses" for edit in check.edits):
        return
    before, after = _subnets(check.observed.object["addresses"]), _subnets(check.planned["addresses"])
    for domain in check.others("libvirt_domain"):
        for interface in elements(domain["network_interface"]):
            for address in _reserved(check.planned, interface):
                if any(address in subnet for subnet in before) and not any(address in subnet for subnet in after):
                    detail = (
                        f'The domain "{domain["name"]}" reserves {address} in this network, which has no such '
                        "addresses then. Give it another one in the same plan, by the addresses of its "
                        "network_interface."
                    )
                    yield Problem(("addresses",), error("A guest's address is left out", detail))


def _subnets(cidrs: Plain) -> list[Network]:
    found = (parse_network(cidr) for cidr in elements(cidrs) if isinstance(cidr, str))
    return [each for each in found if each is not None]


def _reserved(network: Object, interface: Object) -> list[Address]:
    """The addresses that an interface on this network reserves, as far as they are known."""
    if interface["network_name"] != network["name"] and interface["network_id"] != network["id"]:
        return []
    found = map(parse_address, elements(interface["reserved_addresses"]))
    return [each for each in found if each is not None]
