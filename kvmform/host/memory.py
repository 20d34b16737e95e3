"""How much memory a host has."""

from __future__ import annotations

from kvmform.host.binding import libvirt
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["host_memory"]

_KIB_PER_MIB = 1024


def host_memory(host: Host) -> int | None:
    """All its memory in MiB; None where it can't tell.

    Source: virNodeGetMemoryStats. What virNodeGetInfo says leaves out memory that was plugged while the host ran.

    Raises:
        HostError: the host can't be read.
    """
    every_node = libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS
    asking = Operation("ask for the memory of the", Kind.HOST, name=host.uri)
    found = host.read(asking, lambda connection: connection.raw.getMemoryStats(every_node, 0))
    total = found.get("total")
    return None if total is None else int(total) // _KIB_PER_MIB
