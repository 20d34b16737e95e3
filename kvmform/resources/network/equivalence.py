"""When two values of an attribute mean the same, though they are written differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from kvmform.schema import Plain

__all__ = ["same_address", "same_networks", "same_number", "same_or_default", "same_text", "same_word"]


def same_text(before: Plain, after: Plain) -> bool:
    """An empty string is as good as nothing written: provider 0.8 stored one for the other."""
    return bool((before or "") == (after or ""))


def same_word(before: Plain, after: Plain) -> bool:
    """The same, with case left aside: modes and MAC addresses."""
    return same_text(str(before or "").lower(), str(after or "").lower())


def same_number(before: Plain, after: Plain) -> bool:
    """0 is as good as nothing written, and `"5"` as 5."""
    return str(before or 0) == str(after or 0)


def same_or_default(default: bool) -> Callable[[Plain, Plain], bool]:
    """What is not in a record, because the argument is newer than it, is the default."""
    return lambda before, after: bool((default if before is None else before) == (default if after is None else after))


def same_address(before: Plain, after: Plain) -> bool:
    """An IPv6 address has many spellings."""
    try:
        return ip_address(before) == ip_address(after)
    except ValueError:
        return same_text(before, after)


def same_networks(before: Plain, after: Plain) -> bool:
    """Lists of CIDRs are the same if they have the same networks, with any host part, and the same first of each kind.

    The first is the one that DHCP is served in.
    """
    try:
        one, other = ([ip_network(cidr, strict=False) for cidr in cidrs or ()] for cidrs in (before, after))
    except ValueError:
        return bool(before == after)
    return set(one) == set(other) and _firsts(one) == _firsts(other)


def _firsts(networks: Sequence[IPv4Network | IPv6Network]) -> dict[int, IPv4Network | IPv6Network]:
    return {network.version: network for network in reversed(networks)}
