"""Changes for which a network must be stopped and started, with its guests plugged in again."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.host.affect import Affect
from kvmform.host.devices import update_device
from kvmform.host.host import Host
from kvmform.host.networks import define_network, start_network, stop_network
from kvmform.host.records import NetworkRecord
from kvmform.resources.network.definition import network_xml
from kvmform.schema import Object
from kvmform.xml.document import Document, Element, element_text, insert_element, remove_element

__all__ = ["redefine"]

_OURS = ("forward", "bridge", "mtu", "domain", "dns", "ip", "route", "dnsmasq:options")
"""The elements that the table describes; all others of an existing definition are kept."""


def redefine(host: Host, record: NetworkRecord, prior: Object, planned: Object) -> None:
    """Define the network as planned, and restart it if it is active.

    What the table describes is replaced in the definition, all else is kept; so are fixed
    addresses that belong to domains.
    """
    document = _patched(record, prior, planned)
    if not record.active:
        define_network(host, document.text)
        return
    plugged = list(_plugged(host, record))
    bridge = document.find("bridge")
    name = bridge.get("name") if bridge is not None else None
    if plugged and bridge is not None and name == Document.parse(record.xml).get("bridge/@name"):
        # libvirt moves a tap only to a bridge with another name; so the network has one for a moment.
        bridge.set("name", f"kvf-{record.uuid[:8]}")
        _restart(host, record, document, plugged)
        bridge.set("name", name or "")
    _restart(host, record, document, plugged)


def _restart(host: Host, record: NetworkRecord, document: Document, plugged: list[tuple[str, str]]) -> None:
    define_network(host, document.text)
    stop_network(host, record.uuid)
    start_network(host, record.uuid)
    for domain, interface in plugged:
        update_device(host, domain, interface, Affect.LIVE)


def _patched(record: NetworkRecord, prior: Object, planned: Object) -> Document:
    old, new = Document.parse(record.xml), Document.parse(network_xml(planned))
    kept = list(_foreign_hosts(old, prior))
    for path in _OURS:
        for element in old.find_all(path):
            remove_element(element)
        for element in new.find_all(path):
            insert_element(old.root, element)
    for family, host_element in kept:
        for ip in old.find_all("ip"):
            dhcp = ip.find("dhcp")
            if ip.get("family", "ipv4") == family and dhcp is not None:
                insert_element(dhcp, host_element)
    return old


def _foreign_hosts(document: Document, prior: Object) -> Iterator[tuple[str, Element]]:
    own = {host["ip"] for block in prior.get("dhcp") or () for host in block.get("hosts") or ()}
    for ip in document.find_all("ip"):
        for element in ip.findall("dhcp/host"):
            if element.get("ip") not in own:
                yield ip.get("family", "ipv4"), element


def _plugged(host: Host, record: NetworkRecord) -> Iterator[tuple[str, str]]:
    """UUID and live interface XML of the running guests in a network."""
    for domain in host.inventory.domains.all():
        if domain.live_xml is None:
            continue
        for interface in Document.parse(domain.live_xml).find_all("devices/interface"):
            source = interface.find("source")
            if source is not None and source.get("network") == record.name:
                yield domain.uuid, element_text(interface)
