"""Changes for which a network is stopped and started, with the running guests plugged in again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from kvmform.diagnostics import DiagnosticError
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.networks import define_network, start_network, stop_network
from kvmform.host.records import NetworkRecord
from kvmform.resources.network.plugging import Interface, interfaces_on, plug_in
from kvmform.schema import Operation

__all__ = ["restart"]


def restart(operation: Operation[Host], record: NetworkRecord, definition: str, *, active: bool) -> None:
    """Give a network another definition, and start it with that if it shall be active.

    It is noted in the record first, so that a run that is killed here is made good by the
    next. If the network can't be started, it is put back to what it was.

    Raises:
        HostError: the definition is refused, or can't be started; or a guest can't be plugged in.
    """
    host, uuid = operation.host, record.uuid
    interfaces = list(interfaces_on(host, record)) if active and host.can(Feature.HOTPLUG) else []
    operation.record({"restarting": True})
    try:
        define_network(host, definition)
        stop_network(host, uuid)
        if not host.can(Feature.INACTIVE_XML):
            define_network(host, definition)  # While it was active, the first one went nowhere.
        if active:
            start_network(host, uuid)
    except DiagnosticError:
        with suppress(DiagnosticError):  # What failed first is what is told.
            _put_back(operation, record, interfaces)
        raise
    plug_in(host, record, interfaces)


def _put_back(operation: Operation[Host], record: NetworkRecord, interfaces: Sequence[Interface]) -> None:
    host = operation.host
    define_network(host, record.xml)
    current = host.inventory.networks.get(record.uuid)
    if record.active and current is not None and not current.active:
        operation.progress("starting the network as it was before", None, None)
        start_network(host, record.uuid)
        plug_in(host, record, interfaces)
    operation.record({"restarting": False})
