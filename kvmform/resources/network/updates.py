"""Changes that libvirt makes in a network while it runs (net-update): DHCP hosts and ranges, DNS names, services.

They are made in the definition and in the active network one after the other, each compared
with what is there: so a change that was cut short goes on, and what somebody else did
already is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address

from kvmform.host.affect import Affect
from kvmform.host.host import Host
from kvmform.host.networks import NetworkSection, UpdateCommand, update_network
from kvmform.host.records import NetworkRecord
from kvmform.resources.network.definition import dhcp_of, dns_of, names_by_address, subnets
from kvmform.schema import Edit, Object, Plain
from kvmform.struct import Struct
from kvmform.xml.document import Document

__all__ = ["update_live"]


class _Step(Struct):
    """One element to add, modify or delete; `parent` is the index of the `<ip>` element that it is in."""

    section: NetworkSection
    command: UpdateCommand
    xml: str
    parent: int = -1


def update_live(host: Host, record: NetworkRecord, prior: Object, planned: Object, edits: Sequence[Edit]) -> None:
    """Bring the parts that are edited up to date, now and in the definition.

    Raises:
        HostError: libvirt refuses; what was done until then is done.
    """
    definitions = [(Affect.CONFIG, record.xml)]
    if record.live_xml is not None:
        definitions.append((Affect.LIVE, record.live_xml))
    for affect, xml in definitions:
        for step in _steps(Document.parse(xml), prior, planned, edits):
            update_network(host, record.uuid, step.command, step.section, step.xml, affect, parent=step.parent)


def _steps(document: Document, prior: Object, planned: Object, edits: Sequence[Edit]) -> Iterator[_Step]:
    edited = {tuple(step for step in edit.path if isinstance(step, str))[:2] for edit in edits}
    for part, steps in _PARTS.items():
        if part in edited or part[:1] in edited:
            yield from steps(document, prior, planned)


def _parent(document: Document, address: str) -> int:
    """Index of the `<ip>` element with the DHCP server for this kind of address; -1: libvirt shall look for it."""
    family = f"ipv{ip_address(address).version}"
    for index, element in enumerate(document.find_all("ip")):
        if element.get("family", "ipv4") == family and element.find("dhcp") is not None:
            return index
    return -1


def _dhcp_hosts(document: Document, prior: Object, planned: Object) -> Iterator[_Step]:
    def step(command: UpdateCommand, host: Object) -> _Step:
        return _Step(NetworkSection.DHCP_HOST, command, _element("host", host), _parent(document, host["ip"]))

    elements = document.find_all("ip/dhcp/host")
    there = {_key(h): h for h in ({name: e.get(name) for name in ("mac", "name", "ip")} for e in elements)}
    wanted = {_key(host): host for host in dhcp_of(planned)["hosts"]}
    owned = {_key(host): host for host in dhcp_of(prior)["hosts"]}
    for key in owned.keys() - wanted.keys():
        if key in there:
            yield step(UpdateCommand.DELETE, there[key])
    for key, host in wanted.items():
        existing = there.get(key)
        if existing is None:
            yield step(UpdateCommand.ADD, host)
            continue
        made = {**existing, "ip": str(ip_address(host["ip"])), "name": host["name"] or existing["name"]}
        if made != existing:
            yield step(UpdateCommand.MODIFY, made)


def _key(host: Object) -> tuple[int, str]:
    """By what libvirt knows a DHCP host; one name may stand for an IPv4 and an IPv6 address."""
    return ip_address(host["ip"]).version, str(host["mac"] or host["name"]).lower()


def _dhcp_ranges(document: Document, _prior: Object, planned: Object) -> Iterator[_Step]:
    """A range can't be modified, and a new one may overlap with the old."""
    wanted = {pair for subnet in subnets(planned) for pair in subnet.ranges}
    there = {(r.get("start", ""), r.get("end", "")) for r in document.find_all("ip/dhcp/range")}
    for command, pairs in ((UpdateCommand.DELETE, there - wanted), (UpdateCommand.ADD, wanted - there)):
        for start, end in sorted(pairs):
            xml = _element("range", {"start": start, "end": end})
            yield _Step(NetworkSection.DHCP_RANGE, command, xml, _parent(document, start))


def _dns_hosts(document: Document, prior: Object, planned: Object) -> Iterator[_Step]:
    """The names of one address are one element, which can't be modified."""
    from xml.sax.saxutils import escape, quoteattr  # brings http and ssl with it, and only changes need it

    there = {
        host.get("ip", ""): [name.text or "" for name in host.findall("hostname")]
        for host in document.find_all("dns/host")
    }
    wanted = names_by_address(dns_of(planned)["hosts"])
    owned = names_by_address(dns_of(prior)["hosts"])
    for ip in sorted(owned.keys() | wanted.keys()):
        if there.get(ip) == wanted.get(ip):
            continue
        for command, names in ((UpdateCommand.DELETE, there.get(ip)), (UpdateCommand.ADD, wanted.get(ip))):
            if names is not None:
                hostnames = "".join(f"<hostname>{escape(name)}</hostname>" for name in names)
                yield _Step(NetworkSection.DNS_HOST, command, f"<host ip={quoteattr(ip)}>{hostnames}</host>")


def _dns_services(document: Document, prior: Object, planned: Object) -> Iterator[_Step]:
    there = {_element("srv", {name: srv.get(name) for name in _SERVICE}) for srv in document.find_all("dns/srv")}
    owned = {_element("srv", srv) for srv in dns_of(prior)["srvs"]}
    wanted = {_element("srv", srv) for srv in dns_of(planned)["srvs"]}
    for command, elements in ((UpdateCommand.DELETE, (owned & there) - wanted), (UpdateCommand.ADD, wanted - there)):
        for xml in sorted(elements):
            yield _Step(NetworkSection.DNS_SRV, command, xml)


_SERVICE = ("service", "protocol", "domain", "target", "port", "weight", "priority")


def _element(name: str, attributes: Object) -> str:
    from xml.sax.saxutils import quoteattr

    written = {key: str(value) for key, value in attributes.items() if _is_written(value)}
    return f"<{name}{''.join(f' {key}={quoteattr(text)}' for key, text in written.items())}/>"


def _is_written(value: Plain) -> bool:
    return bool(value) and value != "0"


_PARTS: dict[tuple[str, ...], Callable[[Document, Object, Object], Iterator[_Step]]] = {
    ("dhcp", "hosts"): _dhcp_hosts,
    ("dhcp", "ranges"): _dhcp_ranges,
    ("dns", "hosts"): _dns_hosts,
    ("dns", "srvs"): _dns_services,
}
