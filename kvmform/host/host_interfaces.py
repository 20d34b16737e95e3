"""Network interfaces of the host itself, bridges among them."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from kvmform.host.errors import HostError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["lacks_interface"]

_known: WeakKeyDictionary[Host, frozenset[str]] = WeakKeyDictionary()


def lacks_interface(host: Host, name: str) -> bool:
    """Whether the host has no interface of this name, as far as libvirt tells; it is asked once.

    False as well where libvirt has no driver for them.
    """
    if host not in _known:
        try:
            _known[host] = host.read(
                Operation("list the interfaces of", Kind.HOST, name=host.uri),
                lambda connection: frozenset(str(each.name()) for each in connection.raw.listAllInterfaces(0)),
            )
        except HostError:
            _known[host] = frozenset()
    return bool(_known[host]) and name not in _known[host]
