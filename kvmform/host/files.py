"""Files on a host that are no volumes yet. A storage pool is the only door that libvirt has to them."""

from __future__ import annotations

import html
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.errors import NotFoundError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["delete_file"]


def delete_file(host: Host, path: str) -> None:
    """Delete a file by its absolute path. Done if it is gone already.

    The pool whose directory it is in is refreshed for it; where none has that directory, there is one meanwhile.

    Raises:
        HostError: it can't be deleted.
    """
    with suppress(NotFoundError):
        host.write(Operation("delete", Kind.VOLUME, path), lambda connection: _delete(connection, path))


def _delete(connection: Connection, path: str) -> None:
    directory = str(PurePosixPath(path).parent)
    pool = _pool_at(connection.raw, directory)
    if pool is not None:
        pool.refresh(0)
        connection.raw.storageVolLookupByPath(path).delete(0)
        return
    name = f"kvmform-{uuid4()}"
    target = f"<target><path>{html.escape(directory)}</path></target>"
    passing = connection.raw.storagePoolCreateXML(f"<pool type='dir'><name>{name}</name>{target}</pool>", 0)
    try:
        connection.raw.storageVolLookupByPath(path).delete(0)
    finally:
        passing.destroy()


def _pool_at(raw: Any, directory: str) -> Any:
    """The active pool with this directory, if there is one."""
    from kvmform.host.elements import parse, text_of

    for pool in raw.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE):
        if text_of(parse(pool.XMLDesc(0)), "target/path").rstrip("/") == directory:
            return pool
    return None
