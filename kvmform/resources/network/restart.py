"""Changes for which a network is stopped and started, with the running guests plugged in again.

libvirt makes a new bridge at each start, and leaves the taps of running guests without one.
Nor does it move a tap to a bridge that, by name, it is on already. So each interface is told
to be on the bridge as such, and then on the network again: the one connects it, the other
makes libvirt count it in. It takes milliseconds, and for the guest it is a cable that was
pulled out and put back in: network clients ask for their address again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kvmform.diagnostics import DiagnosticError
from kvmform.host.affect import Affect
from kvmform.host.devices import update_device
from kvmform.host.errors import InvalidStateError, NotFoundError
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.networks import define_network, start_network, stop_network
from kvmform.host.records import NetworkRecord
from kvmform.schema import Operation
from kvmform.xml.document import Document, element_text, parse_element, remove_element

__all__ = ["restart"]


@dataclass(frozen=True, slots=True)
class _Interface:
    """One interface of a running guest: the domain's UUID, and the element in its live XML."""

    domain: str
    xml: str


def restart(operation: Operation[Host], record: NetworkRecord, definition: str, *, active: bool) -> None:
    """Give a network another definition, and start it with that if it shall be active.

    It is noted in the record first, so that a run that is killed here is made good by the
    next. If the network can't be started, it is put back to what it was.

    Raises:
        HostError: the definition is refused, or can't be started; or a guest can't be plugged in.
    """
    host = operation.host
    interfaces = list(_plugged_in(host, record)) if active and host.can(Feature.HOTPLUG) else []
    operation.record({"restarting": True})
    stop_network(host, record.uuid)
    try:
        define_network(host, definition)
        if active:
            start_network(host, record.uuid)
    except DiagnosticError:
        with suppress(DiagnosticError):  # What failed first is what is told.
            _put_back(operation, record, interfaces)
        raise
    _plug_in(host, record, interfaces)


def _put_back(operation: Operation[Host], record: NetworkRecord, interfaces: Sequence[_Interface]) -> None:
    operation.progress("putting the network back to what it was", None, None)
    define_network(operation.host, record.xml)
    if record.active:
        start_network(operation.host, record.uuid)
        _plug_in(operation.host, record, interfaces)
    operation.record({"restarting": False})


def _plugged_in(host: Host, record: NetworkRecord) -> Iterator[_Interface]:
    """Of all guests, who may have been started since the inventory was made."""
    host.inventory.domains.forget_all()
    for domain in host.inventory.domains.all():
        if domain.live_xml is None:
            continue
        for element in Document.parse(domain.live_xml).find_all("devices/interface"):
            source = element.find("source")
            if source is not None and source.get("network") == record.name:
                yield _Interface(domain.uuid, element_text(element))


def _plug_in(host: Host, record: NetworkRecord, interfaces: Sequence[_Interface]) -> None:
    started = host.inventory.networks.get(record.uuid)
    bridge = Document.parse(started.live_xml or started.xml).get("bridge/@name") if started is not None else None
    if bridge is None:
        return  # Guests are connected to a device of the host, which did not go away.
    for interface in interfaces:
        with suppress(NotFoundError, InvalidStateError):  # The guest was shut down meanwhile.
            update_device(host, interface.domain, _on_bridge(interface.xml, bridge), Affect.LIVE)
            update_device(host, interface.domain, _on_network(interface.xml, record.name), Affect.LIVE)


def _on_bridge(xml: str, bridge: str) -> str:
    """On the bridge, with the cable pulled out."""
    element = parse_element(xml)
    element.set("type", "bridge")
    for stale in (*element.findall("source"), *element.findall("link")):
        remove_element(stale)
    source, link = parse_element("<source/>"), parse_element('<link state="down"/>')
    source.set("bridge", bridge)
    element.extend([source, link])
    return element_text(element)


def _on_network(xml: str, network: str) -> str:
    """On the network, as it was before but for what the network made up for it."""
    element = parse_element(xml)
    element.set("type", "network")
    source = element.find("source")
    assert source is not None
    port_group = source.get("portgroup")
    source.attrib.clear()
    source.set("network", network)
    if port_group is not None:
        source.set("portgroup", port_group)
    if element.find("link") is None:
        element.append(parse_element('<link state="up"/>'))
    return element_text(element)
