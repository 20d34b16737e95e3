"""Changes to a network that libvirt makes without stopping it (net-update)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from xml.sax.saxutils import escape, quoteattr

from kvmform.host.affect import Affect
from kvmform.host.host import Host
from kvmform.host.networks import NetworkSection, UpdateCommand, update_network
from kvmform.host.records import NetworkRecord
from kvmform.resources.network.definition import dns_host_groups, subnets
from kvmform.schema import Object
from kvmform.xml.document import Document

__all__ = ["update_live"]


def update_live(host: Host, record: NetworkRecord, prior: Object, planned: Object) -> None:
    """Bring DHCP hosts and ranges, DNS names and service records up to date, now and in the definition.

    What is there already, or gone already, is passed over: it may have been done by a run
    that was interrupted.
    """
    for affect, xml in _definitions(record):
        document = Document.parse(xml)
        for section, command, element, parent in _steps(document, prior, planned):
            update_network(host, record.uuid, command, section, element, affect, parent=parent)


def _definitions(record: NetworkRecord) -> Iterator[tuple[Affect, str]]:
    yield Affect.CONFIG, record.xml
    if record.live_xml is not None:
        yield Affect.LIVE, record.live_xml


Step = tuple[NetworkSection, UpdateCommand, str, int]


def _steps(document: Document, prior: Object, planned: Object) -> Iterator[Step]:
    yield from _dhcp_hosts(document, prior, planned)
    yield from _dhcp_ranges(document, planned)
    yield from _dns(document, prior, planned)


def _block(network: Object, name: str) -> Object:
    blocks = network.get(name) or [{}]
    found: Object = blocks[0]
    return found


def _parents(document: Document) -> list[tuple[int, str]]:
    """Index and family of the `<ip>` elements with a DHCP server."""
    return [
        (index, element.get("family", "ipv4"))
        for index, element in enumerate(document.find_all("ip"))
        if element.find("dhcp") is not None
    ]


def _parent_of(document: Document, address: str) -> int:
    family = f"ipv{ip_address(address).version}"
    return next((index for index, found in _parents(document) if found == family), -1)


def _host_xml(host: Object) -> str:
    parts = [f"{key}={quoteattr(str(host[key]))}" for key in ("mac", "name", "ip") if host.get(key) is not None]
    return f"<host {' '.join(parts)}/>"


def _key(host: Object) -> str:
    return str(host.get("mac") or host.get("name") or host["ip"]).lower()


def _dhcp_hosts(document: Document, prior: Object, planned: Object) -> Iterator[Step]:
    section = NetworkSection.DHCP_HOST
    there: list[Object] = [
        {"mac": e.get("mac"), "name": e.get("name"), "ip": e.get("ip", "")} for e in document.find_all("ip/dhcp/host")
    ]
    wanted = {_key(host): host for host in _block(planned, "dhcp").get("hosts") or ()}
    owned = {_key(host) for host in _block(prior, "dhcp").get("hosts") or ()}
    present = {_key(host): host for host in there}
    for key in owned - set(wanted):
        if key in present:
            gone = present[key]
            yield section, UpdateCommand.DELETE, _host_xml(gone), _parent_of(document, gone["ip"])
    for key, host in wanted.items():
        old = present.get(key)
        if old is None:
            yield section, UpdateCommand.ADD, _host_xml(host), _parent_of(document, host["ip"])
        elif (old["ip"], old["name"]) != (host["ip"], host.get("name")):
            yield section, UpdateCommand.MODIFY, _host_xml(host), _parent_of(document, host["ip"])


def _dhcp_ranges(document: Document, planned: Object) -> Iterator[Step]:
    section = NetworkSection.DHCP_RANGE
    wanted = {pair for subnet in subnets(planned) for pair in subnet.ranges}
    there = {(r.get("start", ""), r.get("end", "")) for r in document.find_all("ip/dhcp/range")}
    for command, pairs in ((UpdateCommand.DELETE, there - wanted), (UpdateCommand.ADD, wanted - there)):
        for start, end in sorted(pairs):
            yield (
                section,
                command,
                f"<range start={quoteattr(start)} end={quoteattr(end)}/>",
                _parent_of(document, start),
            )


def _dns(document: Document, prior: Object, planned: Object) -> Iterator[Step]:
    before, after = _block(prior, "dns"), _block(planned, "dns")
    there = {
        host.get("ip", ""): [name.text or "" for name in host.findall("hostname")]
        for host in document.find_all("dns/host")
    }
    wanted = dict(dns_host_groups(after.get("hosts") or []))
    owned = dict(dns_host_groups(before.get("hosts") or []))
    for ip in sorted({*owned, *wanted}):
        if there.get(ip) == wanted.get(ip):
            continue
        if ip in there:
            yield NetworkSection.DNS_HOST, UpdateCommand.DELETE, _names_xml(ip, there[ip]), -1
        if ip in wanted:
            yield NetworkSection.DNS_HOST, UpdateCommand.ADD, _names_xml(ip, wanted[ip]), -1
    yield from _services(document, before, after)


def _names_xml(ip: str, names: Sequence[str]) -> str:
    inner = "".join(f"<hostname>{escape(name)}</hostname>" for name in names)
    return f"<host ip={quoteattr(ip)}>{inner}</host>"


def _services(document: Document, before: Object, after: Object) -> Iterator[Step]:
    there = {_service_xml({str(key): value for key, value in srv.items()}) for srv in document.find_all("dns/srv")}
    owned = {_service_xml(srv) for srv in before.get("srvs") or ()}
    wanted = {_service_xml(srv) for srv in after.get("srvs") or ()}
    for xml in sorted((owned & there) - wanted):
        yield NetworkSection.DNS_SRV, UpdateCommand.DELETE, xml, -1
    for xml in sorted(wanted - there):
        yield NetworkSection.DNS_SRV, UpdateCommand.ADD, xml, -1


def _service_xml(srv: Object) -> str:
    keys = ("service", "protocol", "domain", "target", "port", "priority", "weight")
    return f"<srv {' '.join(f'{key}={quoteattr(str(srv[key]))}' for key in keys if srv.get(key) is not None)}/>"
