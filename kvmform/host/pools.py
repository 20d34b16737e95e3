"""Storage pools: thin verbs. Pools are named by UUID; a verb for something that is so already does nothing."""

from __future__ import annotations

from contextlib import suppress

from kvmform.host.binding import libvirt
from kvmform.host.elements import name_in, parse
from kvmform.host.errors import InvalidStateError, NotFoundError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = [
    "build_pool",
    "define_pool",
    "delete_pool",
    "refresh_pool",
    "rename_pool",
    "set_pool_autostart",
    "start_pool",
    "stop_pool",
    "undefine_pool",
]

_DIRECTORY_TYPES = ("dir", "fs", "netfs")


def define_pool(host: Host, xml: str) -> str:
    """Define a pool, or define it anew if the XML has the UUID of an existing one. Returns the UUID.

    Raises:
        HostError: NameTakenError if another pool has the name, the target or the source.
    """
    uuid = host.write(
        Operation("define", Kind.POOL, name=name_in(xml)),
        lambda connection: str(connection.raw.storagePoolDefineXML(xml, 0).UUIDString()),
    )
    host.inventory.forget(Kind.POOL, uuid)
    return uuid


def rename_pool(host: Host, uuid: str, xml: str, placeholder: str) -> None:
    """Give an inactive pool the definition in the XML, which has its UUID and another name. Its volumes stay.

    libvirt has no call for that: for an instant it knows nothing of the pool. Meanwhile there is another pool, with
    the XML `placeholder`; it stays.

    Raises:
        HostError: NameTakenError if another pool has the name; the pool is then undefined.
    """
    define_pool(host, placeholder)
    try:
        undefine_pool(host, uuid)
        define_pool(host, xml)
    finally:
        host.forget_objects()
        host.inventory.forget(Kind.POOL, uuid)


def build_pool(host: Host, uuid: str, *, formatting: bool = False) -> None:
    """Make what an inactive pool is kept in: a directory (with its parents), a volume group. Nothing is overwritten.

    A directory that is there gets the permissions of the pool's definition. With `formatting`, a device with nothing
    on it gets a file system, or a partition table.

    Raises:
        HostError: it can't be made, or there is something on the device.
    """
    flags = libvirt.VIR_STORAGE_POOL_BUILD_NO_OVERWRITE if formatting else 0
    host.write(_on("build", uuid), lambda connection: connection.pool(uuid).build(flags))


def start_pool(host: Host, uuid: str) -> None:
    """Make the pool active.

    Raises:
        HostError: its target is missing, or can't be mounted.
    """
    try:
        host.write(_on("start", uuid), lambda connection: connection.pool(uuid).create(0))
    except InvalidStateError:
        if not host.read(_on("read", uuid), lambda connection: bool(connection.pool(uuid).isActive())):
            raise


def stop_pool(host: Host, uuid: str) -> None:
    """Make the pool inactive; its volumes stay as they are.

    Raises:
        HostError: BusyError if a copy in it doesn't end within ten minutes.
    """
    with suppress(NotFoundError, InvalidStateError):
        host.write(_on("stop", uuid), lambda connection: connection.pool(uuid).destroy())


def delete_pool(host: Host, uuid: str) -> None:
    """Remove the empty directory of an inactive pool. Pools that are no directories stay untouched.

    Raises:
        HostError: NotEmptyError if it holds files; those are never deleted.
    """
    with suppress(NotFoundError):
        kind = host.read(_on("read", uuid), lambda connection: parse(connection.pool(uuid).XMLDesc(0)).get("type"))
        if kind in _DIRECTORY_TYPES:
            host.write(_on("remove the directory of", uuid), lambda connection: connection.pool(uuid).delete(0))


def undefine_pool(host: Host, uuid: str) -> None:
    """Forget an inactive pool; its volumes stay where they are.

    Raises:
        HostError: InvalidStateError if it is active.
    """
    with suppress(NotFoundError):
        host.write(_on("undefine", uuid), lambda connection: connection.pool(uuid).undefine())


def set_pool_autostart(host: Host, uuid: str, autostart: bool) -> None:
    """Choose whether the pool is started together with the host.

    Raises:
        HostError: it can't be changed.
    """
    host.write(_on("set autostart of", uuid), lambda connection: connection.pool(uuid).setAutostart(int(autostart)))


def refresh_pool(host: Host, uuid: str) -> None:
    """Scan an active pool for volumes that came or went without libvirt.

    Raises:
        HostError: BusyError if a copy in it doesn't end within ten minutes.
    """
    host.write(_on("scan", uuid), lambda connection: connection.pool(uuid).refresh(0))


def _on(verb: str, uuid: str) -> Operation:
    return Operation(verb, Kind.POOL, uuid)
