"""A host: the machine with libvirt on which objects are made. Every verb of this room takes one."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection, ConnectionPool, Load
from kvmform.host.errors import BusyError, ConnectionLostError, HostError, UnsupportedError, explain
from kvmform.host.events import Bell, Bells
from kvmform.host.features import Feature, Version, lacking
from kvmform.host.inventory import Inventory
from kvmform.host.opening import is_in_process, is_local, is_simulated, open_connection
from kvmform.host.operation import Kind, Operation
from kvmform.log import LOG
from kvmform.struct import replace

if TYPE_CHECKING:
    from kvmform.host.capabilities import Capabilities
    from kvmform.host.domain_capabilities import DomainCapabilities
    from kvmform.host.reach import Account
    from kvmform.host.simulated import Simulation

__all__ = ["Host", "open_host"]

T = TypeVar("T")

_CONNECTIONS = 8
"""Most connections to one host: 40 long calls at a time, more than two cores start or stop."""

_READ_ATTEMPTS = 3
_BUSY_SECONDS = 600.0
"""How long a call is repeated while its object is busy: a copy of a large volume takes minutes."""


def open_host(uri: str, base_directory: Path) -> Host:
    """Connect to a host.

    Args:
        uri: one of libvirt's, or `test+file:PATH` for a simulated host that is kept in a file.
        base_directory: what a relative PATH starts from.

    Raises:
        DiagnosticError: the host can't be reached, or a simulated host's file can't be used.
    """
    if is_simulated(uri):
        from kvmform.host.simulated import Simulation

        simulation = Simulation(uri, base_directory)
        return Host(uri, ConnectionPool(simulation.open, limit=1), simulation)
    limit = 1 if is_in_process(uri) else _CONNECTIONS
    return Host(uri, ConnectionPool(partial(open_connection, uri), limit))


class Host:
    """A host, for as long as a command works with it. Safe for use by any number of threads."""

    def __init__(self, uri: str, connections: ConnectionPool, simulation: Simulation | None = None) -> None:
        self.uri = uri
        self.inventory = Inventory(self.read)
        self._connections = connections
        self._control_groups: bool | None = None
        self._simulation = simulation
        self._is_in_process = simulation is not None or is_in_process(uri)
        self._bells = Bells(None if self._is_in_process else partial(open_connection, uri))
        self._domain_capabilities: dict[tuple[str, str | None, str], DomainCapabilities | None] = {}
        if simulation is not None:
            simulation.keep(partial(connections.lease, Load.SHORT))

    @property
    def is_simulated(self) -> bool:
        """Whether there is no hypervisor behind it: libvirt's test driver, persisted in a file or not."""
        return self.kind == "test"

    @property
    def is_local(self) -> bool:
        """Whether it is this machine, so that its files can be looked at."""
        return is_local(self.uri)

    @functools.cached_property
    def account(self) -> Account | None:
        """Who QEMU runs as; None where this can't be told, or the host is another machine."""
        from kvmform.host.reach import Account

        owner = self.capabilities.owner if self.is_local else None
        return None if owner is None else Account.of(*owner)

    @functools.cached_property
    def kind(self) -> str:
        """The hypervisor driver, for example `qemu` or `test`."""
        return self.read(self._asking("type"), lambda connection: str(connection.raw.getType()).lower())

    @functools.cached_property
    def libvirt_version(self) -> Version:
        """Version of libvirt on the host, as (major, minor, micro)."""
        number = self.read(self._asking("libvirt version"), lambda connection: int(connection.raw.getLibVersion()))
        return number // 1_000_000, number // 1_000 % 1_000, number % 1_000

    @functools.cached_property
    def capabilities(self) -> Capabilities:
        """What machines it can run, and what it is made of."""
        from kvmform.host.capabilities import read_capabilities

        return self.read(self._asking("capabilities"), lambda connection: read_capabilities(connection.raw))

    def domain_capabilities(self, arch: str, machine: str | None, domain_type: str) -> DomainCapabilities | None:
        """What domains of this kind can have; None if the host has no such machine, or can't tell.

        Asked for once for each kind. `machine` may be an alias.

        Raises:
            HostError: the host can't be reached any more.
        """
        kind = (arch, machine, domain_type)
        if kind not in self._domain_capabilities:
            self._domain_capabilities[kind] = self._read_domain_capabilities(*kind)
        return self._domain_capabilities[kind]

    def _read_domain_capabilities(self, *kind: Any) -> DomainCapabilities | None:
        from kvmform.host.domain_capabilities import read_domain_capabilities

        def ask(connection: Connection) -> DomainCapabilities:
            return read_domain_capabilities(connection.raw, *kind)

        try:
            return self.read(self._asking("domain capabilities"), ask)
        except ConnectionLostError:
            raise
        except HostError:
            return None

    def has_control_groups(self, domain: str) -> bool:
        """Whether it shares out its processors among guests; the first guest that runs (by UUID) is asked."""
        if self._control_groups is None:
            from kvmform.host.tuning import has_control_groups

            self._control_groups = has_control_groups(self, domain)
        return self._control_groups

    @functools.cached_property
    def storage_types(self) -> frozenset[str] | None:
        """The types of storage pools that it has a backend for; None where it can't tell."""
        from kvmform.host.capabilities import read_storage_types

        asking = self._asking("storage capabilities")
        try:
            return self.read(asking, lambda connection: read_storage_types(connection.raw))
        except UnsupportedError:
            return None

    def can(self, feature: Feature) -> bool:
        """Whether the hypervisor has this feature; a verb that needs one it lacks raises UnsupportedError."""
        return feature not in self._lacking

    def read(self, operation: Operation, call: Callable[[Connection], T]) -> T:
        """Make a call that changes nothing. It is repeated if the connection breaks.

        Raises:
            HostError: the call failed, or the host can't be reached any more.
        """
        for _ in range(_READ_ATTEMPTS - 1):
            with suppress(ConnectionLostError):
                return self._call(operation, call, Load.SHORT)
        return self._call(operation, call, Load.SHORT)

    def write(self, operation: Operation, call: Callable[[Connection], T]) -> T:
        """Make a call that changes the operation's object.

        It is made again only if it was not carried out: the host says that the object is busy,
        or the connection was found to be broken before the call was sent.

        Raises:
            HostError: the call failed.
        """
        deadline = time.monotonic() + _BUSY_SECONDS
        pause = 0.05
        try:
            while True:
                try:
                    return self._call(operation, call, Load.LONG)
                except BusyError:
                    if time.monotonic() > deadline:
                        raise
                except ConnectionLostError as problem:
                    if problem.was_sent or time.monotonic() > deadline:
                        raise
                time.sleep(pause)
                pause = min(2 * pause, 1.0)
        finally:
            self.inventory.forget(operation.kind, operation.id)
            if self._simulation is not None:
                self._simulation.note_change()

    def transfer(self, operation: Operation, call: Callable[[Connection], T]) -> T:
        """Make calls that move a volume's content. They are never repeated, as a stream can't be rewound.

        Raises:
            HostError: a call failed.
        """
        try:
            return self._call(operation, call, Load.STREAM)
        finally:
            self.inventory.forget(operation.kind, operation.id)

    def look_again(self) -> None:
        """Read everything anew when it is next asked for, as somebody else may have changed it."""
        self.inventory = Inventory(self.read)

    def forget_objects(self) -> None:
        """Look objects up again when they are next used, as one has another name."""
        self._connections.forget_objects()

    def bell(self, domain: str) -> AbstractContextManager[Bell]:
        """A bell that rings when libvirt tells something about a domain (by UUID)."""
        return self._bells.hung(domain)

    def close(self) -> None:
        """Close all connections; a simulated host is saved first."""
        if self._simulation is not None:
            self._simulation.close()
        self._bells.close()
        self._connections.close()

    @functools.cached_property
    def _lacking(self) -> frozenset[Feature]:
        return lacking(self.kind, self.libvirt_version)

    def _asking(self, what: str) -> Operation:
        return Operation(f"ask for the {what} of the", Kind.HOST, name=self.uri)

    def _call(self, operation: Operation, call: Callable[[Connection], T], load: Load) -> T:
        with self._connections.lease(load) as connection:
            began = time.monotonic()
            try:
                answer = call(connection)
            except libvirt.libvirtError as problem:
                LOG.tell("WARN", "host", "%s at %s: libvirt says: %s", operation, self.uri, problem)
                name = operation.name or connection.name_of(operation.kind, operation.id)
                failure = explain(problem, replace(operation, name=name), self.uri)
                if isinstance(failure, ConnectionLostError):
                    self._connections.discard(connection)
                raise failure from problem
            LOG.tell("DEBUG", "host", "%s at %s: %.1f ms", operation, self.uri, (time.monotonic() - began) * 1000)
            return answer
