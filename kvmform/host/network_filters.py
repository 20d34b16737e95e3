"""Network filters (nwfilter), which interfaces refer to by name."""

from __future__ import annotations

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["has_network_filter"]


def has_network_filter(host: Host, name: str) -> bool:
    """Whether the host has a filter with this name.

    Raises:
        HostError: the host has no filters at all, or can't be read.
    """

    def look_up(connection: Connection) -> bool:
        try:
            connection.raw.nwfilterLookupByName(name)
        except libvirt.libvirtError as problem:
            if problem.get_error_code() == libvirt.VIR_ERR_NO_NWFILTER:
                return False
            raise
        return True

    return host.read(Operation("read the network filters of", Kind.HOST, name=host.uri), look_up)
