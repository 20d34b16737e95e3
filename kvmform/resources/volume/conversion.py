"""Bring a volume into another format, or under other permissions, by copy: what it holds stays.

libvirt can neither rename a volume nor convert one in place. So there is a copy for a while,
under a name of its own, and the record says (`conversion`) which of the two counts:

1. ``copying``: the copy is being made. The volume counts.
2. ``copied``: the copy is whole, and it counts. The volume is deleted, and made again from it.
3. ``placed``: the volume is whole, and counts again. The copy is deleted.

Each is recorded before what it allows is done, so whenever a run is cut off, the next one
finds all of the data in what counts, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from kvmform.diagnostics import DiagnosticError
from kvmform.host.domains import define_domain, read_definition
from kvmform.host.errors import HostError, NameTakenError
from kvmform.host.host import Host
from kvmform.host.operation import Kind
from kvmform.host.records import PoolRecord, VolumeRecord
from kvmform.host.volumes import clone_volume, delete_volume
from kvmform.resources.volume.place import active_pool, is_directory
from kvmform.resources.volume.recipe import Recipe, volume_xml
from kvmform.resources.volume.users import clones_of, uses_of
from kvmform.schema import Object, Operation
from kvmform.xml.codecs import BYTES
from kvmform.xml.document import Document

__all__ = ["BY_COPY", "convert", "copy_of", "discard_copy", "obstacles"]

BY_COPY = ("format", "permissions", "conversion")
"""The rows whose edits can only be made in a copy."""

_COPYING, _COPIED, _PLACED = "copying", "copied", "placed"


def _copy_name(name: str) -> str:
    return f"{name}.converting"


def copy_of(host: Host, prior: Object) -> VolumeRecord | None:
    """The copy of a volume whose conversion was cut off, if it is what counts."""
    return _find_copy(host, prior) if prior.get("conversion") == _COPIED else None


def _find_copy(host: Host, prior: Object) -> VolumeRecord | None:
    pool = host.inventory.pools.named(prior["pool"])
    return None if pool is None else host.inventory.volumes.named(pool.uuid, _copy_name(prior["name"]))


def discard_copy(host: Host, prior: Object) -> None:
    """Delete what a conversion that was cut off has left beside its volume."""
    copy = _find_copy(host, prior) if prior.get("conversion") else None
    if copy is not None:
        delete_volume(host, copy.key)


def obstacles(host: Host, volume: VolumeRecord) -> Iterator[str]:
    """Why a volume can't be converted as things are; each a sentence."""
    told = set()
    for use in uses_of(host, volume):
        name = use.domain.name
        if use.running:
            told.add(f'The guest of the domain "{name}" is running with it: shut it off first (running = false).')
        elif use.covered or use.domain.has_snapshots:
            told.add(f'The domain "{name}" has snapshots, which are of the volume as it is: delete them first.')
        elif use.domain.managed_save:
            told.add(f'The memory of the domain "{name}" is saved, and goes on with the volume as it is: start it.')
    names = sorted(clone.key for clone in clones_of(host, volume))
    if names:
        told.add(f"It is the base of linked clones, which are nothing without it as it is: {', '.join(names)}.")
    return iter(sorted(told))


def convert(operation: Operation[Host], prior: Object, planned: Object) -> None:
    """Make the volume what is planned, from wherever an earlier attempt was cut off.

    `prior` is the volume as recorded; it may only be the `conversion` in it that is to be ended.

    Raises:
        DiagnosticError: something is in the way; the volume is as it was.
    """
    host, pool = operation.host, active_pool(operation.host, planned["pool"])
    stage, copy = prior.get("conversion"), _find_copy(host, prior)
    if stage == _COPIED and copy is not None:
        _place(operation, pool, (prior, planned), copy)
        return
    if stage is not None:
        discard_copy(host, prior)
    volume = host.inventory.volumes.get(planned["id"])
    if volume is None:
        raise DiagnosticError.of("Volume not found", f"The host has no volume {planned['id']} any more. Plan again.")
    if stage is not None and _is_as_planned(volume, planned):
        return
    _reject_obstacles(host, volume)
    _place(operation, pool, (prior, planned), _copy(operation, pool, (prior, planned), volume))


def _is_as_planned(volume: VolumeRecord, planned: Object) -> bool:
    document = Document.parse(volume.xml)
    mode = planned["permissions"][0]["mode"] if planned["permissions"] else None
    found = document.get("target/permissions/mode")
    is_open = mode is None or (found is not None and int(found, 8) == int(mode, 8))
    return is_open and document.get("target/format/@type") == planned["format"]


def _reject_obstacles(host: Host, volume: VolumeRecord) -> None:
    found = list(obstacles(host, volume))
    if found:
        raise DiagnosticError.of("Volume cannot be converted", f"{volume.key}: {' '.join(found)}")


def _copy(
    operation: Operation[Host], pool: PoolRecord, change: tuple[Object, Object], volume: VolumeRecord
) -> VolumeRecord:
    """Make the copy; what it takes the place of stays as it is."""
    host, (prior, planned) = operation.host, change
    name = _copy_name(planned["name"])
    if host.inventory.volumes.named(pool.uuid, name) is not None:
        raise DiagnosticError.of(
            "Volume cannot be converted",
            f'The copy would have the name "{name}", and the storage pool has such a volume. Delete or rename that.',
        )
    told = partial(operation.progress, "converting")
    operation.progress("converting", None, None)
    operation.record({**prior, "conversion": _COPYING})
    try:
        key = clone_volume(host, pool.uuid, _xml(pool, planned, name, volume), volume.key, progress=told)
    except HostError as problem:
        # A half copy is recorded, to be deleted; what is there of another's making is not ours.
        operation.record({**prior, "conversion": None if isinstance(problem, NameTakenError) else _COPYING})
        raise
    copy = host.inventory.volumes.get(key)
    assert copy is not None
    return copy


def _place(operation: Operation[Host], pool: PoolRecord, change: tuple[Object, Object], copy: VolumeRecord) -> None:
    """Let the copy take the place of the volume."""
    host, (prior, planned) = operation.host, change
    operation.record({**prior, "conversion": _COPIED})
    volume = host.inventory.volumes.get(planned["id"])
    if volume is not None:
        _teach_domains(host, volume, planned["format"])
        delete_volume(host, volume.key)
    told = partial(operation.progress, "putting the copy in place")
    operation.progress("putting the copy in place", None, None)
    clone_volume(host, pool.uuid, _xml(pool, planned, planned["name"], copy), copy.key, progress=told)
    operation.record({**prior, "format": planned["format"], "conversion": _PLACED})
    delete_volume(host, copy.key)


def _xml(pool: PoolRecord, planned: Object, name: str, source: VolumeRecord) -> str:
    capacity = Document.parse(source.xml).get("capacity")
    recipe = Recipe(planned["format"], BYTES.decode(capacity) if capacity is not None else 1)
    return volume_xml({**planned, "name": name}, recipe, sparse=is_directory(pool))


def _teach_domains(host: Host, volume: VolumeRecord, format_: str) -> None:
    """Tell the domains that are off in which format their disk will be."""
    for use in [use for use in uses_of(host, volume) if not use.running and not use.covered]:
        document = Document.parse(read_definition(host, use.domain.uuid))
        driver = document.find(f"devices/disk/target[@dev='{use.target}']/../driver")
        if driver is not None and driver.get("type") != format_:
            driver.set("type", format_)
            define_domain(host, document.text)
            host.inventory.forget(Kind.DOMAIN, use.domain.uuid)
