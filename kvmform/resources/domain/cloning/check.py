"""What can be told about the cloning of disks before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from weakref import WeakKeyDictionary

from kvmform.diagnostics import Diagnostic, error
from kvmform.host.host import Host
from kvmform.host.records import VolumeRecord
from kvmform.resources.domain.cloning.making import clone_name, original_record, writer_of
from kvmform.resources.domain.cloning.rows import COPIED, LINKED, REFLINKED
from kvmform.resources.elements import elements
from kvmform.resources.volume.place import is_directory, planned_at
from kvmform.resources.volume.recipe import base_of
from kvmform.resources.volume.reflink import check_reflink
from kvmform.resources.volume.room import noted_room
from kvmform.resources.volume.users import clones_of
from kvmform.schema import Check, CheckAll, Object, Plain, Problem
from kvmform.struct import Struct, field
from kvmform.values.model import Unknown
from kvmform.xml.codecs import BYTES
from kvmform.xml.document import Document

__all__ = ["check_cloning", "check_linked_originals"]


def check_cloning(check: Check[Host]) -> Iterator[Problem]:
    """The original is off, and each of its disks can be cloned as is wanted."""
    if check.replace and check.observed is not None:
        yield from _check_own_clones(check, check.observed.object)
    if not isinstance(check.planned["cloned_volumes"], Unknown):
        return
    guest = _running_original(check)
    if guest is not None:
        detail = (
            f'The guest "{guest}" runs, or will by then, so its disks would be cloned as after a power failure, or '
            "worse. Have it off (running = false) when clones of it are made. They may outlive that; once they are "
            'made, it may run again, unless they are "linked".'
        )
        yield Problem(("clone_of",), error("Original is running", detail))
        return
    for cloned in check.planned["cloned_disk"]:
        yield from (Problem(("clone_of",), each) for each in _check_disk(check, cloned))


class _Known(Struct):
    """What all clones of a plan have in common: its domains by id and name, and what is wrong with originals' disks."""

    domains: Sequence[Object]
    named: Mapping[Plain, Object]
    obstacles: dict[tuple[Plain, ...], list[Diagnostic]] = field(default_factory=dict)


_known: WeakKeyDictionary[Host, _Known] = WeakKeyDictionary()


def _known_of(check: Check[Host]) -> _Known:
    """It is looked up once for all clones on a host: ten thousand of them ask for it."""
    domains = check.others("libvirt_domain")
    known = _known.get(check.host)
    if known is None or known.domains is not domains:
        named = {domain[name]: domain for name in ("name", "id") for domain in domains if isinstance(domain[name], str)}
        known = _known[check.host] = _Known(domains, named)
    return known


def _running_original(check: Check[Host]) -> str | None:
    """The name of the domain that is cloned, if it is to run, or does and nobody plans otherwise."""
    planned = _known_of(check).named.get(check.planned["clone_of"])
    if planned is not None:
        return str(planned["name"]) if planned["running"] is not False else None
    record = original_record(check.host, check.planned["clone_of"])
    return record.name if record is not None and record.active else None


def _check_disk(check: Check[Host], cloned: Object) -> Iterator[Diagnostic]:
    original, target = cloned["original"], cloned["target"]
    if isinstance(original, Unknown):
        return
    record = check.host.inventory.volumes.get(original) if original else None
    if record is not None:
        obstacles, key = _known_of(check).obstacles, (check.planned["clone_of"], target, cloned["how"])
        if key not in obstacles:
            obstacles[key] = list(_check_volume(check, cloned, record))
        yield from obstacles[key]
        yield from _check_name(check, cloned, record)
    elif not any(volume["id"] == original for volume in check.others("libvirt_volume")):
        detail = (
            f"The disk {target} of the original lies in no storage pool of the host that is active"
            + (f" ({original})" if original else "")
            + ', and only volumes can be cloned. Write disk blocks of the clone\'s own; or clone_disks = "shared".'
        )
        yield error("Disk can't be cloned", detail)


def _check_volume(check: Check[Host], cloned: Object, record: VolumeRecord) -> Iterator[Diagnostic]:
    """Whether a disk of the original can be cloned so."""
    host, how = check.host, cloned["how"]
    writer = writer_of(host, record)
    if writer is not None and writer not in _known_of(check).named:
        detail = f'The guest "{writer}" runs with {record.key}, so it can\'t be cloned now. Shut it down first.'
        yield error("Disk is in use", detail)
    if _is_covered(check, cloned["target"], record):
        detail = (
            f"The original has an external snapshot, so what its disk {cloned['target']} holds is not in {record.key} "
            "but in a file over it. Delete the snapshot first, which puts them together; or write disk blocks of the "
            "clone's own."
        )
        yield error("Disk can't be cloned", detail)
    pool = host.inventory.pools.get(record.pool)
    if pool is None:
        return
    if how == LINKED and not is_directory(pool):
        detail = f'{record.key} is no file, so there are no linked clones of it. Write clone_disks = "copied".'
        yield error("Disk can't be cloned so", detail)
    if how == COPIED and pool.live_xml is not None:
        yield from _check_room(record, pool.live_xml, pool.name)
    if how == REFLINKED:
        yield from check_reflink(host, pool, (base_of(record).format,))


def _check_name(check: Check[Host], cloned: Object, record: VolumeRecord) -> Iterator[Diagnostic]:
    """Whether the volume of the clone can have its name."""
    pool, name = check.host.inventory.pools.get(record.pool), check.planned["name"]
    if pool is None or not isinstance(name, str):
        return
    wanted = clone_name(name, cloned["target"], record.name, cloned["how"])
    taken = check.host.inventory.volumes.named(pool.uuid, wanted)
    if any(planned_at(check.others("libvirt_volume"), pool.name, wanted)):
        detail = (
            f'A libvirt_volume of this configuration is "{wanted}" in the storage pool "{pool.name}", and the clone of '
            f"the disk {cloned['target']} would be named so. Give one of them another name."
        )
        yield error("Name used twice", detail)
    elif taken is not None and taken.key not in _own(check):
        detail = (
            f"The host has a volume {taken.key} that is not in this state, so it is left alone; the clone of the "
            "disk would be named so. Choose another name for the domain, or delete the volume if nobody needs it."
        )
        yield error("Volume already exists", detail)


def _check_room(record: VolumeRecord, pool: str, name: str) -> Iterator[Diagnostic]:
    taken = Document.parse(record.xml).get("allocation")
    needed, left = int(BYTES.decode(taken)) if taken is not None else 0, noted_room(pool)
    if left < needed:
        detail = (
            f'A copy of {record.key} takes as many bytes as that does, {needed}, and in the storage pool "{name}" '
            f'{left} are left. Make room, or write clone_disks = "linked".'
        )
        yield error("Not enough space", detail)


def _is_covered(check: Check[Host], target: str, record: VolumeRecord) -> bool:
    """Whether the original has another file over the volume that it is told to have."""
    domain = original_record(check.host, check.planned["clone_of"])
    if domain is None:
        return False
    for disk in Document.parse(domain.xml).find_all("devices/disk"):
        place, source = disk.find("target"), disk.find("source")
        if place is not None and place.get("dev") == target and source is not None:
            return source.get("file", record.path) != record.path
    return False


def _own(check: Check[Host]) -> set[Plain]:
    """Volumes that are there for the domain already, of which the plan makes new ones."""
    there: Object = check.observed.object if check.observed is not None else {}
    return {*(there.get("cloned_volumes") or {}).values(), there.get("cloning")}


def _check_own_clones(check: Check[Host], there: Object) -> Iterator[Problem]:
    """Linked clones that stay would be nothing without the volumes that go with the domain."""
    for key in (there.get("cloned_volumes") or {}).values():
        record = check.host.inventory.volumes.get(key)
        stay = sorted(clone.key for clone in clones_of(check.host, record)) if record is not None else []
        if stay:
            detail = (
                f"The domain would be deleted, and with it {key}, of which these are linked clones: {', '.join(stay)}. "
                "They would lose what they hold. Delete what they belong to first."
            )
            yield Problem(("name",), error("Disk is the base of others", detail))


def check_linked_originals(check: CheckAll[Host]) -> Iterator[Diagnostic]:
    """No guest runs with an image that others are linked clones of."""
    bases: dict[Plain, Plain] = {}
    for domain in check.planned:
        for cloned in domain["cloned_disk"] or ():
            if cloned["how"] == LINKED and isinstance(cloned["original"], str):
                bases.setdefault(cloned["original"], domain["name"])
    if not bases:
        return
    for domain in check.planned:
        for disk in elements(domain["disk"]) if domain["running"] is not False else ():
            image = disk["volume_id"] or disk["file"]
            if isinstance(image, str) and image in bases and disk["readonly"] is not True:
                yield error(
                    "Guest writes to the original of linked clones",
                    f'The domain "{domain["name"]}" is to run with {image}, and "{bases[image]}" has a linked clone of '
                    "it, which is ruined when the original is written to. Leave the original off (running = false); or "
                    'make clones that don\'t need it any more: clone_disks = "copied".',
                )
