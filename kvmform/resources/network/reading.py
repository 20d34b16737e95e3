"""Read a network back: what its XML says in the terms of the table."""

from __future__ import annotations

from ipaddress import ip_network

from kvmform.host.host import Host
from kvmform.host.records import NetworkRecord
from kvmform.resources.network.definition import dhcp_enabled, subnets
from kvmform.schema import Object, Observed, Plain
from kvmform.xml.document import Document, Element

__all__ = ["effective_dhcp", "effective_dns", "read"]

_SRV = ("service", "protocol", "domain", "target", "port", "weight", "priority")


def read(host: Host, prior: Object) -> Observed | None:
    """The network with the UUID that `prior` has; when it is imported, also with the name."""
    identity = prior.get("id")
    if not isinstance(identity, str):
        return None
    record = host.inventory.networks.get(identity)
    if record is None and prior.get("name") is None:
        record = host.inventory.networks.named(identity)
    return None if record is None else Observed(_object(record, prior, host), {"active": record.active})


def _object(record: NetworkRecord, prior: Object, host: Host) -> Object:
    document = Document.parse(record.xml)
    mode = document.get("forward/@mode") or ("nat" if document.find("forward") is not None else "none")
    mtu = document.get("mtu/@size")
    found: Object = {
        "id": record.uuid,
        "name": record.name,
        "mode": mode,
        "domain": document.get("domain/@name"),
        "bridge": document.get("bridge/@name"),
        "stp": _stp(document, prior),
        "mtu": int(mtu) if mtu else None,
        "addresses": _in_order([_cidr(ip) for ip in document.find_all("ip")], prior.get("addresses")),
        "autostart": record.autostart,
        "active": record.active,
        "routes": [_route(route) for route in document.find_all("route")],
        # The test driver drops what it doesn't know.
        "dnsmasq_options": prior.get("dnsmasq_options") or [] if host.is_simulated else _options(document),
        "xml": prior.get("xml") or [],
    }
    found["dns"] = _dns(document, prior)
    found["dhcp"] = _dhcp(document, found, prior)
    return found


def _stp(document: Document, prior: Object) -> bool:
    """A bridge of the host's own says nothing of it, and nor does the simulated host."""
    said = document.get("bridge/@stp")
    return prior.get("stp") is not False if said is None else said == "on"


def _cidr(ip: Element) -> str:
    mask = ip.get("prefix") or ip.get("netmask") or ("64" if ip.get("family") == "ipv6" else "24")
    return str(ip_network(f"{ip.get('address')}/{mask}", strict=False))


def _in_order(found: list[str], wanted: Plain) -> list[str] | None:
    """The addresses as they were written, where they are still the same ones."""
    for written in wanted or ():
        try:
            own = str(ip_network(written, strict=False))
        except ValueError:
            continue
        if own in found:
            found[found.index(own)] = written
    order = {cidr: index for index, cidr in enumerate(wanted or ())}
    return sorted(found, key=lambda cidr: order.get(cidr, len(order))) or None


def _route(route: Element) -> Object:
    cidr = ip_network(f"{route.get('address')}/{route.get('prefix') or route.get('netmask')}", strict=False)
    return {"cidr": str(cidr), "gateway": route.get("gateway")}


def _options(document: Document) -> list[Object]:
    options = []
    for option in document.find_all("dnsmasq:options/dnsmasq:option"):
        name, equals, value = option.get("value", "").partition("=")
        options.append({"option_name": name, "option_value": value if equals else None})
    return [{"options": options}] if options else []


def _dns(document: Document, prior: Object) -> list[Object]:
    dns = document.find("dns")
    found: Object = {
        "enabled": dns is None or dns.get("enable") != "no",
        "local_only": document.get("domain/@localOnly") == "yes",
        "forwarders": [],
        "hosts": [],
        "srvs": [],
    }
    if dns is not None:
        found["forwarders"] = [{"address": f.get("addr"), "domain": f.get("domain")} for f in dns.findall("forwarder")]
        found["srvs"] = [{key: srv.get(key) for key in _SRV} for srv in dns.findall("srv")]
        found["hosts"] = [
            {"ip": host.get("ip"), "hostname": name.text}
            for host in dns.findall("host")
            for name in host.findall("hostname")
        ]
    written = prior.get("dns")
    return [found] if written or effective_dns([found]) != effective_dns([]) else []


def _dhcp(document: Document, network: Object, prior: Object) -> list[Object]:
    """The DHCP server, with those fixed addresses that this network's own configuration has.

    Others are there for the interfaces of domains, and are looked after with those.
    """
    elements = document.find_all("ip/dhcp")
    written = (prior.get("dhcp") or [{}])[0]
    macs = {str(host.get("mac")).lower() for host in written.get("hosts") or () if host.get("mac")}
    places = {host.get("ip") for host in written.get("hosts") or ()}
    hosts = [
        {"mac": host.get("mac"), "ip": host.get("ip"), "name": host.get("name")}
        for element in elements
        for host in element.findall("host")
        if host.get("mac", "").lower() in macs or host.get("ip") in places
    ]
    ranges = [{"start": r.get("start"), "end": r.get("end")} for element in elements for r in element.findall("range")]
    usual = [{"start": s, "end": e} for subnet in subnets({**network, "dhcp": []}) for s, e in subnet.ranges]
    found: Object = {
        "enabled": bool(elements) if written.get("enabled") is not None or not network["addresses"] else None,
        "hosts": hosts,
        "ranges": [] if ranges == usual and not written.get("ranges") else ranges,
    }
    if network["addresses"] and bool(elements) != dhcp_enabled(
        {**network, "dhcp": [{"enabled": written.get("enabled")}]}
    ):
        found["enabled"] = bool(elements)
    if not network["addresses"]:
        found["enabled"] = written.get("enabled")
    blank = found["enabled"] is None and not hosts and not found["ranges"]
    return [] if blank and not prior.get("dhcp") else [found]


def effective_dns(blocks: Plain) -> Plain:
    """What the DNS block comes to; nothing written means a server with nothing special."""
    if not isinstance(blocks, list):
        return blocks
    usual: Object = {"enabled": True, "local_only": False, "forwarders": [], "hosts": [], "srvs": []}
    return {**usual, **(blocks[0] if blocks else {})}


def effective_dhcp(blocks: Plain) -> Plain:
    """What the DHCP block comes to."""
    if not isinstance(blocks, list):
        return blocks
    usual: Object = {"enabled": None, "hosts": [], "ranges": []}
    return {**usual, **(blocks[0] if blocks else {})}
