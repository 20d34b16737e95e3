"""What a network of this configuration gives away by DHCP, as far as the plan knows."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from kvmform.schema import Object, Plain

__all__ = ["networks_served", "serves_dhcp_to"]


_WITHOUT_BRIDGE_OF_THEIR_OWN = {"bridge", "vepa", "private", "passthrough", "hostdev"}
"""Modes of networks whose guests get their addresses elsewhere."""


def networks_served(network: Object) -> list[IPv4Network | IPv6Network] | None:
    """The subnets of a planned `libvirt_network` with a DHCP server; none where that is off, None if not known yet."""
    if not _is_enabled(network):
        return []
    addresses = network.get("addresses")
    try:
        return [ip_network(each, strict=False) for each in addresses or ()]
    except (TypeError, ValueError):  # some are not known yet, or are told by the network itself to be none
        return None


def _is_enabled(network: Object) -> bool:
    dhcp = network.get("dhcp")
    enabled: Plain = dhcp[0]["enabled"] if isinstance(dhcp, list) and dhcp else None
    return bool(enabled) if isinstance(enabled, bool) else network.get("mode") not in _WITHOUT_BRIDGE_OF_THEIR_OWN


def serves_dhcp_to(name: Plain, networks: Sequence[Object]) -> bool:
    """Whether addresses can be reserved in the network of this name; what is not planned here is believed to serve.

    On a bridge or a device of the host, without a network, nobody reserves any.
    """
    if name is None:
        return False
    planned = next((network for network in networks if network["name"] == name and "dhcp" in network), None)
    return planned is None or networks_served(planned) != []
