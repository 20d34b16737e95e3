"""Networks: thin verbs. Networks are named by UUID; a verb for something that is so already does nothing."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import Any

from kvmform.host.affect import Affect
from kvmform.host.binding import libvirt
from kvmform.host.elements import name_in
from kvmform.host.errors import InvalidStateError, NotFoundError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation
from kvmform.host.records import Lease

__all__ = [
    "NetworkSection",
    "UpdateCommand",
    "define_network",
    "read_leases",
    "set_network_autostart",
    "start_network",
    "stop_network",
    "undefine_network",
    "update_network",
]


class NetworkSection(StrEnum):
    """The sections that libvirt can change in an active network."""

    DHCP_HOST = "IP_DHCP_HOST"
    DHCP_RANGE = "IP_DHCP_RANGE"
    DNS_HOST = "DNS_HOST"
    DNS_TXT = "DNS_TXT"
    DNS_SRV = "DNS_SRV"
    FORWARD_INTERFACE = "FORWARD_INTERFACE"
    PORTGROUP = "PORTGROUP"


class UpdateCommand(StrEnum):
    """What is done with an element of a section. DHCP ranges and DNS hosts can be added and deleted only."""

    ADD = "ADD_LAST"
    ADD_FIRST = "ADD_FIRST"
    MODIFY = "MODIFY"
    DELETE = "DELETE"


def define_network(host: Host, xml: str) -> str:
    """Define a network, or define it anew if the XML has the UUID of an existing one. Returns the UUID.

    An active network stays as it is until it is stopped and started.

    Raises:
        HostError: NameTakenError if another network has the name or the bridge.
    """
    uuid = host.write(
        Operation("define", Kind.NETWORK, name=name_in(xml)),
        lambda connection: str(connection.raw.networkDefineXML(xml).UUIDString()),
    )
    host.inventory.forget(Kind.NETWORK, uuid)
    return uuid


def start_network(host: Host, uuid: str) -> None:
    """Make the network active.

    Raises:
        HostError: NameTakenError if its addresses are in use on the host.
    """
    try:
        host.write(_on("start", uuid), lambda connection: connection.network(uuid).create())
    except InvalidStateError:
        if not host.read(_on("read", uuid), lambda connection: bool(connection.network(uuid).isActive())):
            raise


def stop_network(host: Host, uuid: str) -> None:
    """Make the network inactive. Guests lose it, and don't get it back when it is started again.

    Raises:
        HostError: it can't be stopped.
    """
    with suppress(NotFoundError, InvalidStateError):
        host.write(_on("stop", uuid), lambda connection: connection.network(uuid).destroy())


def undefine_network(host: Host, uuid: str) -> None:
    """Forget an inactive network; an active one lives on until it is stopped.

    Raises:
        HostError: it can't be undefined.
    """
    with suppress(NotFoundError):
        host.write(_on("undefine", uuid), lambda connection: connection.network(uuid).undefine())


def update_network(
    host: Host,
    uuid: str,
    command: UpdateCommand,
    section: NetworkSection,
    xml: str,
    affect: Affect,
    *,
    parent: int = -1,
) -> None:
    """Add, modify or delete one element in a section, without stopping the network.

    Args:
        host: where the network is.
        uuid: of the network.
        command: what to do.
        section: where.
        xml: the element, for example `<host mac="…" ip="…"/>`.
        affect: `Affect.BOTH` for an active network, else `Affect.CONFIG`.
        parent: for the DHCP sections, index of the `<ip>` element; -1 for the one that has or can have DHCP.

    Raises:
        HostError: InvalidStateError if the element is there already, or missing; UnsupportedError.
    """
    number = getattr(libvirt, f"VIR_NETWORK_UPDATE_COMMAND_{command}")
    place = getattr(libvirt, f"VIR_NETWORK_SECTION_{section}")
    host.write(
        _on("update", uuid),
        lambda connection: connection.network(uuid).update(number, place, parent, xml, int(affect)),
    )


def set_network_autostart(host: Host, uuid: str, autostart: bool) -> None:
    """Choose whether the network is started together with the host.

    Raises:
        HostError: it can't be changed.
    """
    host.write(_on("set autostart of", uuid), lambda connection: connection.network(uuid).setAutostart(int(autostart)))


def read_leases(host: Host, uuid: str, mac: str | None = None) -> tuple[Lease, ...]:
    """The DHCP leases of a network, or those of one MAC address, as they are at this moment.

    A lease outlives the guest that it was given to, by default for an hour.

    Raises:
        HostError: UnsupportedError if the hypervisor can't tell (`Feature.LEASES`).
    """
    found = host.read(
        _on("read the leases of", uuid),
        lambda connection: connection.network(uuid).DHCPLeases(mac, 0) or [],
    )
    return tuple(_lease(facts) for facts in found)


def _lease(facts: dict[str, Any]) -> Lease:
    return Lease(
        mac=str(facts["mac"]).lower(),
        address=str(facts["ipaddr"]),
        prefix=int(facts["prefix"]),
        hostname=facts.get("hostname"),
        expires=int(facts["expirytime"]),
    )


def _on(verb: str, uuid: str) -> Operation:
    return Operation(verb, Kind.NETWORK, uuid)
