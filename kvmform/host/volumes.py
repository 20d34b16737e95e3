"""Storage volumes: thin verbs. Volumes are named by key; pools by UUID. Content moves in `transfer`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.copy_progress import CopyProgress, watched_copy
from kvmform.host.elements import format_in, name_in
from kvmform.host.errors import HostError, InvalidStateError, NotFoundError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["clone_volume", "create_volume", "delete_volume", "resize_volume"]


def create_volume(host: Host, pool: str, xml: str) -> str:
    """Make a volume. Returns its key.

    Raises:
        HostError: NameTakenError if the pool has a volume or a file of this name; NoSpaceError.
    """
    return _made(
        host,
        pool,
        Operation("create", Kind.VOLUME, name=name_in(xml)),
        lambda connection: str(connection.pool(pool).createXML(xml, 0).key()),
    )


def _made(host: Host, pool: str, operation: Operation, call: Callable[[Connection], str]) -> str:
    """Make a call that makes a volume, whose key it returns; where the answer is lost, it may be there all the same."""
    try:
        key = host.write(operation, call)
    except HostError:
        host.inventory.volumes.forget_pool(pool)
        raise
    host.inventory.volumes.forget(key, pool)
    return key


def clone_volume(
    host: Host,
    pool: str,
    xml: str,
    source: str,
    capacity: int | None = None,
    *,
    reflink: bool = False,
    progress: CopyProgress | None = None,
) -> str:
    """Make a volume with the content of another (by key), converted to the format in the XML. Returns its key.

    libvirt gives the copy the capacity of the source whatever the XML says, hence `capacity` (bytes),
    to which the copy grows afterwards; it is not grown if that is None or less. `reflink`: the copy, of
    a raw file in a raw one, shares its blocks with the source until they are written. `progress` is told
    every second how far a copy is; of raw ones it can't be known, as libvirt holds their pool meanwhile.

    Raises:
        HostError: NameTakenError if the pool has a volume or a file of this name; NoSpaceError.
    """
    flags = libvirt.VIR_STORAGE_VOL_CREATE_REFLINK if reflink else 0

    def clone(connection: Connection) -> str:
        copy = connection.pool(pool).createXMLFrom(xml, connection.volume(source), flags)
        if capacity is not None and capacity > copy.info()[1]:
            copy.resize(capacity, 0)
        return str(copy.key())

    operation = Operation("clone", Kind.VOLUME, name=name_in(xml))
    if progress is None or reflink or format_in(xml) == "raw":
        return _made(host, pool, operation, clone)
    with watched_copy(host, pool, operation.name, source, progress):
        return _made(host, pool, operation, clone)


def resize_volume(host: Host, key: str, capacity: int, *, shrink: bool = False) -> None:
    """Change the capacity (bytes) of a volume that no running guest uses.

    Raises:
        HostError: it would become smaller and `shrink` is not set; UnsupportedError.
    """
    flags = libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK if shrink else 0
    host.write(
        Operation("resize", Kind.VOLUME, key),
        lambda connection: connection.volume(key).resize(capacity, flags),
    )


def delete_volume(host: Host, key: str, pool: str | None = None) -> None:
    """Delete a volume and what it holds. Done if it is gone already, or its pool is.

    libvirt does not see the volumes of an inactive pool; tell the pool, so that they aren't taken for gone.

    Raises:
        HostError: InvalidStateError if `pool` is inactive.
    """
    try:
        host.write(Operation("delete", Kind.VOLUME, key), lambda connection: connection.volume(key).delete(0))
    except NotFoundError:
        if pool is None:
            return
        with suppress(NotFoundError):
            _check_active(host, pool, key)


def _check_active(host: Host, pool: str, key: str) -> None:
    operation = Operation("read", Kind.POOL, pool)
    if not host.read(operation, lambda connection: bool(connection.pool(pool).isActive())):
        raise InvalidStateError.of(
            f'Cannot delete storage volume "{key}"',
            "Its storage pool is inactive, so it can't be seen whether the volume exists. Start the pool first.",
        )
