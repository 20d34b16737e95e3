"""A domain that kvmform does not look after, as the original of others: as one would write it."""

from __future__ import annotations

from kvmform.host.host import Host
from kvmform.resources.domain.portrait import portray
from kvmform.resources.domain.reading import find, read
from kvmform.schema import Object

__all__ = ["original"]


def original(host: Host, meant: str) -> Object | None:
    """The domain with this name, or this UUID; None if there is none.

    What libvirt adds to every machine of a kind (the slots of its mainboard, its keyboard, the console at
    its first serial port) it adds to a clone as well. What it chose stays chosen.

    Raises:
        HostError: the host can't be read.
    """
    identity = find(host, meant)
    observed = read(host, identity) if identity is not None else None
    if observed is None:
        return None
    found = observed.object
    return portray(host, found).object | {name: found[name] for name in _CHOSEN}


_CHOSEN = ("arch", "machine", "emulator", "cpu")
"""What a new domain might have otherwise, on a host that is newer than the original."""
