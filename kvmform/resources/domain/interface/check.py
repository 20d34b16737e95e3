"""What can be told about a domain's network interfaces before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.domain.equivalence import same_mac
from kvmform.resources.domain.interface.check_options import check_options
from kvmform.resources.domain.interface.check_reservations import check_reservations
from kvmform.resources.domain.interface.owners import macs_on
from kvmform.resources.domain.interface.places import SOURCE_ROWS
from kvmform.resources.elements import elements
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.values.model import Unknown

__all__ = ["check_interfaces"]


def check_interfaces(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of interfaces that the plan would run into."""
    interfaces = elements(check.planned["network_interface"])
    for index, interface in enumerate(interfaces):
        path = ("network_interface", index)
        yield from _check_network(check, path, interface)
        yield from _check_addresses(check, path, interface)
        yield from _check_mac(check, path, interfaces[:index])
        yield from check_options(check, path, interface)


def _check_network(check: Check[Host], path: Path, interface: Object) -> Iterator[Problem]:
    for name, key in (("network_name", "name"), ("network_id", "id")):
        value = _written(check, path).get(name)
        if not isinstance(value, str) or not value:
            continue
        if any(network[key] == value for network in check.others("libvirt_network")):
            continue
        shelf = check.host.inventory.networks
        record = shelf.named(value) if key == "name" else shelf.get(value)
        if record is None:
            yield Problem(
                (*path, name),
                error(
                    "Network not found",
                    f'Neither the host nor this configuration has a network with the {key} "{value}".',
                ),
            )
        elif not record.active and check.planned["running"] is True:
            yield Problem(
                (*path, name),
                error(
                    "Network is not active",
                    f'The network "{record.name}" is not active, so no guest can be started on it. Start it with '
                    f"`virsh net-start {record.name}`.",
                ),
            )
        return
    if not any(interface[name] for name in SOURCE_ROWS) and interface["wait_for_lease"] is True:
        yield Problem(
            (*path, "wait_for_lease"),
            error(
                "No network to wait for",
                "The interface is on QEMU's user-mode network, whose addresses nobody else sees. Give it a network, or "
                "don't wait for its lease.",
            ),
        )


def _written(check: Check[Host], path: Path) -> Object:
    """The block as the user wrote it."""
    blocks, index = check.config["network_interface"], path[1]
    return dict(blocks[index]) if isinstance(blocks, list) and isinstance(index, int) else {}


def _check_addresses(check: Check[Host], path: Path, interface: Object) -> Iterator[Problem]:
    wanted = _written(check, path).get("addresses")
    if not isinstance(wanted, list):
        return
    versions = []
    for address in wanted:
        if isinstance(address, Unknown):
            continue
        try:
            versions.append(ip_address(address).version)
        except ValueError:
            yield Problem(
                (*path, "addresses"), error("Invalid address", f'"{address}" is neither an IPv4 nor an IPv6 address.')
            )
            return
    if len(set(versions)) < len(versions):
        yield Problem(
            (*path, "addresses"),
            error("Too many addresses", "DHCP gives an interface one IPv4 and one IPv6 address at most."),
        )
    known = [address for address in wanted if isinstance(address, str)]
    yield from check_reservations(check, path, interface, known)


def _check_mac(check: Check[Host], path: Path, before: Sequence[Object]) -> Iterator[Problem]:
    """A MAC address that the user chose must not be another guest's."""
    mac = _written(check, path).get("mac")
    if not isinstance(mac, str) or not mac:
        return
    planned = [domain for domain in check.others("libvirt_domain") if domain is not check.planned]
    for domain in planned:
        if any(
            same_mac(mac, other["mac"]) for other in elements(domain["network_interface"]) if _is_text(other["mac"])
        ):
            yield _mac_problem(path, mac, f'the domain "{domain["name"]}" of this configuration')
    if any(same_mac(mac, other["mac"]) for other in before if _is_text(other["mac"])):
        yield _mac_problem(path, mac, "another interface of this domain")
    observed = check.observed.object["network_interface"] if check.observed is not None else ()
    if any(same_mac(mac, other["mac"]) for other in observed):
        return
    owner = macs_on(check.host).get(mac.lower())
    if owner is not None and owner.uuid not in {domain["id"] for domain in planned} | {check.planned["id"]}:
        yield _mac_problem(path, mac, f'the domain "{owner.name}" on the host')


def _is_text(value: Plain) -> bool:
    return isinstance(value, str)


def _mac_problem(path: Path, mac: str, whose: str) -> Problem:
    detail = f"{mac} is the address of {whose} too. Two guests with one address disturb each other; choose another."
    return Problem((*path, "mac"), error("MAC address used twice", detail))
