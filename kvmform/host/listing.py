"""Listing and reading the objects of a host in as few calls as possible.

libvirt's list calls take filters. Asking once per filter tells the traits of *all* objects
in a number of round trips that doesn't depend on how many there are, where asking each
object for its state, autostart flag and so on takes several per object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.operation import Kind
from kvmform.host.records import DomainRecord, NetworkRecord, PoolRecord, PowerState, Record
from kvmform.struct import Struct

__all__ = ["Listed", "find_by_name", "list_all", "list_one", "read_record"]


class Listed(Struct):
    """What a list tells of one object: its traits are names of libvirt's list filters."""

    uuid: str
    name: str
    traits: frozenset[str]


_TRAITS = {
    Kind.POOL: ("ACTIVE", "PERSISTENT", "AUTOSTART"),
    Kind.NETWORK: ("ACTIVE", "PERSISTENT", "AUTOSTART"),
    Kind.DOMAIN: ("ACTIVE", "PERSISTENT", "AUTOSTART", "RUNNING", "PAUSED", "SHUTOFF", "MANAGEDSAVE", "HAS_SNAPSHOT"),
}


def list_all(connection: Connection, kind: Kind) -> dict[str, Listed]:
    """All pools, networks or domains of the host, by UUID.

    Raises:
        libvirtError: for the caller to explain.
    """
    list_objects, filters = _list_call(connection.raw, kind)
    names: dict[str, str] = {}
    for handle in list_objects(0):
        uuid = handle.UUIDString()
        names[uuid] = handle.name()
        connection.remember(kind, uuid, handle)
    if not names:
        return {}
    traits: dict[str, set[str]] = {uuid: set() for uuid in names}
    for trait in _TRAITS[kind]:
        for handle in list_objects(getattr(libvirt, filters + trait)):
            traits.setdefault(handle.UUIDString(), set()).add(trait)
    return {uuid: Listed(uuid, name, frozenset(traits[uuid])) for uuid, name in names.items()}


def _list_call(raw: Any, kind: Kind) -> tuple[Callable[[int], list[Any]], str]:
    match kind:
        case Kind.POOL:
            return raw.listAllStoragePools, "VIR_CONNECT_LIST_STORAGE_POOLS_"
        case Kind.NETWORK:
            return raw.listAllNetworks, "VIR_CONNECT_LIST_NETWORKS_"
        case _:
            return raw.listAllDomains, "VIR_CONNECT_LIST_DOMAINS_"


def list_one(connection: Connection, kind: Kind, uuid: str) -> Listed:
    """The same of a single object, by asking it.

    Raises:
        libvirtError: for the caller to explain; "not found" if it is gone.
    """
    handle = connection.object(kind, uuid, anew=True)
    traits = {
        "ACTIVE": handle.isActive(),
        "PERSISTENT": handle.isPersistent(),
        "AUTOSTART": handle.autostart(),
    }
    if kind is Kind.DOMAIN:
        state = handle.state()[0]
        traits |= {
            "RUNNING": state == libvirt.VIR_DOMAIN_RUNNING,
            "PAUSED": state == libvirt.VIR_DOMAIN_PAUSED,
            "SHUTOFF": state == libvirt.VIR_DOMAIN_SHUTOFF,
            "MANAGEDSAVE": handle.hasManagedSaveImage(),
            "HAS_SNAPSHOT": handle.snapshotNum(),
        }
    return Listed(uuid, handle.name(), frozenset(trait for trait, holds in traits.items() if holds))


def find_by_name(connection: Connection, kind: Kind, name: str) -> str:
    """UUID of the object with this name.

    Raises:
        libvirtError: for the caller to explain; "not found" if there is none.
    """
    match kind:
        case Kind.POOL:
            handle = connection.raw.storagePoolLookupByName(name)
        case Kind.NETWORK:
            handle = connection.raw.networkLookupByName(name)
        case _:
            handle = connection.raw.lookupByName(name)
    return str(handle.UUIDString())


def read_record(connection: Connection, kind: Kind, listed: Listed) -> Record:
    """The record of a listed object: one call, or two if it is active.

    Raises:
        libvirtError: for the caller to explain; "not found" if it is gone.
    """
    traits = listed.traits
    active, persistent = "ACTIVE" in traits, "PERSISTENT" in traits
    handle = connection.object(kind, listed.uuid)
    live_xml = str(handle.XMLDesc(0)) if active else None
    xml = live_xml if live_xml and not persistent else _definition(handle, kind)
    facts = (listed.uuid, listed.name, active, persistent, "AUTOSTART" in traits, xml, live_xml)
    match kind:
        case Kind.POOL:
            return PoolRecord(*facts)
        case Kind.NETWORK:
            return NetworkRecord(*facts)
        case _:
            state = _power_state(traits, handle)
            return DomainRecord(*facts, state, "MANAGEDSAVE" in traits, "HAS_SNAPSHOT" in traits)


def _definition(handle: Any, kind: Kind) -> str:
    flag = {
        Kind.POOL: libvirt.VIR_STORAGE_XML_INACTIVE,
        Kind.NETWORK: libvirt.VIR_NETWORK_XML_INACTIVE,
        Kind.DOMAIN: libvirt.VIR_DOMAIN_XML_INACTIVE,
    }[kind]
    try:
        return str(handle.XMLDesc(flag))
    except libvirt.libvirtError as problem:
        if problem.get_error_code() != libvirt.VIR_ERR_INVALID_ARG:
            raise
        return str(handle.XMLDesc(0))  # The test driver has no inactive XML of networks and pools.


def _power_state(traits: frozenset[str], handle: Any) -> PowerState:
    if "RUNNING" in traits:
        return PowerState.RUNNING
    if "PAUSED" in traits:
        return PowerState.PAUSED
    if "SHUTOFF" in traits:
        return PowerState.SHUT_OFF
    match handle.state()[0]:  # A list tells only that it is none of the usual ones.
        case libvirt.VIR_DOMAIN_CRASHED:
            return PowerState.CRASHED
        case libvirt.VIR_DOMAIN_PMSUSPENDED:
            return PowerState.ASLEEP
    return PowerState.OTHER
