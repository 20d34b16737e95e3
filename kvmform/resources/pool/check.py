"""What can be told about a pool before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.pool.definition import pool_xml
from kvmform.resources.pool.kinds import KINDS, Kind
from kvmform.resources.pool.policies import same_path
from kvmform.resources.pool.redefining import RECORD_ONLY
from kvmform.resources.pool.schema import written_path
from kvmform.resources.volume_types import VOLUME_TYPES
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.values.model import Unknown
from kvmform.xml.document import Document

__all__ = ["check"]

_PLACE = ("type", "path", "target", "source", "xml")
"""The rows that say where volumes are."""

_SHOWN = 5


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    name = check.planned["type"]
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        if isinstance(name, str):
            detail = f'libvirt has no storage pools of the type "{name}". It is one of: {", ".join(KINDS)}.'
            yield Problem(("type",), error("Unsupported storage pool type", detail))
        return
    is_new = check.observed is None or check.replace
    if is_new or any(edit.path == ("type",) for edit in check.edits):
        yield from _check_backend(check, str(name), kind)
        yield from _check_source(check, str(name), kind)
    yield from _check_path(check, kind)
    written = check.config["target"] if isinstance(check.config["target"], list) else ()
    if name != "dir" and any(part["permissions"] for part in written):
        detail = (
            f"libvirt sets them for directories alone. In a storage pool of the type {name} they are what they are."
        )
        yield Problem(("target", 0, "permissions"), error("Permissions of no directory", detail))
    yield from _check_names(check)
    yield from _check_places(check)
    if check.observed is not None:
        yield from _check_left_behind(check, check.observed.object)
        yield from () if is_new else _check_redefinition(check, check.observed.object)


def _check_backend(check: Check[Host], name: str, kind: Kind) -> Iterator[Problem]:
    types = check.host.storage_types
    if types is not None and name not in types:
        package = f" It is in the package {kind.package} of Debian and Fedora." if kind.package else ""
        detail = (
            f"libvirt on this host has no backend for storage pools of the type {name}.{package} Install it there, and "
            "restart libvirt's daemon."
        )
        yield Problem(("type",), error("Storage pool type not available", detail))


def _check_source(check: Check[Host], name: str, kind: Kind) -> Iterator[Problem]:
    source = check.planned["source"]
    if not isinstance(source, list):
        return
    given = source[0] if source else {}
    for part in kind.needs:
        if not given.get(part) and not isinstance(given.get(part), Unknown):
            detail = f"A storage pool of the type {name} is made of its {' and its '.join(kind.needs)}. Write it in "
            yield Problem(("source",), error(f"Missing {part} of the source", detail + "a source block."))


def _check_left_behind(check: Check[Host], present: Object) -> Iterator[Problem]:
    """Whether volumes that stay where they are would be in no storage pool any more."""
    moved = [edit.path for edit in check.edits if edit.path[0] in _PLACE and "permissions" not in edit.path]
    if moved and all(path[0] == "xml" for path in moved):
        path = Document.parse(pool_xml(check.planned)).get("target/path")
        moved = [] if same_path(path, present["path"]) else moved
    staying = list(_staying_volumes(check, check.planned["name"])) if moved else []
    if staying:
        detail = (
            f'The storage pool "{present["name"]}" holds volumes ({_shown(staying)}), which stay where they are when '
            "it is elsewhere. Declare a second storage pool for the new place; or delete the volumes first."
        )
        yield Problem(moved[0], error("Storage pool holds volumes", detail))


def _staying_volumes(check: Check[Host], pool: Plain) -> Iterator[str]:
    """Names of the volumes that this state has in a pool (by name), and the plan leaves there."""
    for kind in VOLUME_TYPES:
        leaving = set(check.leaving(kind))
        for other in check.others(kind):
            if other["pool"] == pool and isinstance(other["id"], str) and other["id"] not in leaving:
                yield other["name"]


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")


def _check_redefinition(check: Check[Host], present: Object) -> Iterator[Problem]:
    """Whether the pool can be stopped and defined anew."""
    edits = [edit.path for edit in check.edits if edit.path[0] not in RECORD_ONLY]
    if not edits:
        return
    uuid, host = present["id"], check.host
    if ("name",) in edits:
        names = list(_staying_volumes(check, present["name"]))
        if names:
            detail = (
                f'By this configuration, {_shown(names)} would still be in "{present["name"]}". Write the new name '
                "there too, or refer to the storage pool: pool = libvirt_pool.example.name."
            )
            yield Problem(("name",), error("Storage pool is named by its volumes", detail))
    leaving = {str(key).partition(";")[0] for kind in VOLUME_TYPES for key in check.leaving(kind)}
    going = [volume.name for volume in host.inventory.volumes.of(uuid) if volume.key in leaving] if leaving else []
    if going:
        detail = (
            f"{_shown(going)} in it are deleted in the same plan, and can't be found while the storage pool is defined "
            "anew. Do one after the other, with two applies."
        )
        yield Problem(edits[0], error("Storage pool is in use", detail))
    users = sorted(_running_users(host, present)) if present["type"] != "dir" else []
    if users:
        detail = (
            f'For this the storage pool "{present["name"]}" is stopped for a moment, and running guests use what is in '
            f"it: {', '.join(users)}. Shut them off first."
        )
        yield Problem(edits[0], error("Storage pool is in use", detail))


def _running_users(host: Host, pool: Object) -> Iterator[str]:
    """Names of the running domains that have a disk in the pool."""
    for domain in host.inventory.domains.all():
        for disk in Document.parse(domain.live_xml).find_all("devices/disk/source") if domain.live_xml else ():
            place = f"{pool['path']}/" if pool["path"] else None
            source = disk.get("file") or disk.get("dev") or ""
            if disk.get("pool") == pool["name"] or (place is not None and source.startswith(place)):
                yield domain.name
                break


def _check_path(check: Check[Host], kind: Kind) -> Iterator[Problem]:
    config, path = check.config, check.planned["path"]
    if config["path"] is not None and config["target"]:
        yield Problem(
            ("path",),
            error("Path given twice", "`path` is the old form of `target { path }`. Write only one of them."),
        )
    elif kind.place is None and check.observed is None and written_path(config) is None:
        what = f'A storage pool of type "{check.planned["type"]}" needs a directory: '
        yield Problem((), error("Missing path", what + 'write target { path = "…" }.'))
    elif isinstance(path, str) and not path.startswith("/"):
        yield Problem(
            _path_of_path(config),
            error(
                "Relative path",
                f'"{path}" is a path on the host, where no directory is the current one. Write an absolute path.',
            ),
        )


def _path_of_path(config: Object) -> Path:
    return ("path",) if config["path"] is not None else ("target", 0, "path")


def _free_ids(check: Check[Host]) -> set[Plain]:
    """UUIDs of pools that are not in the way: its own, and those that are deleted before it is made."""
    own = check.observed.object["id"] if check.observed is not None else None
    return {check.planned["id"], own, *check.leaving("libvirt_pool")}


def _others(check: Check[Host]) -> list[Object]:
    return [other for other in check.others("libvirt_pool") if other is not check.planned]


def _check_names(check: Check[Host]) -> Iterator[Problem]:
    name = check.planned["name"]
    if not isinstance(name, str):
        return
    existing = check.host.inventory.pools.named(name)
    if existing is not None and existing.uuid not in _free_ids(check):
        yield Problem(
            ("name",),
            error(
                "Storage pool already exists",
                f'The host has a storage pool "{name}" (UUID {existing.uuid}) that is not in this state, so it is '
                "left alone. Choose another name, use the existing pool by its name, or import it into the state.",
            ),
        )
    if any(other["name"] == name for other in _others(check)):
        yield Problem(
            ("name",), error("Name used twice", f'Another storage pool in this configuration is named "{name}" too.')
        )


def _check_places(check: Check[Host]) -> Iterator[Problem]:
    """No two pools may have the same directory; libvirt refuses the second one."""
    path = check.planned["path"]
    if not isinstance(path, str) or path.startswith("/dev"):
        return  # Disks of several storage pools are found in one directory.
    planned = {other["id"]: other for other in _others(check)}
    foreign = [
        record
        for record in check.host.inventory.pools.all()
        if record.uuid not in planned and record.uuid not in _free_ids(check)
    ]
    users = [(other["name"], other["path"]) for other in planned.values()]
    users += [(record.name, Document.parse(record.xml).get("target/path")) for record in foreign]
    for name, used in users:
        if same_path(path, used):
            yield Problem(
                _path_of_path(check.config),
                error(
                    "Path used by another storage pool",
                    f'{path} is the place of the storage pool "{name}". Choose another path, or keep the volumes in '
                    "that pool.",
                ),
            )
