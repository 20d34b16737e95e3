"""Change at once how a running guest shares its host with others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from kvmform.host.host import Host
from kvmform.host.tuning import (
    pin_emulator,
    pin_iothread,
    pin_vcpu,
    set_block_parameters,
    set_memory_parameters,
    set_numa_nodes,
    set_perf_events,
    set_scheduler_parameters,
)
from kvmform.resources.domain.equivalence import numbers_in
from kvmform.resources.domain.running_guest import RunningGuest
from kvmform.schema import Object, Plain

__all__ = ["TUNED", "tune_live"]

_KIB_PER_MIB = 1024


def tune_live(guest: RunningGuest, prior: Object, names: Collection[str]) -> None:
    """Carry out those edits of `prior` that are named, and that tune a guest.

    Raises:
        HostError: libvirt refuses.
    """
    for name, tune in _TUNE.items():
        if name in names:
            tune(guest, _only(prior, name), _only(guest.planned, name))


def _only(domain: Object, block: str) -> Object:
    """The one element of a block; an empty one where there is none."""
    return next(iter(domain[block] or ()), {})


def _tune_processors(guest: RunningGuest, before: Object, after: Object) -> None:
    if _changed(before, after, _SCHEDULED):
        # No part may have more than the whole, not even for an instant: so the limits of the parts are lifted first.
        wanted = _changed({}, after, _SCHEDULED)
        lifted = {name: _UNLIMITED for name in _QUOTAS if name in wanted}
        set_scheduler_parameters(guest.host, guest.uuid, lifted)
        for parts in (_WHOLE, wanted.keys() - _WHOLE - _QUOTAS, _QUOTAS):
            set_scheduler_parameters(guest.host, guest.uuid, {name: wanted[name] for name in wanted if name in parts})
    if before.get("emulatorpin") != after.get("emulatorpin"):
        pin_emulator(guest.host, guest.uuid, _numbers(after.get("emulatorpin")))
    for block, key, pin in (("vcpupin", "vcpu", pin_vcpu), ("iothreadpin", "iothread", pin_iothread)):
        _move_pins(guest, _by_key(before, block, key), _by_key(after, block, key), pin)


def _move_pins(
    guest: RunningGuest,
    before: Mapping[int, Plain],
    after: Mapping[int, Plain],
    pin: Callable[[Host, str, int, Collection[int] | None], None],
) -> None:
    for number in sorted(before.keys() | after.keys()):
        if before.get(number) != after.get(number):
            pin(guest.host, guest.uuid, number, _numbers(after.get(number)))


def _by_key(tuning: Object, block: str, key: str) -> dict[int, Plain]:
    return {element[key]: element["cpuset"] for element in tuning.get(block) or ()}


def _numbers(cpuset: Plain) -> Collection[int] | None:
    return numbers_in(cpuset) if cpuset else None


def _limit_memory(guest: RunningGuest, before: Object, after: Object) -> None:
    changed = _changed(before, after, {name: name for name in ("hard_limit", "soft_limit", "swap_hard_limit")})
    kibibytes = {name: value * _KIB_PER_MIB for name, value in changed.items()}
    set_memory_parameters(guest.host, guest.uuid, kibibytes)


def _move_memory(guest: RunningGuest, before: Object, after: Object) -> None:
    if before.get("nodeset") != after.get("nodeset") and after.get("nodeset"):
        set_numa_nodes(guest.host, guest.uuid, after["nodeset"])


def _weigh_disks(guest: RunningGuest, before: Object, after: Object) -> None:
    parameters: dict[str, int | str] = dict(_changed(before, after, {"weight": "weight"}))
    for name in ("weight", "read_bytes_sec", "write_bytes_sec", "read_iops_sec", "write_iops_sec"):
        devices = [
            f"{device['path']},{device[name]}" for device in after.get("device") or () if device[name] is not None
        ]
        if devices:
            parameters[f"device_{name}"] = ",".join(devices)
    set_block_parameters(guest.host, guest.uuid, parameters)


def _count(guest: RunningGuest, before: Object, after: Object) -> None:
    counted, wanted = ({event["name"] for event in side.get("event") or ()} for side in (before, after))
    set_perf_events(guest.host, guest.uuid, {name: name in wanted for name in sorted(counted ^ wanted)})


def _changed(before: Object, after: Object, names: Mapping[str, str]) -> dict[str, int]:
    """The values that are to be set, by libvirt's names."""
    return {
        parameter: after[name]
        for name, parameter in names.items()
        if after.get(name) is not None and after[name] != before.get(name)
    }


_UNLIMITED = -1
_WHOLE = {"global_period", "global_quota"}
_QUOTAS = {"vcpu_quota", "emulator_quota", "iothread_quota"}
_SCHEDULED = {
    "shares": "cpu_shares",
    "period": "vcpu_period",
    "quota": "vcpu_quota",
    "global_period": "global_period",
    "global_quota": "global_quota",
    "emulator_period": "emulator_period",
    "emulator_quota": "emulator_quota",
    "iothread_period": "iothread_period",
    "iothread_quota": "iothread_quota",
}
"""libvirt's names of the scheduler's parameters (VIR_DOMAIN_SCHEDULER_*)."""

_TUNE: Mapping[str, Callable[[RunningGuest, Object, Object], None]] = {
    "cputune": _tune_processors,
    "memtune": _limit_memory,
    "numatune": _move_memory,
    "blkiotune": _weigh_disks,
    "perf": _count,
}

TUNED = frozenset(_TUNE)
"""The blocks that tune a running guest."""
