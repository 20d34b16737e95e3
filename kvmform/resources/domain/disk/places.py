"""Disks: from what a user writes to the places of libvirt's `<disk>` element, and back.

In between stand *places*: a flat object with a value for each place in the element
(`DISK_PLACES`). The template renders it, an update patches it, and `read` compares it.
A volume that is a file is always written as `type='file'` with its path: the security
drivers and snapshots of libvirt do not follow `type='volume'`.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from kvmform.host.records import VolumeRecord
from kvmform.resources.domain.disk.drive import bus_of, device_of
from kvmform.resources.domain.disk.format import format_by_name, format_of
from kvmform.resources.domain.disk.rows import DISK
from kvmform.schema import Block, Object, Plain, Row
from kvmform.values.types import NUMBER, STRING
from kvmform.xml.document import Document
from kvmform.xml.template import render

__all__ = ["DISK_PLACES", "OWN_PLACES", "PORTS", "SOURCE_PLACES", "disk_places", "disk_xml"]


def _place(path: str) -> Row:
    return Row(type=STRING, doc=f"The place `{path}` of a disk.", xml=path)


_HOSTS = Block(
    doc="The servers of a disk.",
    xml="source/host",
    rows={
        "name": _place("@name"),
        "port": Row(type=NUMBER, doc="The place `@port` of a server.", xml="@port"),
        "transport": _place("@transport"),
        "socket": _place("@socket"),
    },
)

OWN_PLACES: Mapping[str, Row | Block] = {name: row for name, row in DISK.rows.items() if row.xml is not None}
"""The rows of a disk that are in the XML in the words of the user."""

_SOURCES: Mapping[str, Row | Block] = {
    "type": _place("@type"),
    "file": _place("source/@file"),
    "block": _place("source/@dev"),
    "pool": _place("source/@pool"),
    "volume": _place("source/@volume"),
    "protocol": _place("source/@protocol"),
    "path": _place("source/@name"),
    "query": _place("source/@query"),
    "hosts": _HOSTS,
    "username": _place("source/auth/@username"),
    "secret_type": _place("source/auth/secret/@type"),
    "secret_uuid": _place("source/auth/secret/@uuid"),
    "secret_usage": _place("source/auth/secret/@usage"),
}

SOURCE_PLACES = tuple(_SOURCES)
"""Those that say where the content is."""

DISK_PLACES: Mapping[str, Row | Block] = {
    **_SOURCES,
    "device": _place("@device"),
    "format": _place("driver/@type"),
    "target": _place("target/@dev"),
    "bus": _place("target/@bus"),
    **OWN_PLACES,
}
"""Every place of a `<disk>` element that kvmform writes."""

PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 990, "nbd": 10809, "iscsi": 3260, "ssh": 22, "gluster": 24007}
"""The usual ports of protocols; `url` is for the first four."""


def disk_places(disk: Object, machine: Plain, volume: VolumeRecord | None, pool: str | None = None) -> Object:
    """The places of a disk.

    Args:
        disk: a `disk` block, with its target.
        machine: the domain's machine type.
        volume: the volume of `volume_id`, where that is given.
        pool: the name of that volume's storage pool.
    """
    device = device_of(disk)
    places: Object = dict.fromkeys(DISK_PLACES)
    places |= {name: _written(disk.get(name)) for name in OWN_PLACES}
    places |= {
        "type": "file",
        "device": device,
        "format": format_of(disk),
        "target": disk["target"],
        "bus": bus_of(disk, machine),
        "readonly": device == "cdrom" or bool(disk.get("readonly")),
    }
    if disk.get("volume_id"):
        places |= _volume_source(disk["volume_id"], volume, pool)
    elif disk.get("url"):
        places |= _url_source(disk["url"])
    elif disk.get("file"):
        places |= {"file": disk["file"]}
    elif disk.get("block_device"):
        places |= {"type": "block", "block": disk["block_device"]}
    elif disk.get("source"):
        places |= _network_source(disk["source"][0])
    return places


def _written(value: Plain) -> Plain:
    """An empty text and a zero are as good as none."""
    return value if isinstance(value, bool) else value or None


def _volume_source(key: str, volume: VolumeRecord | None, pool: str | None) -> Object:
    if volume is None:
        return {"type": "file", "file": key, "format": format_by_name(key)}
    document = Document.parse(volume.xml)
    source: Object = {"format": document.get("target/format/@type") or "raw"}
    match document.get("@type"):
        case "block":
            return source | {"type": "block", "block": volume.path, "format": "raw"}
        case "network" | "netdir":
            return source | {"type": "volume", "pool": pool, "volume": volume.name}
    return source | {"type": "file", "file": volume.path}


def _url_source(url: str) -> Object:
    parts = urlsplit(url)
    return {
        "type": "network",
        "protocol": parts.scheme,
        "path": parts.path,
        "query": parts.query or None,
        "hosts": [_server(name=parts.hostname, port=parts.port or PORTS.get(parts.scheme))],
    }


def _server(**known: Plain) -> Object:
    return dict.fromkeys(_HOSTS.rows) | known


def _network_source(source: Object) -> Object:
    auth: Object = next(iter(source["auth"] or ()), {})
    return {
        "type": "network",
        "protocol": source["protocol"],
        "path": source["name"] or None,
        "hosts": [_server(**{name: host[name] or None for name in _HOSTS.rows}) for host in source["host"] or ()],
        **{name: auth.get(name) or None for name in ("username", "secret_type", "secret_uuid", "secret_usage")},
    }


def disk_xml(places: Object) -> str:
    """The `<disk>` element with these places."""
    return render(__package__, "disk.xml.j2", {"disk": places})
