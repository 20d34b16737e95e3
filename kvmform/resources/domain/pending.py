"""What a domain's definition has that the running guest has not: the traces of work that awaits a boot.

A change that needs a reboot is written to the definition first. Where the guest was not
rebooted then, because `on_reboot_needed` says so or because kvmform was stopped, the next
plan must know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kvmform.resources.domain.device.buses import obstacle
from kvmform.resources.domain.device.device import Bus
from kvmform.resources.domain.device.devices import DEVICES
from kvmform.resources.domain.device.differences import device_differences
from kvmform.resources.domain.disk.drive import HOT_BUSES, bus_of, has_medium
from kvmform.resources.domain.disk.live import is_left_out, is_live_change
from kvmform.resources.domain.disk.rows import DISK
from kvmform.resources.domain.interface.places import SOURCE_ROWS
from kvmform.resources.domain.interface.policies import is_pluggable
from kvmform.resources.domain.interface.rows import CHANGED_LIVE, NETWORK_INTERFACE, OPTION_ROWS
from kvmform.resources.domain.life.live import LIVE_ROWS
from kvmform.resources.domain.machine.live import TUNED
from kvmform.resources.domain.machine.policies import tunes_live
from kvmform.resources.domain.schema import PLACED, SCHEMA
from kvmform.resources.domain.shape import agree
from kvmform.schema import Block, Object, Plain
from kvmform.schema.match import pair_elements
from kvmform.struct import Struct

__all__ = ["Pending", "compare"]

_COMPARED = (
    "type",
    "machine",
    "emulator",
    "memory_slots",
    "firmware",
    "firmware_feature",
    "loader",
    "nvram",
    "boot_device",
    "kernel",
    "initrd",
    "dtb",
    "cmdline",
    "iothreads",
    *PLACED,
)
"""Rows that the XML of a running guest has in the same words as its definition."""

_DEVICE_ROWS = {
    "disk": tuple(DISK.rows),
    "network_interface": (*SOURCE_ROWS, "mac", *OPTION_ROWS),
}


class Pending(Struct):
    """Names of the arguments that differ, and those of them that can be brought about without a reboot."""

    names: tuple[str, ...] = ()
    hot: tuple[str, ...] = ()
    interrupts: bool = False
    """Whether an interface is connected anew for it."""


def compare(definition: Object, live: Object, facts: Mapping[str, Plain]) -> Pending:
    """Compare what a definition says with what the running guest has; `facts` are those of its buses, and `hotplug`."""
    hotplug = facts["hotplug"]
    cold = [name for name in _cold_rows(definition, live, facts) if name not in LIVE_ROWS]
    hot = [name for name in sorted(LIVE_ROWS) if not agree(SCHEMA.rows[name], definition[name], live[name])]
    tuned = [name for name in cold if name in TUNED and _tunes_live(name, definition, live, facts)]
    cold = [name for name in cold if name not in tuned]
    hot += tuned
    interrupts = False
    for name in _DEVICE_ROWS:
        differing = list(_differing_devices(name, definition, live))
        interrupts |= name == "network_interface" and any(map(_interrupts, differing))
        if differing and hotplug and all(_is_pluggable(name, pair, definition) for pair in differing):
            hot.append(name)
        elif differing:
            cold.append(name)
    for device in DEVICES:
        found = list(device_differences(device, definition, live, facts))
        if found:
            (hot if hotplug and all(found) else cold).append(device.name)
    if definition["guest_agent_channel"] != live["guest_agent_channel"]:
        is_missing = definition["guest_agent_channel"] and obstacle(Bus.VIRTIO_SERIAL, facts) is None
        (hot if hotplug and is_missing else cold).append("guest_agent_channel")
    return Pending(tuple(sorted((*cold, *hot))), tuple(hot), interrupts)


def _tunes_live(name: str, definition: Object, live: Object, facts: Mapping[str, Plain]) -> bool:
    block = SCHEMA.rows[name]
    assert isinstance(block, Block)
    return tunes_live(name, block, live, definition, facts)


def _cold_rows(definition: Object, live: Object, facts: Mapping[str, Plain]) -> Iterator[str]:
    yield from (name for name in _COMPARED if not agree(SCHEMA.rows[name], definition[name], live[name]))
    if definition["memory"] > facts.get("memory_given", live["max_memory"]):
        yield "memory"
    if definition["vcpu"] > live["max_vcpu"] or definition["vcpu"] < live["vcpu"]:
        yield "vcpu"
    if len(definition["cpu"]) != len(live["cpu"]) or any(map(_processors_differ, definition["cpu"], live["cpu"])):
        yield "cpu"


_IS_THERE = {"require", "force"}


def _processors_differ(defined: Object, live: Object) -> bool:
    """Whether two processors differ in more than in what libvirt made of what was asked for."""
    block = SCHEMA.rows["cpu"]
    assert isinstance(block, Block)
    compared = {"migratable", "topology", "cache", "maxphysaddr", "numa"}
    if (defined["mode"], live["mode"]) != ("host-model", "custom") and defined["match"] != "minimum":
        # In both cases libvirt makes a model of the host's processor, and tells that of the guest.
        compared |= {"mode", "model"}
    given = {feature["name"]: feature["policy"] in _IS_THERE for feature in live["feature"]}
    asked = {
        feature["name"]: feature["policy"] in _IS_THERE
        for feature in defined["feature"]
        if feature["policy"] != "optional"
    }
    return any(given.get(name, False) is not wanted for name, wanted in asked.items()) or not all(
        agree(block.rows[name], defined[name], live[name]) for name in compared
    )


Pair = tuple[Object | None, Object | None]


def _differing_devices(name: str, definition: Object, live: Object) -> Iterator[Pair]:
    block = SCHEMA.rows[name]
    assert isinstance(block, Block)
    for old, new in pair_elements(block, live[name], definition[name]):
        before = live[name][old] if old is not None else None
        after = definition[name][new] if new is not None else None
        if name == "disk" and is_left_out(before, after):
            continue
        if before is None or after is None or any(_differing_rows(block, _DEVICE_ROWS[name], before, after)):
            yield before, after


def _differing_rows(block: Block, names: Iterable[str], before: Object, after: Object) -> Iterator[str]:
    return (name for name in names if not agree(block.rows[name], before[name], after[name]))


def _interrupts(pair: Pair) -> bool:
    before, after = pair
    anew = OPTION_ROWS.keys() - CHANGED_LIVE
    return (
        before is not None
        and after is not None
        and any(_differing_rows(NETWORK_INTERFACE, (*SOURCE_ROWS, "mac", *anew), before, after))
    )


def _is_pluggable(name: str, pair: Pair, definition: Object) -> bool:
    before, after = pair
    if name == "network_interface":
        cards = [interface for interface in pair if interface is not None]
        return all(is_pluggable(definition, card) for card in cards) and len({c["boot_order"] for c in cards}) == 1
    if before is not None and after is not None:
        return is_live_change(before, after)
    if after is not None and has_medium(after):
        return False
    return bus_of(before or after or {}, definition["machine"]) in HOT_BUSES
