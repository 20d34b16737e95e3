"""Changes that libvirt makes in a network while it runs (net-update): DHCP hosts and ranges, DNS names, services.

They are made in the definition and in the active network one after the other, each compared
with what is there: so a change that was cut short goes on, and what somebody else did
already is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address

from kvmform.host.affect import Affect
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.networks import NetworkSection, UpdateCommand, update_network
from kvmform.host.records import NetworkRecord
from kvmform.resources.network.definition import dhcp_of, dns_of, names_by_address, span_of, subnets
from kvmform.resources.network.link_rows import PORTGROUPS
from kvmform.resources.network.server_rows import DHCP_HOSTS, DHCP_RANGES
from kvmform.schema import Block, Edit, Object, Plain
from kvmform.struct import Struct
from kvmform.xml.document import Document, element_text
from kvmform.xml.rows import build_element, patch_changes, read_rows

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
    for affect, xml in _definitions(host, record):
        for step in _steps(Document.parse(xml), prior, planned, edits):
            update_network(host, record.uuid, step.command, step.section, step.xml, affect, parent=step.parent)


def _definitions(host: Host, record: NetworkRecord) -> list[tuple[Affect, str]]:
    if record.live_xml is None:
        return [(Affect.CONFIG, record.xml)]
    if not host.can(Feature.INACTIVE_XML):
        return [(Affect.BOTH, record.live_xml)]
    return [(Affect.CONFIG, record.xml), (Affect.LIVE, record.live_xml)]


def _steps(document: Document, prior: Object, planned: Object, edits: Sequence[Edit]) -> Iterator[_Step]:
    edited = {tuple(step for step in edit.path if isinstance(step, str)) for edit in edits}
    for part, steps in _PARTS.items():
        if any(path[: len(part)] == part[: len(path)] for path in edited):
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
        return _Step(NetworkSection.DHCP_HOST, command, _text_of(DHCP_HOSTS, host), _parent(document, host["ip"]))

    there = {_key(host): host for host in (read_rows(e, DHCP_HOSTS.rows) for e in document.find_all("ip/dhcp/host"))}
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
        if host.get("lease") or owned.get(key, {}).get("lease"):
            made["lease"] = host["lease"]
        if made != existing:
            yield step(UpdateCommand.MODIFY, made)


def _key(host: Object) -> tuple[int, str]:
    """By what libvirt knows a DHCP host; one name may stand for an IPv4 and an IPv6 address."""
    return ip_address(host["ip"]).version, str(host["mac"] or host["name"]).lower()


def _dhcp_ranges(document: Document, prior: Object, planned: Object) -> Iterator[_Step]:
    """A range can't be modified, and a new one may overlap with the old. The time of leases counts where it is ours."""
    timed = {
        span_of(entry) for network in (prior, planned) for entry in dhcp_of(network)["ranges"] if entry.get("lease")
    }

    def key(entry: Object) -> tuple[str, ...]:
        span = span_of(entry)
        return (*span, _text_of(DHCP_RANGES, entry)) if span in timed else span

    wanted = {key(entry): entry for subnet in subnets(planned) if subnet.dhcp for entry in subnet.ranges}
    there = {
        key(entry): entry for entry in (read_rows(e, DHCP_RANGES.rows) for e in document.find_all("ip/dhcp/range"))
    }
    for command, found, others in ((UpdateCommand.DELETE, there, wanted), (UpdateCommand.ADD, wanted, there)):
        for name in sorted(found.keys() - others.keys()):
            entry = found[name]
            parent = _parent(document, entry["start"])
            yield _Step(NetworkSection.DHCP_RANGE, command, _text_of(DHCP_RANGES, entry), parent)


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


def _port_groups(document: Document, prior: Object, planned: Object) -> Iterator[_Step]:
    """What somebody else added to one that stays is kept."""
    there = {element.get("name"): element for element in document.find_all("portgroup")}
    owned = {group["name"]: group for group in prior.get("portgroups") or ()}
    wanted = {group["name"]: group for group in planned.get("portgroups") or ()}
    for name in sorted((owned.keys() - wanted.keys()) & there.keys()):
        yield _Step(NetworkSection.PORTGROUP, UpdateCommand.DELETE, _element("portgroup", {"name": name}))
    for name, group in wanted.items():
        element = there.get(name)
        if element is None:
            yield _Step(NetworkSection.PORTGROUP, UpdateCommand.ADD, _text_of(PORTGROUPS, group))
            continue
        before = element_text(element)
        patch_changes(element, PORTGROUPS.rows, owned.get(name, {"name": name}), group)
        if element_text(element) != before:
            yield _Step(NetworkSection.PORTGROUP, UpdateCommand.MODIFY, element_text(element))


def _listed(
    section: NetworkSection, path: str, keys: Sequence[str], listed: Callable[[Object], Sequence[Object]]
) -> Callable[[Document, Object, Object], Iterator[_Step]]:
    """The steps for elements that are nothing but their attributes, and can't be modified."""
    name = path.rpartition("/")[2]

    def steps(document: Document, prior: Object, planned: Object) -> Iterator[_Step]:
        there = {_element(name, {key: element.get(key) for key in keys}) for element in document.find_all(path)}
        owned, wanted = ({_element(name, each) for each in listed(network)} for network in (prior, planned))
        changes = ((UpdateCommand.DELETE, (owned & there) - wanted), (UpdateCommand.ADD, wanted - there))
        for command, elements in changes:
            for xml in sorted(elements):
                yield _Step(section, command, xml)

    return steps


def _forward_interfaces(network: Object) -> list[Object]:
    return [interface for block in network.get("forward") or () for interface in block["interfaces"]]


def _text_of(block: Block, value: Object) -> str:
    return element_text(build_element(block, value))


def _element(name: str, attributes: Object) -> str:
    from xml.sax.saxutils import quoteattr

    written = {key: str(value) for key, value in attributes.items() if _is_written(key, value)}
    return f"<{name}{''.join(f' {key}={quoteattr(text)}' for key, text in written.items())}/>"


def _is_written(key: str, value: Plain) -> bool:
    return bool(value) and (value != "0" or key not in _NUMBERS_OF_A_SERVICE)


_NUMBERS_OF_A_SERVICE = ("port", "weight", "priority")
_SERVICE = ("service", "protocol", "domain", "target", *_NUMBERS_OF_A_SERVICE)

_PARTS: dict[tuple[str, ...], Callable[[Document, Object, Object], Iterator[_Step]]] = {
    ("dhcp", "hosts"): _dhcp_hosts,
    ("dhcp", "ranges"): _dhcp_ranges,
    ("dns", "hosts"): _dns_hosts,
    ("dns", "srvs"): _listed(NetworkSection.DNS_SRV, "dns/srv", _SERVICE, lambda network: dns_of(network)["srvs"]),
    ("dns", "txts"): _listed(
        NetworkSection.DNS_TXT, "dns/txt", ("name", "value"), lambda network: dns_of(network)["txts"]
    ),
    ("forward", "interfaces"): _listed(
        NetworkSection.FORWARD_INTERFACE, "forward/interface", ("dev",), _forward_interfaces
    ),
    ("portgroups",): _port_groups,
}
