"""What can be told about a network before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvmform.diagnostics import DiagnosticError, error
from kvmform.host.host import Host
from kvmform.resources.elements import elements
from kvmform.resources.network.check_addresses import check_addresses
from kvmform.resources.network.check_guests import check_guests
from kvmform.resources.network.check_links import check_links
from kvmform.resources.network.definition import MODES, is_bridged
from kvmform.resources.network.link_rows import LINK_ROWS
from kvmform.resources.network.neighbours import Neighbour, exchanging, neighbours
from kvmform.resources.network.rendering import network_xml
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.values.model import Unknown

__all__ = ["check"]

_LONGEST_NAME = 15
"""Of a network device in Linux (IFNAMSIZ less the byte at its end)."""

_MTU = range(68, 65536)
"""What Linux takes for a bridge."""

_NOT_BRIDGED = {
    "domain": "libvirt serves no names there",
    "mtu": "the bridge has one",
    "routes": "the host's own routes count",
    "mac": "libvirt doesn't make the bridge",
    "delay": "libvirt doesn't make the bridge",
    "mac_table_manager": "libvirt doesn't make the bridge",
    "zone": "libvirt doesn't make the bridge",
}
"""Arguments that libvirt refuses in the mode `bridge`, and why."""


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    yield from _check_mode(check)
    yield from check_links(check)
    yield from _check_dns(check.planned)
    others = tuple(neighbours(check))
    yield from check_addresses(check.planned, others)
    yield from check_guests(check)
    yield from _check_name(check.planned, others)
    if not is_bridged(check.planned):
        yield from _check_bridge(check.planned, others)
        yield from _check_exchange(check)
    yield from _check_stylesheet(check.planned)


def _problem(path: Path, summary: str, detail: str) -> Problem:
    return Problem(path, error(summary, detail))


def _check_mode(check: Check[Host]) -> Iterator[Problem]:
    planned, mode, mtu = check.planned, check.planned["mode"], check.planned["mtu"]
    if isinstance(mtu, int | float) and mtu and int(mtu) not in _MTU:
        detail = f"The MTU is a number of bytes from {_MTU.start} to {_MTU.stop - 1}, not {mtu}."
        yield _problem(("mtu",), "Unsuitable MTU", detail)
    if not isinstance(mode, str):
        return
    if mode.lower() not in MODES:
        yield _problem(("mode",), "Unknown network mode", f'There is no mode "{mode}", but {", ".join(MODES)}.')
    elif is_bridged(planned):
        yield from _check_bridged(check)
    elif mode.lower() != "none" and not planned["addresses"]:
        yield _problem(
            ("mode",),
            "Missing addresses",
            f'In the mode "{mode}" the host forwards to and from the guests\' network, so that has to be given: write '
            'addresses = ["10.17.3.0/24"], or mode = "none" for a network without addresses.',
        )


def _check_bridged(check: Check[Host]) -> Iterator[Problem]:
    for name, reason in _NOT_BRIDGED.items():
        if check.planned[name]:
            yield _problem(
                (name,),
                "Not possible on the host's own bridge",
                f'In the mode "bridge" a network can\'t have {name}: {reason}. Remove the argument, or choose another '
                "mode.",
            )


def _check_dns(planned: Object) -> Iterator[Problem]:
    for block in elements(planned["dns"]):
        if block["local_only"] is True and not planned["domain"]:
            detail = "local_only is about names in the network's own DNS domain: give that with the argument domain."
            yield _problem(("dns", 0, "local_only"), "Missing domain", detail)
        for name in ("forwarders", "hosts", "srvs", "txts"):
            if block["enabled"] is False and block[name]:
                detail = f"{name} are for the DNS server, and enabled = false says that there is none. Remove either."
                yield _problem(("dns", 0, name), "DNS is disabled", detail)
        for index, forwarder in enumerate(elements(block["forwarders"])):
            if not forwarder["address"] and not forwarder["domain"]:
                detail = "A forwarder has an address, a domain, or both."
                yield _problem(("dns", 0, "forwarders", index), "Empty forwarder", detail)


def _check_name(planned: Object, others: Sequence[Neighbour]) -> Iterator[Problem]:
    name = planned["name"]
    for other in others:
        if other.name != name or not isinstance(name, str):
            continue
        if other.uuid:
            yield _problem(
                ("name",),
                "Network already exists",
                f'The host has a network "{name}" (UUID {other.uuid}) that is not in this state, so it is left alone. '
                "Choose another name, use the existing network by its name, or import it into the state.",
            )
        else:
            detail = f'Another network in this configuration is named "{name}" too.'
            yield _problem(("name",), "Name used twice", detail)


def _check_bridge(planned: Object, others: Sequence[Neighbour]) -> Iterator[Problem]:
    """A bridge that libvirt makes belongs to one network; one that the host has may serve several."""
    bridge = planned["bridge"]
    if not isinstance(bridge, str):
        return
    if len(bridge) > _LONGEST_NAME:
        detail = f'"{bridge}" has {len(bridge)} characters; a network device\'s name has at most {_LONGEST_NAME}.'
        yield _problem(("bridge",), "Name of the bridge too long", detail)
    for other in others:
        if other.bridge == bridge:
            yield _problem(
                ("bridge",),
                "Bridge used by another network",
                f'The bridge "{bridge}" is that of the network "{other.name}". Choose another name, or remove the '
                "argument: libvirt then chooses a free one.",
            )


def _check_exchange(check: Check[Host]) -> Iterator[Problem]:
    edited = {edit.path[0] for edit in check.edits}
    for other in exchanging(check) if edited & {"addresses", "bridge"} else ():
        detail = (
            f'The network "{other["name"]}" takes what this one gives up, and this one takes what that gives up; but '
            "each has to be free before. Give one of them something else first, apply, and then what it shall have."
        )
        yield _problem(
            ("addresses" if "addresses" in edited else "bridge",), "Networks exchange what they have", detail
        )


def _check_stylesheet(planned: Object) -> Iterator[Problem]:
    """Try it, on a network that has no other problems."""
    if _is_open(planned["xml"]):
        return
    plain: Object = {"name": "x", "mode": "none", "mtu": None, "domain": None, "dns": [], "dhcp": [], "routes": []}
    plain |= dict.fromkeys(LINK_ROWS)
    try:
        network_xml({**planned, **plain, "addresses": None, "stp": True, "dnsmasq_options": []})
    except DiagnosticError as problem:
        yield from (Problem(("xml", 0, "xslt"), diagnostic) for diagnostic in problem.diagnostics)


def _is_open(blocks: Plain) -> bool:
    return isinstance(blocks, Unknown) or any(isinstance(block["xslt"], Unknown) for block in blocks)
