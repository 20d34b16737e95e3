"""Clone the disks of a domain, each into a volume of the domain's own, and remove those again.

They are made before the domain is defined. State is told of each volume before it is made, and again
when it is whole; so a creation that was cut off goes on with those that are.
"""

from __future__ import annotations

import posixpath
from functools import partial

from kvmform.diagnostics import DiagnosticError
from kvmform.host.copy_progress import CopyProgress
from kvmform.host.host import Host
from kvmform.host.operation import Kind
from kvmform.host.power import power_off_domain
from kvmform.host.records import DomainRecord, PoolRecord, VolumeRecord
from kvmform.host.volumes import clone_volume, delete_volume
from kvmform.resources.domain.cloning.rows import LINKED, REFLINKED
from kvmform.resources.volume.making import Make, make_volume
from kvmform.resources.volume.place import active_pool, is_directory
from kvmform.resources.volume.recipe import Recipe, base_of, volume_xml
from kvmform.resources.volume.users import uses_of
from kvmform.schema import Object, Operation
from kvmform.xml.document import Document

__all__ = ["clone_disks", "clone_name", "original_record", "remains", "remove_cloned_disks", "writer_of"]


def clone_disks(operation: Operation[Host], planned: Object) -> Object:
    """What is planned, with the volumes of its cloned disks; those that aren't there yet are made.

    Raises:
        DiagnosticError: an original is not there, or a guest writes to it; the pool is full, or has such a volume.
    """
    host = operation.host
    volumes: dict[str, str] = dict(planned["cloned_volumes"] or {})
    if planned["cloning"]:
        delete_volume(host, planned["cloning"])
    wanted = {each["target"] for each in planned["cloned_disk"]}
    if wanted - volumes.keys():
        _refuse_running(host, planned["clone_of"])
    for target in [target for target in volumes if target not in wanted]:
        power_off_domain(host, planned["id"])
        delete_volume(host, volumes.pop(target))
    for each in planned["cloned_disk"]:
        if each["target"] not in volumes or not _is_there(host, volumes[each["target"]]):
            volumes[each["target"]] = _clone(operation, {**planned, "cloned_volumes": dict(volumes)}, each)
            operation.record({**planned, "cloned_volumes": dict(volumes), "cloning": None})
    disks = [
        disk | {"volume_id": volumes[disk["target"]]} if disk["target"] in wanted else disk for disk in planned["disk"]
    ]
    return {**planned, "disk": disks, "cloned_volumes": volumes or None, "cloning": None}


def original_record(host: Host, named: str) -> DomainRecord | None:
    """The domain of the host that `clone_of` names, by its UUID or its name."""
    return host.inventory.domains.get(named) or host.inventory.domains.named(named)


def _refuse_running(host: Host, named: str) -> None:
    """Somebody may have started the original since the plan was made."""
    found = original_record(host, named)
    if found is None:
        return
    host.inventory.forget(Kind.DOMAIN, found.uuid)
    now = host.inventory.domains.get(found.uuid)
    if now is not None and now.active:
        raise DiagnosticError.of(
            "Original is running",
            f'The guest "{now.name}" runs, so that a clone would have disks as after a power failure, or worse. It was '
            "to be off by now. Shut it down, and apply again.",
        )


def _clone(operation: Operation[Host], planned: Object, cloned: Object) -> str:
    host, target, how = operation.host, cloned["target"], cloned["how"]
    record = host.inventory.volumes.get(cloned["original"]) if cloned["original"] else None
    if record is None:
        raise DiagnosticError.of(
            "Original not found", f'The host has no volume "{cloned["original"]}" to clone the disk {target} of.'
        )
    original = base_of(record)
    recipe = Recipe("qcow2" if how == LINKED else original.format, original.capacity)
    if how == LINKED:
        recipe = Recipe(recipe.format, recipe.capacity, base=original)
    pool = _pool_of(host, record)
    name = clone_name(planned["name"], target, record.name, how)
    parts = {"name": name, "permissions": [], "xml": []}
    xml = volume_xml(parts, recipe, sparse=is_directory(pool))
    operation.progress(f"cloning {target}", None, None)
    told = partial(operation.progress, f"cloning {target}")
    make = None if how == LINKED else _copying(record.key, told, reflink=how == REFLINKED)
    return make_volume(host, pool, name, xml, lambda key: operation.record({**planned, "cloning": key}), make)


def _copying(original: str, told: CopyProgress, *, reflink: bool) -> Make:
    return lambda host, pool, xml: clone_volume(host, pool, xml, original, reflink=reflink, progress=told)


def _pool_of(host: Host, record: VolumeRecord) -> PoolRecord:
    pool = host.inventory.pools.get(record.pool)
    assert pool is not None
    return pool


def clone_name(domain: str, target: str, original: str, how: str) -> str:
    """The name of the volume that a disk of a domain is cloned into; it ends like that of the original."""
    ending = posixpath.splitext(original)[1]
    return f"{domain}-{target}{'.qcow2' if ending and how == LINKED else ending}"


def writer_of(host: Host, record: VolumeRecord) -> str | None:
    """The name of a running guest that has the volume as a disk."""
    return next((use.domain.name for use in uses_of(host, record) if use.running), None)


def _own_volumes(domain: Object) -> list[str]:
    """The ids of all volumes that may be there for a domain."""
    return [*(domain.get("cloned_volumes") or {}).values(), *([domain["cloning"]] if domain.get("cloning") else [])]


def remains(host: Host, domain: Object) -> bool:
    """Whether a volume is there that was made for a domain, or may be, in a storage pool that is not active."""
    return any(
        host.inventory.volumes.get(key) is not None or _hiding_pool(host, key) is not None
        for key in _own_volumes(domain)
    )


def remove_cloned_disks(host: Host, domain: Object) -> None:
    """Delete the volumes that were made for a domain; storage pools are started for that.

    Raises:
        HostError: one can't be deleted.
    """
    for key in _own_volumes(domain):
        if _is_there(host, key):
            delete_volume(host, key)


def _is_there(host: Host, key: str) -> bool:
    """Whether there is a volume, for which its storage pool is started if need be."""
    hiding = _hiding_pool(host, key)
    if hiding is not None:
        active_pool(host, hiding.name)
    return host.inventory.volumes.get(key) is not None


def _hiding_pool(host: Host, key: str) -> PoolRecord | None:
    """A storage pool that is not active, so that libvirt doesn't see whether it has this volume."""
    for pool in host.inventory.pools.all():
        if not pool.active and Document.parse(pool.xml).get("target/path") == posixpath.dirname(key):
            return pool
    return None
