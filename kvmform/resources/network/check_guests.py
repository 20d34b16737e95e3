"""Whether a network gives away to others what guests of this configuration have asked it for."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.schema import Check, Object, Plain, Problem

__all__ = ["check_guests"]


def check_guests(check: Check[Host]) -> Iterator[Problem]:
    """Every `hosts` block with an address that a guest's interface reserves, and another MAC address."""
    hosts = {
        host["ip"]: (index, host["mac"])
        for dhcp in _blocks(check.planned["dhcp"])
        for index, host in enumerate(_blocks(dhcp["hosts"]))
        if isinstance(host["ip"], str) and isinstance(host["mac"], str)
    }
    for domain in check.others("libvirt_domain") if hosts else ():
        for interface in _blocks(domain["network_interface"]):
            for address in _reserved(check.planned, interface):
                index, mac = hosts.get(address, (0, None))
                if mac is not None and isinstance(interface["mac"], str) and mac.lower() != interface["mac"].lower():
                    detail = (
                        f'The domain "{domain["name"]}" has {address} by the addresses of its network_interface. '
                        "Give this host another one."
                    )
                    yield Problem(("dhcp", 0, "hosts", index, "ip"), error("Address is taken", detail))


def _reserved(network: Object, interface: Object) -> list[str]:
    """The addresses that an interface on this network reserves, as far as they are known."""
    known = interface["network_name"] == network["name"] or interface["network_id"] == network["id"]
    return [each for each in _blocks(interface["reserved_addresses"]) if isinstance(each, str)] if known else []


def _blocks(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []
