"""Network interfaces: from what a user writes to the places of libvirt's `<interface>`, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count

from kvmform.resources.domain.interface.rows import OPTION_ROWS
from kvmform.schema import Object, Plain, Row
from kvmform.values.types import STRING
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_rows
from kvmform.xml.template import render

__all__ = [
    "INTERFACE_PLACES",
    "SOURCE_ROWS",
    "assign_macs",
    "interface_places",
    "interface_xml",
    "overruled_sources",
    "read_source",
]


def _place(path: str) -> Row:
    return Row(type=STRING, doc=f"The place `{path}` of an interface.", xml=path)


INTERFACE_PLACES: Mapping[str, Row] = {
    "type": _place("@type"),
    "mac": _place("mac/@address"),
    "network": _place("source/@network"),
    "bridge": _place("source/@bridge"),
    "device": _place("source/@dev"),
    "mode": _place("source/@mode"),
    "model": _place("model/@type"),
}
"""Every place of an `<interface>` element that kvmform writes."""

_MODES = {"vepa": "vepa", "private": "private", "macvtap": "bridge", "passthrough": "passthrough"}
"""libvirt's modes of a direct connection to a device of the host, by the argument that asks for them."""

_NOTHING: tuple[Plain, ...] = (None, "", [])

SOURCE_ROWS = ("network_id", "network_name", "bridge", *_MODES)
"""The arguments that say what an interface is connected to."""


def interface_places(interface: Object, network: str | None) -> Object:
    """The places of an interface.

    Where several sources are written, the first of network, bridge, and a device counts; with
    none, QEMU's user-mode network is used.

    Args:
        interface: a `network_interface` block, with its MAC address.
        network: the name of the network that the block means, if it means one.
    """
    places: Object = dict.fromkeys(INTERFACE_PLACES)
    places |= {"mac": interface["mac"].lower(), "model": interface.get("model") or "virtio"}
    if network:
        return places | {"type": "network", "network": network}
    if interface.get("bridge"):
        return places | {"type": "bridge", "bridge": interface["bridge"]}
    for name, mode in _MODES.items():
        if interface.get(name):
            return places | {"type": "direct", "device": interface[name], "mode": mode}
    return places | {"type": "user"}


def overruled_sources(interface: Object) -> list[str]:
    """The source arguments that don't count, since one that comes before them is written.

    Provider 0.8 takes several as well: network, bridge, vepa, private, macvtap, passthrough, the first of them.
    """
    written = [name for name in SOURCE_ROWS if interface.get(name)]
    return [name for name in written[1:] if not name.startswith("network_")]


def read_source(places: Object, network_id: Callable[[str], str | None]) -> Object:
    """The source arguments that these places stand for; `network_id` tells a network's UUID by its name."""
    source: Object = dict.fromkeys(SOURCE_ROWS)
    if places["network"]:
        # A running guest's interface on a network of the mode "bridge" says type="bridge" beside the network.
        return source | {"network_name": places["network"], "network_id": network_id(places["network"])}
    match places["type"]:
        case "bridge":
            source |= {"bridge": places["bridge"]}
        case "direct":
            argument = next((name for name, mode in _MODES.items() if mode == places["mode"]), "vepa")
            source |= {argument: places["device"]}
    return source


def assign_macs(interfaces: Sequence[Object], mac: Callable[[str], str]) -> list[Object]:
    """The same interfaces, each with a MAC address; `mac` makes one of a name.

    The names are numbers, beginning with the interface's place, so that a guest that is made
    again has the same addresses; one that is in use already is passed over.
    """
    used = {str(interface.get("mac") or "").lower() for interface in interfaces}
    addressed: list[Object] = []
    for place, interface in enumerate(interfaces):
        if not interface.get("mac"):
            address = next(free for n in count(place) if (free := mac(str(n))) not in used)
            used.add(address)
            interface = {**interface, "mac": address.upper()}  # noqa: PLW2901 - the element with its address
        addressed.append(interface)
    return addressed


def interface_xml(places: Object, interface: Object) -> str:
    """The `<interface>` element with these places, and the options of the block that it is for."""
    text = render(__package__, "interface.xml.j2", {"interface": places}).rstrip("\n")
    options = {name: interface[name] for name in OPTION_ROWS if name != "model" and interface.get(name) not in _NOTHING}
    if not options:
        return text
    document = Document.parse(text)
    patch_rows(document.root, OPTION_ROWS, options)
    document.indent()
    return document.text
