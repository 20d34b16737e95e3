"""How a running domain shares its host with others: control groups and pins. Domains are named by UUID."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from kvmform.host.affect import Affect
from kvmform.host.connection import Connection
from kvmform.host.errors import HostError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = [
    "has_control_groups",
    "pin_emulator",
    "pin_iothread",
    "pin_vcpu",
    "set_block_parameters",
    "set_memory_parameters",
    "set_numa_nodes",
    "set_perf_events",
    "set_scheduler_parameters",
]


def has_control_groups(host: Host, uuid: str) -> bool:
    """Whether the host shares out its processors among guests; asked of one that runs."""
    with suppress(HostError):
        host.read(_on("ask for the scheduler of", uuid), lambda connection: connection.domain(uuid).schedulerType())
        return True
    return False


def set_scheduler_parameters(host: Host, uuid: str, parameters: Mapping[str, int]) -> None:
    """Change shares, periods and quotas of a running domain, by libvirt's names of them (`cpu_shares`).

    Raises:
        HostError: it can't be changed.
    """
    _set(host, uuid, "setSchedulerParametersFlags", parameters)


def set_memory_parameters(host: Host, uuid: str, parameters: Mapping[str, int]) -> None:
    """Change how much of the host's memory, in KiB, a running domain may take (`hard_limit`).

    Raises:
        HostError: it can't be changed.
    """
    _set(host, uuid, "setMemoryParameters", parameters)


def set_block_parameters(host: Host, uuid: str, parameters: Mapping[str, int | str]) -> None:
    """Change a running domain's share of the host's disks (`weight`, `device_weight`).

    Raises:
        HostError: it can't be changed.
    """
    _set(host, uuid, "setBlkioParameters", parameters)


def set_numa_nodes(host: Host, uuid: str, nodes: str) -> None:
    """Change from which NUMA nodes of the host a running domain's memory is taken.

    Raises:
        HostError: it can't be changed.
    """
    _set(host, uuid, "setNumaParameters", {"numa_nodeset": nodes})


def set_perf_events(host: Host, uuid: str, events: Mapping[str, bool]) -> None:
    """Begin or end to count events (`cpu_clock`) of a running domain.

    Raises:
        HostError: the host can't count one of them.
    """
    _set(host, uuid, "setPerfEvents", events)


def pin_vcpu(host: Host, uuid: str, vcpu: int, cpus: Collection[int] | None) -> None:
    """Choose the host's processors that run a virtual one of a running domain; None: all.

    Raises:
        HostError: it can't be changed.
    """
    _pin(host, uuid, cpus, lambda connection, among: connection.domain(uuid).pinVcpuFlags(vcpu, among, Affect.LIVE))


def pin_emulator(host: Host, uuid: str, cpus: Collection[int] | None) -> None:
    """Choose the host's processors that run a running domain's emulator; None: all.

    Raises:
        HostError: it can't be changed.
    """
    _pin(host, uuid, cpus, lambda connection, among: connection.domain(uuid).pinEmulator(among, Affect.LIVE))


def pin_iothread(host: Host, uuid: str, thread: int, cpus: Collection[int] | None) -> None:
    """Choose the host's processors that run an I/O thread of a running domain; None: all.

    Raises:
        HostError: it can't be changed.
    """
    _pin(host, uuid, cpus, lambda connection, among: connection.domain(uuid).pinIOThread(thread, among, Affect.LIVE))


def _set(host: Host, uuid: str, call: str, parameters: Mapping[str, int | str]) -> None:
    if parameters:
        host.write(
            _on("tune", uuid),
            lambda connection: getattr(connection.domain(uuid), call)(dict(parameters), int(Affect.LIVE)),
        )


def _pin(
    host: Host, uuid: str, cpus: Collection[int] | None, pin: Callable[[Connection, tuple[bool, ...]], object]
) -> None:
    def call(connection: Connection) -> None:
        number = connection.raw.getInfo()[2]
        pin(connection, tuple(cpus is None or index in cpus for index in range(number)))

    host.write(_on("pin the threads of", uuid), call)


def _on(verb: str, uuid: str) -> Operation:
    return Operation(verb, Kind.DOMAIN, uuid)
