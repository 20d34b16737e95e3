"""Everything that is on a host, seen past kvmform: what a test compares to find what was left behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import libvirt
from labhost import LabHost

__all__ = ["EMPTY", "Inventory", "inventory", "simulated_inventory", "wipe"]

_IMAGES = Path("/var/lib/libvirt/images")


@dataclass(frozen=True, slots=True)
class Inventory:
    """Names of all objects of a host, and paths of all files below its directory for images."""

    domains: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    pools: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


EMPTY = Inventory()
"""A host with nothing on it."""


def inventory(host: LabHost) -> Inventory:
    """What is on a lab host; volumes as "POOL/NAME", files as a guest's XML would name them."""
    connection = host.connect()
    try:
        pools = connection.listAllStoragePools()
        for pool in pools:
            if pool.isActive():
                pool.refresh()
        volumes = [(p.name(), volume) for p in pools if p.isActive() for volume in p.listAllVolumes()]
        return Inventory(
            domains=frozenset(domain.name() for domain in connection.listAllDomains()),
            networks=frozenset(network.name() for network in connection.listAllNetworks()),
            pools=frozenset(pool.name() for pool in pools),
            volumes=frozenset(f"{pool}/{volume.name()}" for pool, volume in volumes),
            files=_files(host),
        )
    finally:
        connection.close()


def _files(host: LabHost) -> frozenset[str]:
    images = host.root / "var" / "images"
    return frozenset(str(_IMAGES / path.relative_to(images)) for path in images.rglob("*"))


def wipe(host: LabHost) -> None:
    """Delete everything on a lab host, for the test that comes next."""
    connection = host.connect()
    try:
        for domain in connection.listAllDomains():
            if domain.isActive():
                domain.destroy()
            domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA)
        for found in (*connection.listAllNetworks(), *connection.listAllStoragePools()):
            if found.isActive():
                found.destroy()
            if found.isPersistent():
                found.undefine()
    finally:
        connection.close()
    host.exec_(["find", str(_IMAGES), "-xdev", "-mindepth", "1", "-delete"])


def simulated_inventory(file: Path) -> Inventory:
    """What is on a simulated host, by the file that it is kept in."""
    if not file.exists():
        return EMPTY
    node = ET.parse(file).getroot()
    names = {
        kind: frozenset(element.findtext("name", "") for element in node.findall(kind))
        for kind in ("domain", "network", "pool")
    }
    volumes = [
        f"{pool.findtext('name')}/{volume.findtext('name')}"
        for pool in node.findall("pool")
        for volume in pool.findall("volume")
    ]
    return Inventory(
        domains=names["domain"], networks=names["network"], pools=names["pool"], volumes=frozenset(volumes)
    )
