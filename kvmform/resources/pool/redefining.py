"""Bring a storage pool up, and define one anew: nothing is ever deleted but an empty directory that kvmform made."""

from __future__ import annotations

import errno
import re
from collections.abc import Collection
from contextlib import suppress

from kvmform.diagnostics import DiagnosticError, warning
from kvmform.host.errors import DeniedError, HostError, NameTakenError, NotEmptyError
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.pools import build_pool, define_pool, delete_pool, rename_pool, start_pool, stop_pool, undefine_pool
from kvmform.host.volumes import create_volume
from kvmform.resources.pool.definition import pool_xml
from kvmform.resources.pool.kinds import KINDS
from kvmform.resources.pool.policies import same_path
from kvmform.resources.pool.schema import SCHEMA
from kvmform.resources.volume.sight import is_being_renamed, placeholder_name, placeholder_xml
from kvmform.schema import Object, Operation, Plain
from kvmform.xml.document import Document
from kvmform.xml.rows import patch_rows

__all__ = ["RECORD_ONLY", "bring_up", "end_renaming", "redefine", "tell_that_it_stays"]

RECORD_ONLY = frozenset({"autostart", "active", "renaming", "created_directory", "capacity", "allocation", "available"})
"""The rows for which the definition stays as it is."""

_NO_MOUNT_POINT = re.compile("mount point does not exist")
"""What mount(8) says, in the C locale that libvirt runs it in."""


def bring_up(operation: Operation[Host], planned: Object, xml: str) -> Object:
    """Start an inactive pool, made of what is there, or else of what is made now; returns it with what was made.

    `xml` is its definition: what libvirt has of the permissions in that is forgotten with the start.

    Raises:
        HostError: it can't be made, or started.
    """
    host, uuid = operation.host, planned["id"]
    failure = _failure_of_start(host, uuid)
    if failure is not None:
        planned = _build(operation, planned, failure)
        start_pool(host, uuid)
    elif _wants_permissions(host, planned):
        stop_pool(host, uuid)
        define_pool(host, xml)
        build_pool(host, uuid)
        start_pool(host, uuid)
    if planned["active"] is False:
        stop_pool(host, uuid)
    return planned


def _failure_of_start(host: Host, uuid: str) -> HostError | None:
    try:
        start_pool(host, uuid)
    except DeniedError:
        raise
    except HostError as problem:
        return problem
    return None


def _build(operation: Operation[Host], planned: Object, failure: HostError) -> Object:
    """Make what is missing: a directory, a volume group; and where a format is told, what the device lacks."""
    host, uuid, kind = operation.host, planned["id"], KINDS[planned["type"]]
    is_made = kind.directory and _lacks_directory(failure)
    may_format = kind.formats and _format(planned) not in (None, "auto", "unknown")
    if (kind.formats or kind.directory) and not is_made and not may_format:
        raise failure
    planned = {**planned, "created_directory": planned["created_directory"] or is_made}
    operation.record(planned)
    build_pool(host, uuid, formatting=may_format and not kind.directory)
    if may_format and kind.directory and _failure_of_start(host, uuid) is not None:
        build_pool(host, uuid, formatting=True)
    return planned


def _lacks_directory(failure: HostError) -> bool:
    return failure.errno == errno.ENOENT or _NO_MOUNT_POINT.search(failure.diagnostics[0].detail) is not None


def _format(planned: Object) -> Plain:
    return planned["source"][0]["format"] if planned["source"] else None


def _wants_permissions(host: Host, planned: Object) -> bool:
    """Whether the directory of an active pool has other permissions than are wanted."""
    record = host.inventory.pools.get(planned["id"])
    wanted = [each for part in planned["target"] or () for each in part["permissions"]]
    if record is None or record.live_xml is None or not wanted or planned["type"] != "dir":
        return False
    document = Document.parse(record.live_xml)
    return any(
        value is not None and _number(name, value) != _number(name, document.get(f"target/permissions/{name}"))
        for name, value in wanted[0].items()
    )


def _number(name: str, text: str | None) -> int | None:
    return None if text is None else int(text, 8 if name == "mode" else 10)


def redefine(operation: Operation[Host], prior: Object, planned: Object, names: Collection[str]) -> Object:
    """Stop the pool, define it as planned, and start it again.

    Raises:
        HostError: libvirt refuses; the pool is as it was, or is defined and can be started by the next run.
    """
    host, uuid = operation.host, prior["id"]
    record = host.inventory.pools.get(uuid)
    if record is None and not prior["renaming"]:
        detail = f'"{prior["name"]}" is gone since the plan was made. Make a new plan.'
        raise DiagnosticError.of("Storage pool not found", detail)
    xml = pool_xml(planned) if record is None or "xml" in names else _patched(record.xml, planned, names)
    # A simulated host's volumes are nowhere but in the definition.
    volumes = [] if host.can(Feature.UPLOAD) else [volume.xml for volume in host.inventory.volumes.of(uuid)]
    stop_pool(host, uuid)
    planned = _leave(operation, prior, planned)
    if record is not None and record.name != planned["name"]:
        rename_pool(host, uuid, xml, placeholder_xml(record.name, uuid))
    else:
        define_pool(host, xml)
    given_up = prior["renaming"] or prior["name"]
    planned = bring_up(operation, {**planned, "renaming": given_up}, xml)
    for volume in volumes:
        with suppress(NameTakenError):
            create_volume(host, uuid, volume)
    end_renaming(host, prior, given_up)
    return {**planned, "renaming": None}


def end_renaming(host: Host, pool: Object, name: Plain) -> None:
    """Undefine what stands for a pool that gave up this name."""
    left = (
        host.inventory.pools.named(placeholder_name(name)) if is_being_renamed(host, {**pool, "name": name}) else None
    )
    if left is not None:
        undefine_pool(host, left.uuid)


def _patched(xml: str, planned: Object, names: Collection[str]) -> str:
    document = Document.parse(xml)
    patch_rows(document.root, SCHEMA.rows, {name: planned[name] for name in names if name not in RECORD_ONLY})
    return document.text


def tell_that_it_stays(operation: Operation[Host], path: Plain, problem: NotEmptyError) -> None:
    """Warn of a directory that kvmform made, and that is left behind since there are files in it."""
    operation.warn(warning(f"The directory {path} stays", problem.diagnostics[0].detail))


def _leave(operation: Operation[Host], prior: Object, planned: Object) -> Object:
    """Remove the directory that was made for the pool, and is empty, if it goes elsewhere."""
    if same_path(prior["path"], planned["path"]) or not prior["created_directory"]:
        return planned
    try:
        delete_pool(operation.host, prior["id"])
    except NotEmptyError as problem:
        tell_that_it_stays(operation, prior["path"], problem)
    return {**planned, "created_directory": False}
