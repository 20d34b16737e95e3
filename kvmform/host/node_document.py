"""The document that a simulated host is kept in: libvirt's test driver reads it, this module writes it.

The driver takes `<pool>` (with `<volume>` inside), `<network>` and `<domain>` (with its power
state and snapshots in the driver's own namespace) from a `<node>`, and never writes one. What
it would forget stands beside them in an element of kvmform's namespace, which it skips:
autostart flags, networks and pools that are inactive, and definitions that a running domain
takes over at its next start.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, tostring

from kvmform.host.binding import libvirt

__all__ = ["EMPTY_NODE", "restore", "write_node"]

_TEST_NAMESPACE = "http://libvirt.org/schemas/domain/test/1.0"
_NAMESPACE = "urn:kvmform:simulated-host"
_HOST = f"{{{_NAMESPACE}}}host"

EMPTY_NODE = """\
<node>
  <cpu>
    <mhz>2600</mhz>
    <model>x86_64</model>
    <active>16</active>
    <nodes>1</nodes>
    <sockets>1</sockets>
    <cores>8</cores>
    <threads>2</threads>
  </cpu>
  <memory>67108864</memory>
</node>
"""
"""A host without objects: 16 processors and 64 GiB, which the test driver never uses up."""


def restore(raw: Any, node: Element) -> None:
    """Bring back what the driver has not read from the document that it was opened with.

    Args:
        raw: the virConnect.
        node: the document's root.

    Raises:
        libvirtError: the document does not fit together.
    """
    for facts in node.iterfind(f"{_HOST}/*"):
        uuid = facts.get("uuid", "")
        match facts.tag.removeprefix(f"{{{_NAMESPACE}}}"):
            case "pool":
                handle = raw.storagePoolLookupByUUIDString(uuid)
            case "network":
                handle = raw.networkLookupByUUIDString(uuid)
            case _:
                handle = raw.lookupByUUIDString(uuid)
                if facts.text and facts.text.strip():
                    raw.defineXML(facts.text)
        if facts.get("autostart") == "yes":
            handle.setAutostart(1)
        if facts.get("active") == "no":
            handle.destroy()


def write_node(raw: Any, before: Element) -> str:
    """The document that the host can be opened with again.

    Args:
        raw: the virConnect.
        before: root of the previous document; elements that are no objects are taken from it.

    Raises:
        libvirtError: an object can't be read.
    """
    ours = ("pool", "network", "domain", _HOST)
    kept = [tostring(element, encoding="unicode").strip() for element in before if element.tag not in ours]
    facts: list[str] = []
    objects = [*_pools(raw, facts), *_networks(raw, facts), *_domains(raw, facts)]
    host = ["<kvmform:host>", *facts, "</kvmform:host>"] if facts else []
    namespaces = f'xmlns:test="{_TEST_NAMESPACE}" xmlns:kvmform="{_NAMESPACE}"'
    return "\n".join([f"<node {namespaces}>", *kept, *host, *objects, "</node>", ""])


def _fact(kind: str, handle: Any, *, active: bool = True, definition: str = "") -> Iterator[str]:
    """What the driver does not keep of an object; nothing if that is nothing."""
    autostart = bool(handle.autostart())
    if active and not autostart and not definition:
        return
    flags = f'uuid="{handle.UUIDString()}" active="{_yes(active)}" autostart="{_yes(autostart)}"'
    yield f"<kvmform:{kind} {flags}>{html.escape(definition, quote=False)}</kvmform:{kind}>"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _inside(xml: str, end: str, more: list[str]) -> str:
    """An element's text with more put in front of its end tag."""
    return "\n".join([xml.rstrip().removesuffix(end).rstrip(), *more, end])


def _pools(raw: Any, facts: list[str]) -> Iterator[str]:
    for pool in raw.listAllStoragePools(0):
        active = bool(pool.isActive())
        if not active:
            pool.create()  # Only an active pool tells its volumes.
        volumes = [volume.XMLDesc(0).rstrip() for volume in pool.listAllVolumes(0)]
        if not active:
            pool.destroy()
        facts.extend(_fact("pool", pool, active=active))
        yield _inside(pool.XMLDesc(0), "</pool>", volumes)


def _networks(raw: Any, facts: list[str]) -> Iterator[str]:
    for network in raw.listAllNetworks(0):
        facts.extend(_fact("network", network, active=bool(network.isActive())))
        yield str(network.XMLDesc(0)).rstrip()


def _domains(raw: Any, facts: list[str]) -> Iterator[str]:
    for domain in raw.listAllDomains(0):
        more = [f"<test:runstate>{domain.state()[0]}</test:runstate>"]
        if not domain.isPersistent():
            more.append("<test:transient/>")
        if domain.hasManagedSaveImage(0):
            more.append("<test:hasmanagedsave/>")
        more.extend(_snapshot(snapshot) for snapshot in domain.listAllSnapshots(0))
        xml = str(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))
        facts.extend(_fact("domain", domain, definition=_next_definition(domain, xml)))
        yield _inside(xml, "</domain>", more)


def _next_definition(domain: Any, xml: str) -> str:
    if not (domain.isActive() and domain.isPersistent()):
        return ""
    definition = str(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE))
    return "" if definition == xml.replace(f" id='{domain.ID()}'", "", 1) else definition


def _snapshot(snapshot: Any) -> str:
    xml = _inside(
        snapshot.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE),
        "</domainsnapshot>",
        [f"<active>{int(snapshot.isCurrent())}</active>"],
    )
    inner = xml.removeprefix("<domainsnapshot").removesuffix("</domainsnapshot>")
    return f"<test:domainsnapshot{inner}</test:domainsnapshot>"
