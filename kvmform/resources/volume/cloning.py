"""A volume that is made as a copy of another one, which it needs no more afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import DiagnosticError, error
from kvmform.host.host import Host
from kvmform.host.records import VolumeRecord
from kvmform.resources.volume.recipe import Recipe, base_of, check_size
from kvmform.resources.volume.reflink import check_reflink
from kvmform.resources.volume.users import uses_of
from kvmform.schema import Check, Object, Problem
from kvmform.values.model import Unknown

__all__ = ["check_original", "original_recipe"]


def original_recipe(host: Host, planned: Object) -> Recipe:
    """What it takes to make the copy.

    Raises:
        DiagnosticError: the original is not there, is larger than the volume should be, or is written to.
    """
    record = host.inventory.volumes.get(planned["clone_of"])
    if record is None:
        raise DiagnosticError.of("Original not found", f'The host has no volume "{planned["clone_of"]}".')
    guest = _writer(host, record)
    if guest is not None:
        raise DiagnosticError.of("Volume is in use", _in_use(record.key, guest))
    original = base_of(record)
    check_size(planned["size"], original.capacity, f"the volume {original.path}")
    return Recipe(planned["format"] or original.format, planned["size"] or original.capacity)


def check_original(check: Check[Host]) -> Iterator[Problem]:
    """Whether the original is there, or will be, and nobody writes to it meanwhile."""
    named = check.planned["clone_of"]
    place = named.prefix if isinstance(named, Unknown) else named
    for domain in check.others("libvirt_domain"):
        if domain["running"] is False or not isinstance(domain["disk"], list):
            continue
        if any(_place(disk.get("volume_id")) == place and disk.get("readonly") is not True for disk in domain["disk"]):
            yield Problem(("clone_of",), error("Volume is in use", _in_use(place, str(domain["name"]))))
            return
    if isinstance(named, Unknown):
        return
    record = check.host.inventory.volumes.get(named)
    if check.planned["reflink"] is True:
        yield from _check_reflink(check, record)
    if record is not None:
        try:
            check_size(_known(check.planned["size"]), base_of(record).capacity, f"the volume {record.path}")
        except DiagnosticError as problem:
            yield from (Problem(("size",), each) for each in problem.diagnostics)
        guest = _writer(check.host, record)
        planned = {domain["name"] for domain in check.others("libvirt_domain")}
        if guest is not None and guest not in planned:
            yield Problem(("clone_of",), error("Volume is in use", _in_use(record.key, guest)))
    elif not any(other["id"] == named for other in check.others("libvirt_volume")):
        detail = (
            f'The host has no volume "{named}", and none is planned. Refer to a libvirt_volume (clone_of = '
            "libvirt_volume.example.id), so that it is made first."
        )
        yield Problem(("clone_of",), error("Original not found", detail))


def _check_reflink(check: Check[Host], record: VolumeRecord | None) -> Iterator[Problem]:
    planned = (other for other in check.others("libvirt_volume") if other["id"] == check.planned["clone_of"])
    original = base_of(record).format if record is not None else next((other["format"] for other in planned), None)
    pool = check.planned["pool"]
    found = check.host.inventory.pools.named(pool) if isinstance(pool, str) else None
    for problem in check_reflink(check.host, found, (original, check.planned["format"])):
        yield Problem(("reflink",), problem)


def _place(volume: object) -> object:
    return volume.prefix if isinstance(volume, Unknown) else volume


def _known(size: object) -> int | None:
    return size if isinstance(size, int) else None


def _writer(host: Host, record: VolumeRecord) -> str | None:
    """The name of a running guest that has the volume as a disk."""
    return next((use.domain.name for use in uses_of(host, record) if use.running and not use.covered), None)


def _in_use(volume: object, guest: str) -> str:
    return (
        f'The guest "{guest}" runs with the volume {volume}, so that a copy would have disks as after a power failure, '
        "or worse. Have the original off (running = false) and depend on it (depends_on), or make copies of a volume "
        "that no guest runs with."
    )
