"""Devices that are plugged in, unplugged and updated while the guest runs, through their tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kvmform.host.affect import Affect
from kvmform.host.devices import attach_device, update_device
from kvmform.resources.domain.device.building import build_device
from kvmform.resources.domain.device.device import Device
from kvmform.resources.domain.device.in_force import meant
from kvmform.resources.domain.device.matching import Candidates
from kvmform.resources.domain.effects import Undertaking
from kvmform.resources.domain.running_guest import RunningGuest, unplug
from kvmform.schema import Edit, Object, Row, pair_elements
from kvmform.schema.match import Pair
from kvmform.xml.document import element_text, parse_element
from kvmform.xml.rows import patch_rows

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["plug_device", "update_element"]


def plug_device(guest: RunningGuest, device: Device, work: Undertaking) -> None:
    """Carry out the edits of one kind of device that are live; where something was left undone, that too."""
    live = work.live()
    concerned = {device.name, *device.also}
    if not concerned & live.names and "pending" not in live.names:
        return
    before, after = device.wanted(work.prior), device.wanted(guest.planned)
    waiting = _waiting(device, work, live)
    staying = [value for value in work.removed(device.name) if value not in list(live.removed(device.name))]
    candidates = Candidates(device, guest.document)
    owners = [candidates.take(value) for value in before]
    pairs = pair_elements(device.block, before, after)
    for old, new in sorted(pairs, key=_goes_last):  # What goes leaves its place to what comes.
        owner = owners[old] if old is not None else None
        if new is None:
            if old is not None and before[old] not in staying:
                unplug(guest, owner)
            continue
        changed = _changed(device, before[old], after[new]) if old is not None else set()
        now = _edited_now(live.touched(device.name).get(new, {}), changed)
        if owner is not None and now and now <= device.updates:
            _update(guest, device, owner, {name: after[new][name] for name in sorted(device.updates)})
        elif new not in waiting and (owner is None or changed) and candidates.take(after[new]) is None:
            unplug(guest, owner)
            _plug(guest, device, after[new])


def _goes_last(pair: Pair) -> bool:
    return pair[1] is not None


def _waiting(device: Device, work: Undertaking, live: Undertaking) -> set[int]:
    """The devices of which something awaits a boot."""
    everything, now = work.touched(device.name), live.touched(device.name)
    return {index for index, edits in everything.items() if index not in now or edits.keys() != now[index].keys()}


def _edited_now(edits: Mapping[str, Edit], changed: set[str]) -> set[str]:
    """What of a device is edited live; all that differs, where the block is new and the device was there before."""
    return changed & edits.keys() if edits else changed


def _changed(device: Device, before: Object, after: Object) -> set[str]:
    old, new = meant(device.block, [before])[0], meant(device.block, [after])[0]
    rows = ((name, row) for name, row in device.block.rows.items() if isinstance(row, Row))
    return {name for name, row in rows if not row.same(old.get(name), new.get(name))}


def _plug(guest: RunningGuest, device: Device, value: Object) -> None:
    guest.operation.progress(f"plugging {device.name}", None, None)
    attach_device(guest.host, guest.uuid, element_text(build_device(device, value)), Affect.LIVE)


def _update(guest: RunningGuest, device: Device, element: Element, values: Object) -> None:
    guest.operation.progress(f"updating {device.name}", None, None)
    if device.update is not None:
        device.update(guest, element, values)
    else:
        update_element(guest, device, element, values)


def update_element(guest: RunningGuest, device: Device, element: Element, values: Object) -> None:
    """Have libvirt update a device, which stays as it is but for these arguments."""
    wanted = parse_element(element_text(element))
    patch_rows(wanted, device.block.rows, values)
    update_device(guest.host, guest.uuid, element_text(wanted), Affect.LIVE)
