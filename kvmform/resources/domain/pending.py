"""What a domain's definition has that the running guest has not: the traces of work that awaits a boot.

A change that needs a reboot is written to the definition first. Where the guest was not
rebooted then, because `on_reboot_needed` says so or because kvmform was stopped, the next
plan must know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kvmform.resources.domain.disk.drive import HOT_BUSES, bus_of
from kvmform.resources.domain.disk.live import is_live_change
from kvmform.resources.domain.disk.rows import DISK
from kvmform.resources.domain.interface.places import SOURCE_ROWS
from kvmform.resources.domain.schema import PLACED, SCHEMA
from kvmform.resources.domain.shape import agree
from kvmform.schema import Block, Object
from kvmform.schema.match import pair_elements
from kvmform.struct import Struct

__all__ = ["Pending", "compare"]

_COMPARED = (
    "type",
    "machine",
    "emulator",
    "firmware",
    "nvram",
    "boot_device",
    "kernel",
    "initrd",
    "cmdline",
    "iothreads",
    "filesystem",
    "graphics",
    "video",
    "console",
    "tpm",
    *PLACED,
)
"""Rows that the XML of a running guest has in the same words as its definition."""

_DEVICE_ROWS = {
    "disk": tuple(DISK.rows),
    "network_interface": (*SOURCE_ROWS, "mac"),
}


class Pending(Struct):
    """Names of the arguments that differ, and those of them that can be brought about without a reboot."""

    names: tuple[str, ...] = ()
    hot: tuple[str, ...] = ()


def compare(definition: Object, live: Object, *, hotplug: bool) -> Pending:
    """Compare what a definition says with what the running guest has."""
    cold = list(_cold_rows(definition, live))
    hot = []
    for name in _DEVICE_ROWS:
        differing = list(_differing_devices(name, definition, live))
        if differing and hotplug and all(_is_pluggable(name, pair, definition) for pair in differing):
            hot.append(name)
        elif differing:
            cold.append(name)
    return Pending(tuple(sorted((*cold, *hot))), tuple(hot))


def _cold_rows(definition: Object, live: Object) -> Iterator[str]:
    yield from (name for name in _COMPARED if not agree(SCHEMA.rows[name], definition[name], live[name]))
    if definition["memory"] > live["max_memory"]:
        yield "memory"
    if definition["vcpu"] > live["max_vcpu"] or definition["vcpu"] < live["vcpu"]:
        yield "vcpu"
    if _modes(definition) != _modes(live) and (_modes(definition), _modes(live)) != (["host-model"], ["custom"]):
        # libvirt tells the model that it made of the host's in the live XML.
        yield "cpu"


def _modes(domain: Object) -> list[str | None]:
    return [cpu["mode"] for cpu in domain["cpu"]]


Pair = tuple[Object | None, Object | None]


def _differing_devices(name: str, definition: Object, live: Object) -> Iterator[Pair]:
    block = SCHEMA.rows[name]
    assert isinstance(block, Block)
    for old, new in pair_elements(block, live[name], definition[name]):
        before = live[name][old] if old is not None else None
        after = definition[name][new] if new is not None else None
        if before is None or after is None or not _are_alike(block, _DEVICE_ROWS[name], before, after):
            yield before, after


def _are_alike(block: Block, rows: Iterable[str], before: Object, after: Object) -> bool:
    return all(agree(block.rows[row], before[row], after[row]) for row in rows)


def _is_pluggable(name: str, pair: Pair, definition: Object) -> bool:
    if name == "network_interface":
        return True
    before, after = pair
    if before is not None and after is not None:
        return is_live_change(before, after)
    return bus_of(before or after or {}, definition["machine"]) in HOT_BUSES
