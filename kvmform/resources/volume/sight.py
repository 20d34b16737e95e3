"""Storage pools whose volumes can't be seen for now: those that are not active, and one that is being renamed.

libvirt can't rename a storage pool, so for an instant it knows nothing of it. Should the run be cut
off just then, the volumes in it would seem to be gone. So meanwhile there is another one, which
holds nothing and is never started: its name is that of the pool with an ending, and its path ends
in the pool's UUID.
"""

from __future__ import annotations

import posixpath

from kvmform.host.host import Host
from kvmform.host.records import PoolRecord
from kvmform.schema import Object, Plain
from kvmform.xml.document import Document

__all__ = ["hidden_pool", "is_being_renamed", "placeholder_name", "placeholder_xml"]

_NOWHERE = "/nonexistent/kvmform"


def placeholder_name(name: str) -> str:
    """The name of what stands for a storage pool while it is renamed; `name` is the one that it gives up."""
    return f"{name}.renaming"


def placeholder_xml(name: str, uuid: str) -> str:
    """The definition of that; it always has the same UUID, so that it can be defined twice."""
    from uuid import UUID, uuid5

    document = Document.parse("<pool type='dir'><name/><uuid/><target><path/></target></pool>")
    texts = {"name": placeholder_name(name), "uuid": str(uuid5(UUID(uuid), name)), "target/path": f"{_NOWHERE}/{uuid}"}
    for path, text in texts.items():
        element = document.find(path)
        assert element is not None
        element.text = text
    return document.text


def hidden_pool(host: Host, name: Plain, key: str) -> str | None:
    """UUID of a storage pool that is there, and whose volumes can't be seen; None for any other.

    It is told by its name, or, where it was given another one that the volume's record doesn't have yet, by the key
    of the volume.
    """
    if not isinstance(name, str):
        return None
    record = host.inventory.pools.named(name)
    if record is not None:
        return None if record.active else record.uuid
    stands_for_it = host.inventory.pools.named(placeholder_name(name))
    path = Document.parse(stands_for_it.xml).get("target/path") if stands_for_it is not None else None
    if path is not None and posixpath.dirname(path) == _NOWHERE:
        return posixpath.basename(path)
    return next((pool.uuid for pool in host.inventory.pools.all() if not pool.active and _is_place_of(pool, key)), None)


def _is_place_of(pool: PoolRecord, key: str) -> bool:
    path = Document.parse(pool.xml).get("target/path")
    return path is not None and posixpath.dirname(key) == posixpath.normpath(path)


def is_being_renamed(host: Host, pool: Object) -> bool:
    """Whether a renaming of a storage pool, as it is recorded, was begun and not ended."""
    left = host.inventory.pools.named(placeholder_name(pool["name"])) if pool.get("name") else None
    return left is not None and Document.parse(left.xml).get("target/path") == posixpath.join(_NOWHERE, pool["id"])
