"""The verbs of `libvirt_volume`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kvmform.diagnostics import DiagnosticError
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.records import VolumeRecord
from kvmform.host.transfer import upload_file
from kvmform.host.volumes import clone_volume, delete_volume, resize_volume
from kvmform.resources.volume.cloning import original_recipe
from kvmform.resources.volume.conversion import BY_COPY, convert, copy_of, discard_copy
from kvmform.resources.volume.growth import grow
from kvmform.resources.volume.image import Image
from kvmform.resources.volume.making import Make, make_volume, remove_volume, removed_on_failure
from kvmform.resources.volume.place import (
    active_pool,
    changes_content,
    is_directory,
    is_pool_renamed,
    planned_at,
    planned_key,
)
from kvmform.resources.volume.policies import rounded_up
from kvmform.resources.volume.recipe import Recipe, plain_format, recipe_of, volume_xml
from kvmform.resources.volume.schema import SCHEMA
from kvmform.resources.volume.sight import hidden_pool
from kvmform.schema import Edit, Object, Observed, Operation, Plain, Proposal
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import NUMBER, STRING
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

__all__ = ["create", "delete", "propose", "read", "update"]


def propose(proposal: Proposal) -> Object:
    """The format is known where there is no image to have another; zero and empty mean "not given"."""
    planned, existing = dict(proposal.planned), proposal.observed
    may_convert = existing is None and proposal.config.get("source") and proposal.config.get("format")
    planned["conversion"] = Unknown(STRING) if may_convert else None
    if existing is None:
        planned["id"] = planned_key(proposal)
    else:
        if _is_base_made_anew(proposal):
            planned["base_volume_name"] = Unknown(STRING)
        if planned["pool"] != existing.object["pool"] and not is_pool_renamed(proposal):
            planned["id"] = planned_key(proposal)
    if proposal.config.get("size") == 0:
        planned["size"] = Unknown(NUMBER) if existing is None else existing.object["size"]
    if not proposal.config.get("format"):
        if existing is not None:
            planned["format"] = existing.object["format"]
        else:
            of_another = proposal.config.get("source") or proposal.config.get("clone_of")
            planned["format"] = Unknown(STRING) if of_another else "qcow2"
    return planned


def _is_base_made_anew(proposal: Proposal) -> bool:
    """Whether the base, which is told by name, will be another volume: then a clone of it can't stay either."""
    name = proposal.config.get("base_volume_name")
    pool = proposal.config.get("base_volume_pool") or proposal.planned["pool"]
    if not isinstance(name, str) or not isinstance(pool, str):
        return False
    bases = planned_at(proposal.others("libvirt_volume"), pool, name)
    return any(isinstance(base["id"], Unknown) for base in bases)


def read(host: Host, prior: Object) -> Observed | None:
    """The volume with the key that `prior` has.

    A volume whose storage pool is not active can't be looked at, so it is taken to be as it was.
    """
    key = prior.get("id")
    if not isinstance(key, str):
        return None
    record = copy_of(host, prior) or host.inventory.volumes.get(key)
    if record is not None:
        return _observed(host, record, prior)
    pool = hidden_pool(host, prior.get("pool"), key)
    facts = {"pool_id": pool, "is_file": not key.startswith("/dev/"), "base_volume_id": prior.get("base_volume_id")}
    return Observed(prior, facts) if pool is not None else None


def _observed(host: Host, record: VolumeRecord, prior: Object) -> Observed:
    document = Document.parse(record.xml)
    found: Object = {name: prior.get(name) for name in SCHEMA.rows}
    found |= read_rows(document.root, SCHEMA.rows)
    found |= {"pool": _pool_name(host, record), "xml": prior.get("xml") or []}
    found["permissions"] = [
        {**each, "mode": document.get("target/permissions/mode") if each["mode"] else None}
        for each in prior.get("permissions") or ()
    ]
    if record.key != prior["id"] and prior.get("conversion"):
        found |= {"id": prior["id"], "name": prior["name"]}
    backing = document.get("backingStore/path")
    if prior.get("name") is None:
        found["base_volume_id"] = backing
    size = prior.get("size")
    if isinstance(size, int) and rounded_up(size) == rounded_up(found["size"]):
        found["size"] = size
    # A guest can write the header of another format into its raw disk; that must not become the disk's format.
    found["format"] = "raw" if prior.get("format") == "raw" else plain_format(found["format"])
    facts = {"is_file": document.get("@type") in (None, "file"), "pool_id": record.pool}
    return Observed(found, facts | _base_facts(host, backing))


def _pool_name(host: Host, record: VolumeRecord) -> Plain:
    pool = host.inventory.pools.get(record.pool)
    return None if pool is None else pool.name


def _base_facts(host: Host, backing: str | None) -> Object:
    """The base that the volume really has, under all the names that it may be given."""
    base = host.inventory.volumes.get(backing) if backing is not None else None
    if base is None:
        return {}
    return {"base_volume_id": base.key, "base_volume_name": base.name, "base_volume_pool": _pool_name(host, base)}


def create(operation: Operation[Host], planned: Object) -> Object:
    """Make the volume and fill it.

    An `id` in `planned` is that of a leftover: state recorded it when an earlier attempt was
    cut off. Its content is incomplete, so it is deleted and made again.
    """
    host = operation.host
    pool = active_pool(host, planned["pool"])
    original = planned.get("clone_of")
    recipe = original_recipe(host, planned) if original else recipe_of(operation, planned)
    if planned["id"] is not None:
        discard_copy(host, planned)
        delete_volume(host, planned["id"])

    def record(key: str | None) -> None:
        operation.record({**planned, "id": key})

    image = recipe.image if host.can(Feature.UPLOAD) else None
    xml = volume_xml(planned, recipe if image is None else _vessel(recipe, image), sparse=is_directory(pool))
    if original:
        operation.progress("copying", None, None)
        key = make_volume(host, pool, planned["name"], xml, record, _copying(operation, planned, recipe))
    else:
        key = make_volume(host, pool, planned["name"], xml, record)
    made = {**planned, "id": key, "conversion": None}
    if image is not None:
        with removed_on_failure(host, key):
            _fill(operation, made, recipe, image)
    return _as_it_is(host, made)


def _copying(operation: Operation[Host], planned: Object, recipe: Recipe) -> Make:
    return lambda host, pool, xml: clone_volume(
        host,
        pool,
        xml,
        planned["clone_of"],
        rounded_up(recipe.capacity),
        reflink=bool(planned["reflink"]),
        progress=partial(operation.progress, "copying"),
    )


def _vessel(recipe: Recipe, image: Image) -> Recipe:
    """A volume that the image's file can be copied into as it is: a raw one, large enough for it."""
    is_final = image.format == recipe.format == "raw"
    return replace(recipe, format="raw", capacity=recipe.capacity if is_final else image.length)


def _fill(operation: Operation[Host], made: Object, recipe: Recipe, image: Image) -> None:
    def progress(done: int, total: int | None) -> None:
        operation.progress("uploading", done, total)

    upload_file(operation.host, made["id"], image.path, progress=progress, stop=operation.stop)
    if {image.format, recipe.format} == {"raw", "qcow2"}:
        convert(operation, made, {**made, "format": recipe.format})
    if recipe.capacity > image.capacity and not image.format == recipe.format == "raw":
        resize_volume(operation.host, made["id"], rounded_up(recipe.capacity))


def _as_it_is(host: Host, planned: Object) -> Object:
    """What was planned, completed with what only the host knows."""
    observed = read(host, planned)
    if observed is None:
        return planned
    return {name: value if planned[name] is None else planned[name] for name, value in observed.object.items()}


def update(operation: Operation[Host], prior: Object, planned: Object, edits: Sequence[Edit]) -> Object:
    """Convert the volume, and grow it; the other names of its base are only noted."""
    host, key, size = operation.host, prior["id"], planned["size"]
    if edits and not changes_content(edits):
        return _as_it_is(host, planned)
    active_pool(host, planned["pool"])
    if any(edit.path[0] in BY_COPY for edit in edits):
        convert(operation, prior, planned)
    record = host.inventory.volumes.get(key)
    if record is None:
        raise DiagnosticError.of("Volume not found", f"The host has no volume {key} any more. Make a new plan.")
    if any(edit.path == ("size",) for edit in edits) and size:
        grow(host, record, rounded_up(size))
    return _as_it_is(host, planned)


def delete(operation: Operation[Host], prior: Object) -> None:
    """Delete the volume and what it holds."""
    if isinstance(prior.get("id"), str):
        remove_volume(operation.host, prior["id"], prior.get("pool"))
        discard_copy(operation.host, prior)
