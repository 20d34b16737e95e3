"""Network interfaces that are plugged, changed, and connected elsewhere, while the guest runs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import attach_device, update_device
from kvmform.host.errors import HostError
from kvmform.host.host import Host
from kvmform.resources.domain.interface.patching import find_interface, patch_interface
from kvmform.resources.domain.interface.places import INTERFACE_PLACES, interface_places, interface_xml
from kvmform.resources.domain.interface.reading import network_name
from kvmform.resources.domain.interface.rows import CHANGED_LIVE, OPTION_ROWS
from kvmform.resources.domain.running_guest import RunningGuest, unplug
from kvmform.resources.domain.shape import agree, shaped
from kvmform.schema import Edit, Object
from kvmform.struct import Struct
from kvmform.xml.document import Document, element_text, parse_element, remove_element
from kvmform.xml.rows import patch_rows, read_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["plug_interface"]

_BRIDGED = {"network", "bridge"}
_AT_BOOT = {"boot_order"}
_OF_THE_NETWORK = {"network_id", "network_name", "portgroup"}
"""What says the port of which network it is; libvirt does not compare all of that."""


class _Change(Struct):
    """One interface: the guest's and the definition's, what it shall be, and what of that differs."""

    guest: RunningGuest
    existing: Element
    wanted: Element
    places: Object
    differing: frozenset[str]


def plug_interface(
    guest: RunningGuest, interface: Object, prior: Object, edits: Mapping[str, Edit], due: frozenset[str]
) -> None:
    """Plug an interface that the guest does not have, or change the one that it has.

    Args:
        guest: the guest.
        interface: what is planned.
        prior: the interface as the definition has it; empty for a new one.
        edits: of the interface, by argument.
        due: the options that it is to have now; others may wait for a boot.
    """
    before = edits["mac"].before if "mac" in edits else interface["mac"]
    existing = find_interface(guest.document, before)
    places = interface_places(interface, network_name(guest.host, interface))
    if existing is None:
        if find_interface(guest.document, interface["mac"]) is None or before == interface["mac"]:
            _plug(guest, interface, interface_xml(places, interface))
        return
    wanted = _as_it_is(guest, existing, prior, due)
    patch_interface(wanted, places, interface, prior)
    if interface.get("portgroup"):
        patch_rows(wanted, OPTION_ROWS, {"portgroup": interface["portgroup"]})
    change = _Change(guest, existing, wanted, places, _differing_options(existing, interface, edits) & due)
    connects = _differs(existing, places) or bool((edits.keys() | change.differing) & _OF_THE_NETWORK)
    if change.differing - CHANGED_LIVE - _OF_THE_NETWORK or (connects and not _can_move(existing, places)):
        _plug_anew(change, interface, prior)
    elif connects:
        _move(change)
    elif change.differing:
        _update(change)


def _plug_anew(change: _Change, interface: Object, prior: Object) -> None:
    """Unplug it and plug it in as it is wanted; where that is refused, as it was: the guest keeps its network."""
    guest = change.guest
    former = element_text(_as_it_is(guest, change.existing, prior, frozenset()))
    unplug(guest, change.existing)
    try:
        _plug(guest, interface, element_text(change.wanted))
    except HostError:
        with suppress(HostError):
            attach_device(guest.host, guest.uuid, former, Affect.LIVE)
        raise


def _plug(guest: RunningGuest, interface: Object, xml: str) -> None:
    guest.operation.progress(f"plugging network interface {interface['mac']}", None, None)
    attach_device(guest.host, guest.uuid, xml, Affect.LIVE)


def _as_it_is(guest: RunningGuest, existing: Element, prior: Object, due: frozenset[str]) -> Element:
    """A copy of the interface to make the new one of: as it is defined, without what libvirt adds to a running one.

    Where the definition has what waits for a boot, it is made of the running one after all.
    """
    record = guest.host.inventory.domains.get(guest.uuid)
    mac = read_rows(existing, INTERFACE_PLACES)["mac"]
    defined = find_interface(Document.parse(record.xml), mac) if record is not None else None
    if defined is not None and not _waiting_options(existing, defined, prior) - due:
        return parse_element(element_text(defined))
    copy = parse_element(element_text(existing))
    libvirts_names = (tag for tag, name in (("alias", "alias"), ("target", "target_dev")) if not prior.get(name))
    for name in ("source", *libvirts_names):
        for libvirts in copy.findall(name):
            remove_element(libvirts)
    return copy


def _waiting_options(existing: Element, defined: Element, prior: Object) -> set[str]:
    """The options that the definition has and the guest has not."""
    live, later = (shaped(OPTION_ROWS, read_rows(element, OPTION_ROWS), prior) for element in (existing, defined))
    return {name for name, row in OPTION_ROWS.items() if not agree(row, live[name], later[name])}


def _differing_options(existing: Element, interface: Object, edits: Mapping[str, Edit]) -> frozenset[str]:
    """The options that the guest's interface does not have as planned."""
    actual = read_rows(existing, OPTION_ROWS)
    declared = shaped(OPTION_ROWS, actual, interface)
    planned = dict.fromkeys(OPTION_ROWS) | interface
    if "model" in edits:
        planned["model"] = planned["model"] or "virtio"
    return frozenset(
        name
        for name, row in OPTION_ROWS.items()
        if name not in _AT_BOOT and not agree(row, (actual if name in edits else declared)[name], planned[name])
    )


def _differs(existing: Element, places: Object) -> bool:
    """Whether an interface is connected otherwise; on a network, libvirt says more of it than was asked for."""
    before = read_rows(existing, INTERFACE_PLACES)
    told = ("network", "mac") if places["network"] else ("type", "mac", "network", "bridge", "device", "mode")
    return any(before[name] != places[name] for name in told)


def _can_move(existing: Element, places: Object) -> bool:
    """Between networks and bridges an interface moves; any other has to be unplugged and plugged in again."""
    before = read_rows(existing, INTERFACE_PLACES)
    return before["mac"] == places["mac"] and before["type"] in _BRIDGED and places["type"] in _BRIDGED


def _move(change: _Change) -> None:
    """Connect an interface to another bridge; its link goes down and up, so that the guest asks for an address.

    An interface of a network that was made anew looks as if it were on it already, and libvirt
    would do nothing; it goes there by way of the bridge itself.
    """
    places = change.places
    if places["type"] == "network":
        bridge = _bridge_of(change.guest.host, places["network"])
        if bridge is not None:
            _update(change, source={"type": "bridge", "network": None, "bridge": bridge}, link="up")
    _update(change, link="down")
    if change.wanted.find("link[@state='down']") is None:
        _update(change, link="up")


def _bridge_of(host: Host, network: str) -> str | None:
    record = host.inventory.networks.named(network)
    return Document.parse(record.live_xml or record.xml).get("bridge/@name") if record is not None else None


def _update(change: _Change, *, source: Object | None = None, link: str | None = None) -> None:
    """Have libvirt change the interface: as it is wanted, but for this source and link."""
    interface = parse_element(element_text(change.wanted))
    if source is not None:
        patch_rows(interface, INTERFACE_PLACES, source)
        patch_rows(interface, OPTION_ROWS, {"portgroup": None})
    if link is not None:
        patch_rows(interface, OPTION_ROWS, {"link_state": link})
    update_device(change.guest.host, change.guest.uuid, element_text(interface), Affect.LIVE)
