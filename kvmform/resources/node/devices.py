"""`libvirt_node_devices`: names of a host's own devices."""

from __future__ import annotations

import zlib

from kvmform.host.host import Host
from kvmform.host.node import list_node_devices
from kvmform.resources.recorded import made
from kvmform.schema import DataSource, Object, Reading, Row, Schema
from kvmform.values.types import STRING, SetType

__all__ = ["DATA_SOURCE"]

_SCHEMA = Schema(
    doc="Names of the host's own devices: PCI functions, USB devices, disks, network interfaces.",
    rows={
        "id": made(STRING, "A checksum of `devices`."),
        "capability": Row(type=STRING, doc="Only devices that are one of these: `pci`, `usb_device`, `net` and so on."),
        "devices": made(SetType(STRING), "The names, for `libvirt_node_device_info`."),
    },
)


def _read(reading: Reading[Host], config: Object) -> Object:
    names = list_node_devices(reading.host, config["capability"] or None)
    return {**config, "id": str(zlib.crc32(f"[{' '.join(names)}]".encode())), "devices": list(names)}


DATA_SOURCE: DataSource[Host] = DataSource(name="libvirt_node_devices", schema=_SCHEMA, read=_read)
