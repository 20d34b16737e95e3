"""What can be told of a network's links before anything is done: the way out, and VLANs."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.elements import elements
from kvmform.resources.network.definition import is_bridged
from kvmform.schema import Check, Object, Path, Problem
from kvmform.values.model import Unknown

__all__ = ["check_links"]


def check_links(check: Check[Host]) -> Iterator[Problem]:
    """Every problem with them that the plan would run into."""
    if isinstance(check.planned["mode"], Unknown):
        return
    if is_bridged(check.planned):
        yield from _check_devices(check)
    yield from _check_forward(check.planned)
    yield from _check_vlans(check.planned)


def _problem(path: Path, summary: str, detail: str) -> Problem:
    return Problem(path, error(summary, detail))


def _check_devices(check: Check[Host]) -> Iterator[Problem]:
    """Whether it is known what of the host guests are connected to."""
    bridge, devices, mode = check.config["bridge"], _interfaces(check.planned), str(check.planned["mode"]).lower()
    is_bridge = mode == "bridge"
    if is_bridge and bridge is None and not devices:
        detail = 'The mode "bridge" is for a bridge that the host has: name it with bridge = "…".'
        yield _problem(("mode",), "Missing bridge", detail)
    elif not is_bridge and not devices:
        detail = (
            f'In the mode "{mode}" guests share a device of the host: name it with forward {{ interfaces {{ dev }} }}.'
        )
        yield _problem(("mode",), "Missing interface", detail)
    if bridge and devices:
        detail = "Guests are either on a bridge, or share the devices that forward names. Remove one of the two."
        yield _problem(("bridge",), "Bridge and interfaces", detail)
    elif bridge and not is_bridge:
        detail = f'In the mode "{mode}" there is no bridge. Remove the argument, or write mode = "bridge".'
        yield _problem(("bridge",), "There is no bridge", detail)


def _interfaces(planned: Object) -> list[Object] | Unknown:
    found: list[Object] = []
    for block in elements(planned["forward"]):
        if isinstance(block["interfaces"], Unknown):
            return block["interfaces"]
        found += block["interfaces"]
    return planned["forward"] if isinstance(planned["forward"], Unknown) else found


def _check_forward(planned: Object) -> Iterator[Problem]:
    mode, devices = str(planned["mode"]).lower(), _interfaces(planned)
    if isinstance(devices, Unknown):
        return
    if devices and mode in ("none", "open"):
        detail = f'In the mode "{mode}" libvirt takes no device for the way out. Remove interfaces, or choose "nat".'
        yield _problem(("forward", 0, "interfaces"), "No device in this mode", detail)
    if len(devices) > 1 and mode in ("nat", "route"):
        detail = f'In the mode "{mode}" there is one way out, so one interface can be named at most.'
        yield _problem(("forward", 0, "interfaces", 1), "Too many interfaces", detail)
    for block in elements(planned["forward"]):
        if block["nat"] and mode != "nat":
            detail = f'nat {{ … }} is for the mode "nat", and this network has the mode "{mode}".'
            yield _problem(("forward", 0, "nat"), "No masquerading in this mode", detail)


def _check_vlans(planned: Object) -> Iterator[Problem]:
    """Source: networkValidate of libvirt 9.0; a network with a wrong port group could not be started any more."""
    mode = str(planned["mode"]).lower()
    places: list[tuple[Path, Object]] = [((), planned)]
    places += [(("portgroups", index), group) for index, group in enumerate(elements(planned["portgroups"]))]
    for path, place in places:
        own, every = place["vlan"], planned["vlan"]
        ports = elements(place["virtualport"]) or elements(planned["virtualport"])
        is_switched = mode == "bridge" and any(port["type"] in ("openvswitch", None) for port in ports)
        if is_switched or mode == "passthrough" or isinstance(own, Unknown) or not (own or every):
            continue
        detail = (
            'libvirt has VLANs on bridges of Open vSwitch, and in the mode "passthrough"; a bridge of Linux\'s own has '
            'none. Use mode = "bridge" with the bridge of an Open vSwitch and a virtualport of the type "openvswitch", '
            "or a network for each VLAN on a bridge that the host has for it."
        )
        yield _problem((*path, "vlan") if own else ("vlan",), "VLANs are not possible here", detail)
