"""What can be told about a pool before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.pool.schema import same_path, written_path
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.xml.document import Document

__all__ = ["check"]

_TYPES = ("dir", "logical")


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    if check.planned["type"] not in _TYPES and isinstance(check.planned["type"], str):
        yield Problem(
            ("type",),
            error(
                "Unsupported storage pool type",
                f"kvmform makes storage pools of the types dir (a directory) and logical (an LVM volume group), "
                f'not "{check.planned["type"]}".',
            ),
        )
        return
    yield from _check_path(check)
    if check.observed is None or check.replace:
        yield from _check_names(check)
        yield from _check_places(check)


def _check_path(check: Check[Host]) -> Iterator[Problem]:
    config, path = check.config, check.planned["path"]
    if config["path"] is not None and config["target"]:
        yield Problem(
            ("path",),
            error("Path given twice", "`path` is the old form of `target { path }`. Write only one of them."),
        )
    elif check.planned["type"] == "dir" and check.observed is None and written_path(config) is None:
        yield Problem(
            (), error("Missing path", 'A storage pool of type "dir" needs a directory: write target { path = "…" }.')
        )
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
    planned = {other["id"]: other for other in _others(check)}
    foreign = [
        record
        for record in check.host.inventory.pools.all()
        if record.uuid not in planned and record.uuid not in _free_ids(check)
    ]
    users = [(other["name"], other["path"]) for other in planned.values()]
    users += [(record.name, Document.parse(record.xml).get("target/path")) for record in foreign]
    for name, used in users:
        if isinstance(path, str) and same_path(path, used):
            yield Problem(
                _path_of_path(check.config),
                error(
                    "Path used by another storage pool",
                    f'{path} is the place of the storage pool "{name}". Choose another path, or keep the volumes in '
                    "that pool.",
                ),
            )
