"""A network as its XML has it, in the words of the record.

libvirt keeps two: the definition, and what the active network was started with and has been
given since. They agree unless somebody changed one of them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.host.records import NetworkRecord
from kvmform.resources.metadata import read_metadata
from kvmform.resources.network.asking import asked
from kvmform.resources.network.definition import (
    dhcp_of,
    dns_of,
    is_bridged,
    span_of,
    subnets,
    usual_dhcp,
)
from kvmform.resources.network.facts import Facts
from kvmform.resources.network.link_rows import LINK_ROWS
from kvmform.resources.network.plugging import is_in_use, port_groups_in_use
from kvmform.resources.network.rendering import network_xml
from kvmform.resources.network.schema import SCHEMA
from kvmform.resources.network.server_rows import DHCP, DHCP_HOSTS, DHCP_RANGES, DNS_TXTS
from kvmform.schema import Block, Object, Observed, Plain, Row, pair_elements
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["cidr_of", "find", "read", "serves_no_dhcp"]


def find(host: Host, meant: str) -> Object | None:
    """The network with this name, or this UUID."""
    record = host.inventory.networks.named(meant) or host.inventory.networks.get(meant)
    return None if record is None else {"id": record.uuid}


def read(host: Host, prior: Object) -> Observed | None:
    """The network with the UUID that `prior` has."""
    identity = prior.get("id")
    record = host.inventory.networks.get(identity) if isinstance(identity, str) else None
    if record is None:
        return None
    asked_for = {
        "in_use": lambda: record.active and is_in_use(host, record),
        "port_groups": lambda: port_groups_in_use(host, record) if record.active else [],
    }
    facts = Facts({"active": record.active}, asked_for)
    return Observed(_object(record, prior, forgets_options=host.is_simulated), facts)


def _object(record: NetworkRecord, prior: Object, *, forgets_options: bool) -> Object:
    """The test driver forgets dnsmasq's options and other metadata; there they are as recorded.

    Of metadata only the definition counts: libvirt changes no other before the next start.
    """
    definition = Document.parse(record.xml)
    found = _rows(definition, prior)
    if record.live_xml is not None:
        live = _rows(Document.parse(record.live_xml), prior)
        # What is not as recorded is what counts: either in the definition, or at work now.
        found = {name: value if value != prior.get(name) else live[name] for name, value in found.items()}
    if forgets_options:
        found["dnsmasq_options"] = prior.get("dnsmasq_options") or []
    return {
        **found,
        "metadata": prior.get("metadata") if forgets_options else read_metadata(definition, prior.get("metadata")),
        "autostart": record.autostart,
        "active": record.active,
        "xml": prior.get("xml") or [],
        "restarting": prior.get("restarting") or None,
    }


def _rows(document: Document, prior: Object) -> Object:
    """What the XML says, with what a stylesheet made of a recorded value taken for that value."""
    found = _translated(document, prior)
    if any(change["xslt"] for change in prior.get("xml") or ()):
        try:
            made = _translated(Document.parse(network_xml(_complete(prior))), prior)
        except DiagnosticError:  # Provider 0.8 ran stylesheets with xsltproc, which can do more.
            return found
        return {name: prior.get(name) if value == made[name] else value for name, value in found.items()}
    return found


def _complete(prior: Object) -> Object:
    """With what is missing in a record of provider 0.8."""
    usual = {name: row.default if isinstance(row, Row) else [] for name, row in SCHEMA.rows.items()}
    return usual | {name: value for name, value in prior.items() if value is not None}


def _translated(document: Document, prior: Object) -> Object:
    found = read_rows(document.root, SCHEMA.rows)
    # DHCP is served in the first network of a family.
    found["addresses"] = [cidr_of(ip) for ip in sorted(document.find_all("ip"), key=serves_no_dhcp)] or None
    found["routes"] = [{"cidr": cidr_of(way), "gateway": way.get("gateway")} for way in document.find_all("route")]
    found["dnsmasq_options"] = _options(document)
    found["dns"][0]["hosts"] = [
        {"ip": host.get("ip"), "hostname": name.text}
        for host in document.find_all("dns/host")
        for name in host.findall("hostname")
    ]
    known_dns = (prior.get("dns") or [{}])[0]
    if "dns" in prior:
        found["dns"][0]["txts"] = asked(DNS_TXTS, found["dns"][0]["txts"], known_dns.get("txts"))
    if prior.keys() - {"id"}:
        found |= {name: asked(row, found[name], prior.get(name)) for name, row in LINK_ROWS.items()}
    if found["stp"] is None:  # A bridge of the host's own.
        found["stp"] = prior.get("stp") is not False
    if is_bridged(found):
        found["addresses"] = prior.get("addresses")
    found["dhcp"] = [_dhcp(document, found, prior)]
    # A record without a block says that nothing special was wanted; where there is no record, all is told.
    if dhcp_of(found) == usual_dhcp(found) and prior.get("dhcp", True) in ([], None):
        found["dhcp"] = []
    if found["dns"] == [dns_of({})] and prior.get("dns", True) in ([], None):
        found["dns"] = []
    return _as_recorded(SCHEMA.rows, found, prior)


def serves_no_dhcp(ip: Element) -> bool:
    """Whether an `<ip>` element is without a DHCP server; those with one come first in `addresses`."""
    return ip.find("dhcp") is None


def cidr_of(element: Element) -> str:
    """The network that an `<ip>` or `<route>` element means."""
    mask = element.get("prefix") or element.get("netmask") or ("64" if element.get("family") == "ipv6" else "24")
    return str(ip_network(f"{element.get('address')}/{mask}", strict=False))


def _options(document: Document) -> list[Object]:
    texts = [option.get("value", "") for option in document.find_all("dnsmasq:options/dnsmasq:option")]
    options = [
        {"option_name": name, "option_value": value or None} for name, _, value in (t.partition("=") for t in texts)
    ]
    return [{"options": options}] if options else []


def _dhcp(document: Document, found: Object, prior: Object) -> Object:
    """The DHCP server; of hosts those that are recorded, of ranges those that are not the usual ones.

    Where there is no record at all, all hosts are told.
    """
    recorded = dhcp_of({**found, "dhcp": prior.get("dhcp")})
    if document.find("ip") is None:
        return recorded
    block: Object = found["dhcp"][0]
    usual = {span_of(entry) for subnet in subnets({**found, "dhcp": []}) for entry in subnet.ranges}
    usual -= set(map(span_of, recorded["ranges"]))
    ranges = [entry for entry in block["ranges"] if span_of(entry) not in usual]
    enabled = document.find("ip/dhcp") is not None
    if "dhcp" not in prior:
        return {**block, "enabled": enabled, "ranges": ranges}
    return {
        "enabled": enabled,
        "hosts": list(_recorded_hosts(block["hosts"], recorded["hosts"])),
        "ranges": list(_with_leases(ranges, recorded["ranges"])),
        **{name: asked(DHCP.rows[name], block[name], recorded[name]) for name in ("bootp", "tftp")},
    }


def _recorded_hosts(found: Sequence[Object], recorded: Sequence[Object]) -> Iterator[Object]:
    """Those that this network's configuration has; others belong to the interfaces of domains."""
    for old, new in pair_elements(DHCP_HOSTS, found, recorded):
        if old is not None and new is not None:
            name = found[old]["name"] if recorded[new].get("name") else None
            lease = asked(DHCP_HOSTS.rows["lease"], found[old]["lease"], recorded[new].get("lease"))
            yield {**found[old], "name": name, "lease": lease}


def _with_leases(found: Sequence[Object], recorded: Sequence[Object]) -> Iterator[Object]:
    """The ranges; how long leases of one last counts where that is recorded."""
    known = {old: recorded[new] for old, new in pair_elements(DHCP_RANGES, found, recorded) if new is not None}
    for index, entry in enumerate(found):
        lease = known.get(index, {}).get("lease")
        yield {**entry, "lease": asked(DHCP_RANGES.rows["lease"], entry["lease"], lease)}


def _as_recorded(rows: Mapping[str, Row | Block], found: Object, recorded: Object) -> Object:
    """The same, in the order and the spelling of the record where that means the same."""
    result: Object = {}
    for name, value in found.items():
        row, known = rows[name], recorded.get(name)
        if isinstance(row, Row):
            result[name] = known if known is not None and row.same(known, value) else value
        else:
            result[name] = list(_in_order(row, value, known))
    return result


def _in_order(block: Block, found: list[Object], recorded: Plain) -> Iterator[Object]:
    recorded = recorded or []
    for old, new in pair_elements(block, found, recorded):
        if old is not None:
            yield found[old] if new is None else _as_recorded(block.rows, found[old], recorded[new])
