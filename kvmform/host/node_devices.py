"""The host's own devices: PCI functions, USB devices, disks, NICs. Read only."""

from __future__ import annotations

from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["list_node_devices", "read_node_device"]


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
