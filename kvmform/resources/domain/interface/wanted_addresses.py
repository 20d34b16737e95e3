"""The static addresses that a domain wants, each with the name that goes with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address

from kvmform.resources.elements import elements
from kvmform.schema import Object, Plain
from kvmform.struct import Struct, replace
from kvmform.values.model import Unknown

__all__ = ["WantedAddress", "wanted_addresses"]


class WantedAddress(Struct):
    """One address of one interface. `network` is what its network is known by; `name` is empty for one without."""

    interface: Object
    network: Plain
    address: str
    family: int
    name: str


def wanted_addresses(domain: Object) -> list[WantedAddress]:
    """All that are known.

    Where no name is written the domain's own is that of the first of its interfaces on a network; libvirt has no two
    of one name there, but for one of each family.
    """
    wanted = [each for interface in elements(domain.get("network_interface")) for each in _addresses(interface)]
    taken = {(each.network, each.family, each.name) for each in wanted if each.name}
    named = []
    for each in wanted:
        own = each.network, each.family, domain["name"]
        if not each.name and own not in taken:
            taken.add(own)
            named.append(replace(each, name=str(domain["name"])))
        else:
            named.append(each)
    return named


def _addresses(interface: Object) -> Iterator[WantedAddress]:
    reserved, name = interface["reserved_addresses"], interface["hostname"]
    network = _known(interface["network_name"]) or _known(interface["network_id"])
    for address in reserved if isinstance(reserved, list) else ():
        if isinstance(address, str):
            with suppress(ValueError):  # What is no address is told where it is written.
                family = ip_address(address).version
                yield WantedAddress(interface, network, address, family, _known(name) or "")


def _known(value: Plain) -> Plain:
    return None if isinstance(value, Unknown) else value
