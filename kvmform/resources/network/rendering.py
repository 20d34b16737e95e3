"""What a planned network is in libvirt's XML."""

from __future__ import annotations

from ipaddress import ip_network

from kvmform.resources.metadata import write_metadata
from kvmform.resources.network.definition import dns_of, names_by_address, subnets
from kvmform.resources.network.link_rows import LINK_ROWS
from kvmform.schema import Object, Plain
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_rows
from kvmform.xml.stylesheet import transform
from kvmform.xml.template import render

__all__ = ["network_xml"]


def network_xml(planned: Object) -> str:
    """The XML of a new network. A stylesheet can change anything in it but UUID and name.

    Raises:
        DiagnosticError: the user's stylesheet can't be applied.
    """
    dns = dns_of(planned)
    values: dict[str, Plain] = {
        **planned,
        "mode": str(planned["mode"]).lower(),
        "dns": dns if planned["dns"] else None,
        "local_only": dns["local_only"],
        "names": names_by_address(dns["hosts"]),
        "subnets": subnets(planned),
        "routes": [(ip_network(route["cidr"], strict=False), route["gateway"]) for route in planned["routes"]],
        "options": [_option(option) for block in planned["dnsmasq_options"] for option in block["options"]],
    }
    xml = _with_more(render(__package__, "network.xml.j2", values), planned)
    for change in planned["xml"]:
        if change["xslt"]:
            xml = _transformed(xml, change["xslt"])
    return xml


def _with_more(xml: str, planned: Object) -> str:
    """With what is written of links, which the table alone says how to write, and with metadata."""
    written = {name: value for name in LINK_ROWS if (value := planned.get(name))}
    if not written and not planned.get("metadata"):
        return xml
    document = Document.parse(xml)
    patch_rows(document.root, LINK_ROWS, written)
    write_metadata(document, None, planned.get("metadata"))
    document.indent()
    return document.text


def _option(option: Object) -> str:
    parts = (option["option_name"], option["option_value"])
    return "=".join(part for part in parts if part)


def _transformed(xml: str, stylesheet: str) -> str:
    before, after = Document.parse(xml), Document.parse(transform(xml, stylesheet))
    for name in ("uuid", "name"):
        if after.find(name) is None:
            after.add("", f"<{name}/>")
        element = after.find(name)
        assert element is not None
        element.text = before.get(name)
    return after.text
