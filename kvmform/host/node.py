"""The machine that a host is, and its own devices: PCI functions, USB devices, disks, NICs. Read only."""

from __future__ import annotations

from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation
from kvmform.struct import Struct

__all__ = ["NodeInfo", "list_node_devices", "read_node_device", "read_node_info"]

_KIB_PER_MIB = 1024


class NodeInfo(Struct):
    """Processors and memory. `model` is the architecture; `memory` is in KiB, but a number of whole MiB."""

    model: str
    memory: int
    cpus: int
    numa_nodes: int
    sockets: int
    cores: int
    threads: int


def read_node_info(host: Host) -> NodeInfo:
    """What the machine is made of.

    Raises:
        HostError: the host can't tell.
    """
    operation = Operation("read the processors and the memory of", Kind.HOST, name=host.uri)
    model, memory, cpus, _, *shape = host.read(operation, lambda connection: connection.raw.getInfo())
    return NodeInfo(str(model), int(memory) * _KIB_PER_MIB, int(cpus), *map(int, shape))


def list_node_devices(host: Host, capability: str | None = None) -> tuple[str, ...]:
    """Names of the host's devices, sorted; only those with a capability such as `pci`, if one is given.

    Raises:
        HostError: the host can't tell.
    """
    names = host.read(
        Operation("list the devices of", Kind.HOST, name=host.uri),
        lambda connection: connection.raw.listDevices(capability, 0),
    )
    return tuple(sorted(str(name) for name in names))


def read_node_device(host: Host, name: str) -> str:
    """XML of one of the host's devices.

    Raises:
        HostError: NotFoundError.
    """
    return host.read(
        Operation(f"read the device {name} of", Kind.HOST, name=host.uri),
        lambda connection: str(connection.raw.nodeDeviceLookupByName(name).XMLDesc(0)),
    )
