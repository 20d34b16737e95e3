"""What can be told about a network before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import DiagnosticError, error
from kvmform.host.host import Host
from kvmform.resources.network.check_addresses import check_addresses
from kvmform.resources.network.definition import MODES, network_xml
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.values.model import Unknown
from kvmform.xml.document import Document

__all__ = ["check"]

_LONGEST_NAME = 15
"""Of a network device in Linux (IFNAMSIZ less the byte at its end)."""

_MTU = range(68, 65536)
"""What Linux takes for a bridge (RFC 791 demands 68 bytes of every link)."""

_NOT_BRIDGED = {"domain": "libvirt serves no DNS there", "mtu": "the bridge has one", "routes": "the host has its own"}
"""Arguments that libvirt refuses in the mode `bridge`, and why."""


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    yield from _check_mode(check)
    yield from _check_dns(check.planned)
    yield from check_addresses(check)
    yield from _check_names(check)
    yield from _check_bridges(check)
    yield from _check_stylesheet(check.planned)


def _problem(path: Path, summary: str, detail: str) -> Problem:
    return Problem(path, error(summary, detail))


def _check_mode(check: Check[Host]) -> Iterator[Problem]:
    planned, mode = check.planned, check.planned["mode"]
    mtu = planned["mtu"]
    if isinstance(mtu, int | float) and mtu and int(mtu) not in _MTU:
        yield _problem(
            ("mtu",), "Unsuitable MTU", f"An MTU is a number from {_MTU.start} to {_MTU.stop - 1}, not {mtu}."
        )
    if not isinstance(mode, str):
        return
    if mode.lower() not in MODES:
        yield _problem(("mode",), "Unknown network mode", f'There is no mode "{mode}"; there are {", ".join(MODES)}.')
    elif mode.lower() == "bridge":
        yield from _check_bridged(check)
    elif mode.lower() != "none" and not planned["addresses"]:
        yield _problem(
            ("mode",),
            "Missing addresses",
            f"The mode \"{mode}\" forwards between the guests' network and the host's, so it needs to know it: write "
            'addresses = ["10.17.3.0/24"], or mode = "none" for a network without addresses.',
        )


def _check_bridged(check: Check[Host]) -> Iterator[Problem]:
    if check.config["bridge"] is None:
        yield _problem(
            ("mode",),
            "Missing bridge",
            'The mode "bridge" is for a bridge that the host has already: name it with bridge = "…".',
        )
    for name, reason in _NOT_BRIDGED.items():
        if check.planned[name]:
            yield _problem(
                (name,),
                "Not possible with the host's own bridge",
                f'In the mode "bridge" a network can\'t have the argument {name}: {reason}. Remove it, or choose '
                "another mode.",
            )


def _check_dns(planned: Object) -> Iterator[Problem]:
    for block in _blocks(planned["dns"]):
        if block["local_only"] is True and not planned["domain"]:
            yield _problem(
                ("dns", 0, "local_only"),
                "Missing domain",
                "local_only keeps names in the network's own domain from other servers, so the argument domain must "
                "be set.",
            )
        for name in ("forwarders", "hosts", "srvs"):
            if block["enabled"] is False and block[name]:
                yield _problem(
                    ("dns", 0, name), "DNS is disabled", f"{name} are for the DNS server: set enabled = true."
                )
        for index, forwarder in enumerate(_blocks(block["forwarders"])):
            if not forwarder["address"] and not forwarder["domain"]:
                yield _problem(
                    ("dns", 0, "forwarders", index), "Empty forwarder", "A forwarder has an address, a domain, or both."
                )


def _blocks(value: Plain) -> list[Object]:
    return value if isinstance(value, list) else []


def _own_ids(check: Check[Host]) -> set[Plain]:
    return {check.planned["id"], check.observed.object["id"] if check.observed is not None else None}


def _others(check: Check[Host]) -> list[Object]:
    own = _own_ids(check)
    return [other for other in check.others("libvirt_network") if other["id"] not in own]


def _check_names(check: Check[Host]) -> Iterator[Problem]:
    name, others = check.planned["name"], _others(check)
    existing = check.host.inventory.networks.named(name) if isinstance(name, str) else None
    if any(other["name"] == name for other in others):
        yield _problem(("name",), "Name used twice", f'Another network in this configuration is named "{name}" too.')
    elif existing is not None and existing.uuid not in _own_ids(check) | {other["id"] for other in others}:
        yield _problem(
            ("name",),
            "Network already exists",
            f'The host has a network "{name}" (UUID {existing.uuid}) that is not in this state, so it is left alone. '
            "Choose another name, use the existing network by its name, or import it into the state.",
        )


def _check_bridges(check: Check[Host]) -> Iterator[Problem]:
    """A bridge that libvirt makes belongs to one network; one that the host has may serve several."""
    bridge = check.planned["bridge"]
    if not isinstance(bridge, str) or str(check.planned["mode"]).lower() == "bridge":
        return
    if len(bridge) > _LONGEST_NAME:
        yield _problem(
            ("bridge",),
            "Name of the bridge too long",
            f'"{bridge}" has {len(bridge)} characters; the name of a network device has at most {_LONGEST_NAME}.',
        )
    planned = {other["id"]: other for other in _others(check)}
    users = [other["name"] for other in planned.values() if other["bridge"] == bridge]
    users += [
        record.name
        for record in check.host.inventory.networks.all()
        if record.uuid not in planned and record.uuid not in _own_ids(check)
        if Document.parse(record.xml).get("bridge/@name") == bridge
    ]
    for user in users:
        yield _problem(
            ("bridge",),
            "Bridge used by another network",
            f'The bridge "{bridge}" is that of the network "{user}". Choose another name, or leave the argument out: '
            "libvirt then chooses a free one.",
        )


def _check_stylesheet(planned: Object) -> Iterator[Problem]:
    """Try it, unless something is not known yet."""
    if not any(change["xslt"] for change in _blocks(planned["xml"])) or _is_open(planned):
        return
    try:
        network_xml({**planned, "addresses": None})
    except DiagnosticError as problem:
        yield from (Problem(("xml", 0, "xslt"), diagnostic) for diagnostic in problem.diagnostics)


def _is_open(value: Plain) -> bool:
    match value:
        case Unknown():
            return True
        case dict():
            return any(_is_open(item) for name, item in value.items() if name != "bridge")
        case list():
            return any(_is_open(item) for item in value)
    return False
