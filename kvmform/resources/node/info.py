"""`libvirt_node_info`: processors and memory of a host."""

from __future__ import annotations

import zlib

from kvmform.host.host import Host
from kvmform.host.node import read_node_info
from kvmform.resources.recorded import made
from kvmform.schema import DataSource, Object, Reading, Schema
from kvmform.values.types import NUMBER, STRING

__all__ = ["DATA_SOURCE"]

_SCHEMA = Schema(
    doc="Processors and memory of the host.",
    rows={
        "id": made(STRING, "A checksum of the others."),
        "cpu_model": made(STRING, "Architecture of the processors, such as `x86_64`."),
        "memory_total_kb": made(NUMBER, "Memory in KiB, whole MiB of it."),
        "cpu_cores_total": made(NUMBER, "Processors that are online, each thread of a core being one."),
        "numa_nodes": made(NUMBER, "NUMA cells."),
        "cpu_sockets": made(NUMBER, "Sockets in each cell."),
        "cpu_cores_per_socket": made(NUMBER, "Cores in each socket."),
        "cpu_threads_per_core": made(NUMBER, "Threads in each core."),
    },
)

_MODEL_SIZE = 32
"""Bytes that libvirt's protocol has for the model; the provider's checksum is one of them all."""


def _read(reading: Reading[Host], _config: Object) -> Object:
    node = read_node_info(reading.host)
    padded = [*node.model.encode(), *bytes(_MODEL_SIZE)][:_MODEL_SIZE]
    counts = (node.memory, node.cpus, node.numa_nodes, node.sockets, node.cores, node.threads)
    as_go_prints_it = f"[{' '.join(map(str, padded))}]{''.join(map(str, counts))}"
    return {
        "id": str(zlib.crc32(as_go_prints_it.encode())),
        "cpu_model": node.model,
        "memory_total_kb": node.memory,
        "cpu_cores_total": node.cpus,
        "numa_nodes": node.numa_nodes,
        "cpu_sockets": node.sockets,
        "cpu_cores_per_socket": node.cores,
        "cpu_threads_per_core": node.threads,
    }


DATA_SOURCE: DataSource[Host] = DataSource(name="libvirt_node_info", schema=_SCHEMA, read=_read)
