"""Options of network interfaces that the host can't give them, told before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error, warning
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.host_interfaces import lacks_interface
from kvmform.host.network_filters import has_network_filter
from kvmform.resources.elements import elements
from kvmform.schema import Check, Object, Path, Problem
from kvmform.xml.document import Document

__all__ = ["check_options"]


def check_options(check: Check[Host], path: Path, interface: Object) -> Iterator[Problem]:
    """Every problem of one interface's options."""
    if check.host.is_simulated:
        return
    yield from _check_bridge(check, path, interface)
    yield from _check_filter(check.host, path, interface)
    yield from _check_vlan(check.host, path, interface)
    if elements(interface["backend"]) and not check.host.can(Feature.PASST):
        detail = (
            "libvirt on this host has no user-mode networks by passt; libvirt 9.1 and later can have them. Put the "
            "guest on a network with a route from outside, or leave the backend block out."
        )
        yield Problem((*path, "backend"), error("passt not supported", detail))


def _check_bridge(check: Check[Host], path: Path, interface: Object) -> Iterator[Problem]:
    """One that is missing may be made meanwhile, by something that nobody sees from here; so that is a warning."""
    name = interface["bridge"]
    if not isinstance(name, str) or not name or interface["network_name"] or elements(interface["virtualport"]):
        return
    made_here = any(network.get("bridge") == name for network in check.others("libvirt_network"))
    if not made_here and lacks_interface(check.host, name):
        detail = (
            f'The host has no bridge "{name}" now, and without it no guest is connected or started. Make it '
            f"(`ip link add {name} type bridge`), or give the interface a network of libvirt's."
        )
        yield Problem((*path, "bridge"), warning("Bridge not found", detail))


def _check_filter(host: Host, path: Path, interface: Object) -> Iterator[Problem]:
    for index, reference in enumerate(elements(interface["filterref"])):
        name = reference["filter"]
        if isinstance(name, str) and not has_network_filter(host, name):
            detail = (
                f'The host has no network filter "{name}". `virsh nwfilter-list` lists those it has; '
                "`virsh nwfilter-define` adds one."
            )
            yield Problem((*path, "filterref", index, "filter"), error("Network filter not found", detail))


def _check_vlan(host: Host, path: Path, interface: Object) -> Iterator[Problem]:
    name = interface["network_name"]
    record = host.inventory.networks.named(name) if isinstance(name, str) and elements(interface["vlan"]) else None
    if record is None or elements(interface["virtualport"]):
        return
    network = Document.parse(record.xml)
    if network.find("virtualport") is None and network.get("forward/@mode") not in {"hostdev", "passthrough"}:
        detail = (
            f'libvirt tags packets only on networks of Open vSwitch or of SR-IOV devices, and the network "{name}" is '
            "neither. Make a network of the mode bridge for each VLAN instead, or take the vlan block out."
        )
        yield Problem((*path, "vlan"), error("VLANs not supported here", detail))
