"""What dmacvicar/libvirt 0.8 made of a configuration: the objects on the host, and what it noted of each in state.

The provider can't be had everywhere, and its last version of this kind will not change any more. So
this makes its objects with libvirt's own calls: the XML that it sent, with its defaults and its
quirks (a display that nobody asked for, an IDE drive for each seed, random MAC addresses, no mark of any kind), and
the attributes that it recorded after reading them back.
Source: tag v0.8.3 of https://github.com/dmacvicar/terraform-provider-libvirt.
"""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import libvirt
import pycdlib
from domain_0_8 import Attributes, Domains08, format_of, transformed, xml_text

__all__ = ["Provider08"]

_DNS = {"enabled": False, "forwarders": [], "hosts": [], "local_only": False, "srvs": []}
_SRV = dict.fromkeys(("domain", "port", "priority", "protocol", "service", "target", "weight"), "")


class Provider08:
    """Makes objects on a host, as 0.8 did.

    Args:
        connection: to the host.
        choose: random numbers.
    """

    def __init__(self, connection: libvirt.virConnect, choose: random.Random) -> None:
        self._connection = connection
        self.domain = Domains08(connection, choose).domain

    def make(self, kind: str, **given: Any) -> Attributes:
        """Make a `libvirt_KIND` with these arguments; the attributes of it in state."""
        makers = {
            "pool": self.pool,
            "volume": self.volume,
            "cloudinit_disk": self.cloudinit_disk,
            "ignition": self.ignition,
            "combustion": self.ignition,
            "network": self.network,
            "domain": self.domain,
        }
        return makers[kind](**given)

    # Pools and what is in them.

    def pool(self, **given: Any) -> Attributes:
        """`libvirt_pool`; its path in `path`, as until 0.8.0, or in `target`."""
        path = given["target"][0]["path"] if given.get("target") else given["path"]
        root = ET.Element("pool", type="dir")
        ET.SubElement(root, "name").text = given["name"]
        ET.SubElement(ET.SubElement(root, "target"), "path").text = path
        pool = self._connection.storagePoolDefineXML(xml_text(root))
        pool.build()
        pool.setAutostart(1)
        pool.create()
        _, capacity, allocation, available = pool.info()
        sizes = {"allocation": allocation, "available": available, "capacity": capacity}
        return {"path": None, "source": [], "target": [], "xml": []} | sizes | given | {"id": pool.UUIDString()}

    def volume(self, content: bytes | None = None, **given: Any) -> Attributes:
        """`libvirt_volume`; `content` is that of its `source`."""
        pool = self._connection.storagePoolLookupByName(given["pool"])
        base = self._base(pool, given)
        kind = given.get("format") or ("qcow2" if content is None or content[:4] == b"QFI\xfb" else "raw")
        size = len(content) if content is not None else given.get("size") or (base.info()[1] if base else 1)
        root = ET.Element("volume")
        ET.SubElement(root, "name").text = given["name"]
        ET.SubElement(root, "capacity", unit="bytes").text = str(size)
        target = ET.SubElement(root, "target")
        ET.SubElement(target, "format", type=kind)
        ET.SubElement(ET.SubElement(target, "permissions"), "mode").text = "644"
        if base is not None:
            backing = ET.SubElement(root, "backingStore")
            ET.SubElement(backing, "path").text = base.path()
            ET.SubElement(backing, "format", type=format_of(base))
        volume = pool.createXML(transformed(xml_text(root), given))
        if content is not None:
            self._upload(volume, content)
            pool.refresh()
        names = dict.fromkeys(("base_volume_id", "base_volume_name", "base_volume_pool", "source"))
        read = {"id": volume.key(), "size": volume.info()[1], "format": format_of(volume)}
        return {**names, "xml": [], **given, **read}

    def _base(self, pool: libvirt.virStoragePool, given: Attributes) -> libvirt.virStorageVol | None:
        if given.get("base_volume_id"):
            return self._connection.storageVolLookupByKey(given["base_volume_id"])
        if given.get("base_volume_name"):
            other = given.get("base_volume_pool")
            within = self._connection.storagePoolLookupByName(other) if other else pool
            return within.storageVolLookupByName(given["base_volume_name"])
        return None

    def _upload(self, volume: libvirt.virStorageVol, content: bytes) -> None:
        stream = self._connection.newStream()
        volume.upload(stream, 0, len(content))
        data = io.BytesIO(content)
        stream.sendAll(lambda _stream, size, _opaque: data.read(size), None)
        stream.finish()

    def cloudinit_disk(self, **given: Any) -> Attributes:
        """`libvirt_cloudinit_disk`."""
        texts = {name: given.get(name) or "" for name in ("user_data", "meta_data", "network_config")}
        made = self._seed(given, _iso({name.replace("_", "-"): text for name, text in texts.items()}))
        return {**texts, **given, "id": made}

    def ignition(self, **given: Any) -> Attributes:
        """`libvirt_ignition`, and `libvirt_combustion`, which is the same."""
        return {**given, "id": self._seed(given, given["content"].encode())}

    def _seed(self, given: Attributes, content: bytes) -> str:
        made = self.volume(content, name=given["name"], pool=given["pool"], format="raw")
        return f"{made['id']};{uuid4()}"

    # Networks.

    def network(self, **given: Any) -> Attributes:
        """`libvirt_network`."""
        mode = (given.get("mode") or "nat").lower()
        root = ET.Element("network", {"xmlns:dnsmasq": "http://libvirt.org/schemas/network/dnsmasq/1.0"})
        ET.SubElement(root, "name").text = given["name"]
        if mode != "none":
            ET.SubElement(root, "forward", mode=mode)
        bridge = {"name": given["bridge"]} if given.get("bridge") else {}
        ET.SubElement(root, "bridge", bridge if mode == "bridge" else {**bridge, "stp": "on"})
        if given.get("mtu"):
            ET.SubElement(root, "mtu", size=str(given["mtu"]))
        dns = {**_DNS, "enabled": True, **given["dns"][0]} if given.get("dns") else None
        if given.get("domain"):
            local = {"localOnly": "yes"} if dns and dns["local_only"] else {}
            ET.SubElement(root, "domain", {"name": given["domain"], **local})
        if mode != "bridge":
            if dns and dns["enabled"]:
                _dns_xml(root, dns)
            self._addresses(root, given)
        for route in given.get("routes") or ():
            way = ip_network(route["cidr"])
            family = f"ipv{way.version}"
            where = {"address": str(way.network_address), "prefix": str(way.prefixlen), "gateway": route["gateway"]}
            ET.SubElement(root, "route", {"family": family, **where})
        options = [each for block in given.get("dnsmasq_options") or () for each in block["options"]]
        served = ET.SubElement(root, "dnsmasq:options")
        for option in options:
            value = option.get("option_value")
            ET.SubElement(served, "dnsmasq:option", value=option["option_name"] + (f"={value}" if value else ""))
        network = self._connection.networkDefineXML(transformed(xml_text(root), given))
        network.create()
        if given.get("autostart"):
            network.setAutostart(1)
        return _recorded_network(given, network, mode, dns)

    @staticmethod
    def _addresses(root: ET.Element, given: Attributes) -> None:
        enabled = given["dhcp"][0]["enabled"] if given.get("dhcp") else True
        for address in given.get("addresses") or ():
            subnet = ip_network(address)
            family = f"ipv{subnet.version}"
            where = {"address": str(subnet[1]), "family": family, "prefix": str(subnet.prefixlen)}
            ip = ET.SubElement(root, "ip", where)
            if enabled:
                last = subnet[min(subnet.num_addresses, 1 << 16) - 2]
                ET.SubElement(ET.SubElement(ip, "dhcp"), "range", start=str(subnet[2]), end=str(last))


def _iso(files: Mapping[str, str]) -> bytes:
    """The image that mkisofs made: Joliet and Rock Ridge, all three files."""
    image = pycdlib.PyCdlib()
    image.new(joliet=3, rock_ridge="1.09", vol_ident="cidata")
    for name, text in files.items():
        data, plain = text.encode(), f"/{name[:8].upper().replace('-', '_')}.;1"
        image.add_fp(io.BytesIO(data), len(data), plain, rr_name=name, joliet_path=f"/{name}")
    written = io.BytesIO()
    image.write_fp(written)
    image.close()
    return written.getvalue()


def _dns_xml(root: ET.Element, given: Attributes) -> None:
    dns = ET.SubElement(root, "dns", enable="yes")
    for each in given["forwarders"]:
        names = {"address": "addr", "domain": "domain"}
        ET.SubElement(dns, "forwarder", {xml: each[name] for name, xml in names.items() if each.get(name)})
    for each in given["srvs"]:
        ET.SubElement(dns, "srv", {name: value for name, value in each.items() if value})
    hosts: dict[str, list[str]] = {}
    for each in given["hosts"]:
        hosts.setdefault(each["ip"], []).append(each["hostname"])
    for ip, names_ in hosts.items():
        host = ET.SubElement(dns, "host", ip=ip)
        for name in names_:
            ET.SubElement(host, "hostname").text = name


def _recorded_network(given: Attributes, network: libvirt.virNetwork, mode: str, dns: Attributes | None) -> Attributes:
    """What 0.8 told of it after its own read; of a DNS server without block only whether names stay local."""
    told = dns
    if dns is None and given.get("domain"):
        told = dict(_DNS)
    has_dhcp = "<dhcp>" in network.XMLDesc()
    if told is not None:
        told = {
            **told,
            "forwarders": [{"address": "", "domain": "", **each} for each in told["forwarders"]],
            "srvs": [{**_SRV, **each} for each in told["srvs"]],
        }
    return {
        "addresses": None,
        "autostart": False,
        "domain": None,
        "mtu": None,
        "routes": [],
        "xml": [],
        "dnsmasq_options": [],
        **given,
        "bridge": network.bridgeName(),
        "dhcp": [{"enabled": True}] if has_dhcp else given.get("dhcp", []),
        "dns": [told] if told is not None else [],
        "id": network.UUIDString(),
        "mode": mode,
    }
