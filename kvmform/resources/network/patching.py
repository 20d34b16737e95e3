"""An existing definition brought up to date: what is planned to differ is changed, and all else kept."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from kvmform.resources.metadata import write_metadata
from kvmform.resources.network.definition import dhcp_of, dns_of, is_bridged
from kvmform.resources.network.link_rows import LINK_ROWS
from kvmform.resources.network.reading import cidr_of
from kvmform.resources.network.rendering import network_xml
from kvmform.resources.network.schema import SCHEMA
from kvmform.resources.network.server_rows import DNS, DNS_TXTS
from kvmform.schema import Object
from kvmform.xml.document import Document, insert_element, remove_element
from kvmform.xml.rows import patch_changes, patch_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["patched"]

_PLAIN = ("domain", "bridge", "stp", "mtu")
_SERVED = {"mode", "addresses", "dhcp"}
"""What decides of the `<ip>` elements."""


def patched(definition: str, prior: Object, planned: Object, names: AbstractSet[str]) -> str:
    """A definition with some arguments as planned.

    Args:
        definition: the network's inactive XML.
        prior: the network as it is recorded: which DHCP hosts are its own.
        planned: as it shall be.
        names: the arguments that are edited.
    """
    document, fresh = Document.parse(definition), Document.parse(network_xml(planned))
    if "mode" in names:
        _exchange(document, fresh, "forward")
        _exchange(document, fresh, "bridge")
        _exchange(document, fresh, "mac")
    plain = {name: planned[name] for name in _PLAIN if name in names}
    if is_bridged(planned):
        plain.pop("stp", None)
    patch_rows(document.root, SCHEMA.rows, plain)
    if "dns" in names:
        patch_rows(document.root, DNS.rows, {k: v for k, v in dns_of(planned).items() if k not in ("hosts", "txts")})
        patch_changes(document.root, {"txts": DNS_TXTS}, dns_of(prior), dns_of(planned))
        _exchange(document, fresh, "host", within="dns")
    links = {name: row for name, row in LINK_ROWS.items() if name in names}
    if "mode" in names:
        links.pop("forward", None)  # It came with the mode.
    patch_changes(document.root, links, prior, planned)
    if "forward" in links and (forward := document.find("forward")) is not None:
        forward.attrib.pop("dev", "")  # libvirt writes the first device there too, and doesn't take another one.
    if names & _SERVED:
        _patch_subnets(document, fresh, prior, planned)
    if "metadata" in names:
        write_metadata(document, prior.get("metadata"), planned["metadata"])
    if "routes" in names:
        _exchange(document, fresh, "route")
    if "dnsmasq_options" in names:
        _exchange(document, fresh, "dnsmasq:options")
    return document.text


def _exchange(document: Document, fresh: Document, name: str, *, within: str = "") -> None:
    """Put the elements of a new network in the place of the existing ones."""
    path = f"{within}/{name}" if within else name
    for element in document.find_all(path):
        remove_element(element)
    for element in fresh.find_all(path):
        parent = document.find(within) if within else document.root
        if parent is None:
            parent = document.add("", f"<{within}/>")
        insert_element(parent, element)


def _patch_subnets(document: Document, fresh: Document, prior: Object, planned: Object) -> None:
    """Keep the `<ip>` elements whose network stays, and DHCP hosts that are not ours and were in them, or fit in."""
    boots = [name for name in ("bootp", "tftp") if dhcp_of(prior)[name] or dhcp_of(planned)[name]]
    existing = {cidr_of(ip): ip for ip in document.find_all("ip")}
    own = {str(ip_address(host["ip"])) for host in dhcp_of(prior)["hosts"]}
    foreign = [
        (host, cidr_of(ip))
        for ip in document.find_all("ip")
        for host in ip.iterfind("dhcp/host")
        if host.get("ip") not in own
    ]
    for new in fresh.find_all("ip"):
        kept = existing.pop(cidr_of(new), None)
        if kept is None:
            insert_element(document.root, new)
        else:
            _patch_dhcp(kept, new, boots)
    for gone in existing.values():
        remove_element(gone)
    for ip in document.find_all("ip"):
        dhcp = ip.find("dhcp")
        if dhcp is not None:
            for host, home in foreign:
                if home == cidr_of(ip) or ip_address(host.get("ip", "")) in ip_network(cidr_of(ip)):
                    insert_element(dhcp, host)


def _patch_dhcp(kept: Element, new: Element, boots: Sequence[str]) -> None:
    """Exchange ranges and hosts, and what is ours of booting from the network; what else is in the element stays."""
    if "tftp" in boots:
        _exchange_children(kept, new, "tftp")
    old, wanted = kept.find("dhcp"), new.find("dhcp")
    if old is None or wanted is None:
        if old is not None:
            remove_element(old)
        if wanted is not None:
            insert_element(kept, wanted)
        return
    for name in ("range", "host", *boots):
        if name != "tftp":
            _exchange_children(old, wanted, name)


def _exchange_children(old: Element, new: Element, name: str) -> None:
    for element in old.findall(name):
        remove_element(element)
    for element in new.findall(name):
        insert_element(old, element)
