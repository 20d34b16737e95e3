"""Where a new volume goes: its storage pool and its key. For all types whose objects are volumes."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from kvmform.diagnostics import DiagnosticError, error
from kvmform.host.host import Host
from kvmform.host.pools import start_pool
from kvmform.host.records import PoolRecord
from kvmform.resources.volume_types import VOLUME_TYPES
from kvmform.schema import Check, Claim, Edit, Object, Plain, Problem, Proposal
from kvmform.struct import Struct
from kvmform.values.model import Unknown
from kvmform.values.types import STRING
from kvmform.xml.document import Document

__all__ = [
    "active_pool",
    "changes_content",
    "check_awake",
    "check_place",
    "claims",
    "find",
    "is_directory",
    "is_pool_renamed",
    "key_in",
    "planned_at",
    "planned_key",
]


def planned_key(proposal: Proposal) -> Unknown:
    """The key that a volume will have: how it begins is known where its storage pool is planned too."""
    pool, name = proposal.planned["pool"], proposal.planned["name"]
    for other in proposal.others("libvirt_pool"):
        if isinstance(name, str) and other["name"] == pool and isinstance(other["path"], str):
            return Unknown(STRING, not_null=True, prefix=posixpath.join(posixpath.normpath(other["path"]), name))
    return Unknown(STRING, not_null=True)


def is_pool_renamed(proposal: Proposal) -> bool:
    """Whether what is now written as the storage pool is the one that the volume is in, under another name."""
    pools = (each["id"] for each in proposal.others("libvirt_pool") if each["name"] == proposal.planned["pool"])
    return proposal.observed is not None and proposal.observed.facts.get("pool_id") in pools


def is_directory(pool: PoolRecord) -> bool:
    """Whether the pool's volumes are files in a directory."""
    return Document.parse(pool.xml).get("@type") in ("dir", "fs", "netfs")


def key_in(pool: PoolRecord, name: str) -> str | None:
    """The key that a volume of this name has in a pool; None where only libvirt can tell."""
    path = Document.parse(pool.xml).get("target/path")
    return posixpath.join(path, name) if path is not None and is_directory(pool) else None


def active_pool(host: Host, name: str) -> PoolRecord:
    """The storage pool of this name, started if it is not active.

    Raises:
        DiagnosticError: there is none, or it can't be started.
    """
    record = host.inventory.pools.named(name)
    if record is None:
        raise DiagnosticError.of("Storage pool not found", _without_pool(name))
    if not record.active:
        start_pool(host, record.uuid)
    return record


def changes_content(edits: Sequence[Edit]) -> bool:
    """Whether edits need more than to be noted: what a volume's storage pool is called by now, or what is kept."""
    return any(edit.path[0] not in _NOTED for edit in edits)


_NOTED = ("pool", "keep", "base_volume_id", "base_volume_name", "base_volume_pool")


def check_awake(check: Check[Host]) -> Iterator[Problem]:
    """Nothing is made in a storage pool that this configuration wants stopped, nor changed."""
    pool = check.planned["pool"]
    planned = next((other for other in check.others("libvirt_pool") if other["name"] == pool), None)
    is_touched = check.observed is None or check.replace or changes_content(check.edits)
    if planned is not None and planned["active"] is False and is_touched:
        detail = (
            f'The storage pool "{pool}" is to be stopped (active = false), and then nothing can be made or changed in '
            "it. Leave active out, or stop it in a second apply."
        )
        yield Problem(("pool",), error("Storage pool is not to be active", detail))


def check_place(check: Check[Host], own_key: Plain) -> Iterator[Problem]:
    """Whether the pool is there, and the name free in it; `own_key` is that of the object if it exists."""
    pool, name = check.planned["pool"], check.planned["name"]
    if isinstance(name, str) and ("/" in name or name in ("", ".", "..")):
        yield Problem(("name",), error("Invalid volume name", f'"{name}" can\'t be the name of a file.'))
        return
    if not isinstance(pool, str):
        return
    record = check.host.inventory.pools.named(pool)
    planned = next((other for other in check.others("libvirt_pool") if other["name"] == pool), None)
    if record is None and planned is None:
        yield Problem(("pool",), error("Storage pool not found", _without_pool(pool)))
    if not isinstance(name, str):
        return
    if any(other is not check.planned for other in _planned_at(check, pool, name)):
        yield Problem(
            ("name",),
            error("Name used twice", f'Another volume "{name}" of this configuration goes into the pool "{pool}" too.'),
        )
    stays = planned is None or (record is not None and planned["id"] == record.uuid)
    existing = check.host.inventory.volumes.named(record.uuid, name) if record is not None and stays else None
    if existing is not None and existing.key != own_key and not _is_leaving(check, existing.key):
        yield Problem(("name",), error("Volume already exists", _taken(existing.key, pool)))


def _is_leaving(check: Check[Host], key: str) -> bool:
    """Whether the plan deletes the volume before this one is made."""
    return any(key in _keys(_Shared(check.leaving(kind))) for kind in VOLUME_TYPES)


@lru_cache(maxsize=2 * len(VOLUME_TYPES))
def _keys(leaving: _Shared) -> frozenset[Plain]:
    return frozenset(map(_key, leaving.items))


def _key(identity: Plain) -> Plain:
    """The volume's key in the id of an object that is kept in one; some types add to it."""
    return identity.partition(";")[0] if isinstance(identity, str) else None


def claims(found: Object) -> Iterable[Claim]:
    """A volume has its name in its storage pool for itself."""
    return (("volume", found["pool"], found["name"]),)


def find(host: Host, meant: str) -> Object | None:
    """The volume with this path or key, or with this name in its storage pool: `POOL/NAME`."""
    record = host.inventory.volumes.get(meant)
    pool_name, _, name = meant.partition("/")
    pool = host.inventory.pools.named(pool_name) if record is None and name and pool_name else None
    if pool is not None:
        record = host.inventory.volumes.named(pool.uuid, name)
    return None if record is None else {"id": record.key}


def _planned_at(check: Check[Host], pool: str, name: str) -> Iterator[Object]:
    for kind in VOLUME_TYPES:
        yield from planned_at(check.others(kind), pool, name)


class _Shared(Struct, eq=False):
    """One and the same collection, of planned objects or of ids; ten thousand volumes that are checked ask for it."""

    items: Collection[Any]

    def __hash__(self) -> int:
        return id(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shared) and self.items is other.items


class _Places:
    """The objects of a list by storage pool and name; it is made once, and kept up as the list grows."""

    def __init__(self, planned: Any) -> None:
        self._planned: Sequence[Object] = planned
        self._known = 0
        self._found: dict[tuple[Plain, Plain], list[Object]] = {}

    def at(self, pool: Plain, name: Plain) -> Sequence[Object]:
        """Those of a name in a storage pool."""
        for one in self._planned[self._known :]:
            self._found.setdefault((one["pool"], one["name"]), []).append(one)
        self._known = len(self._planned)
        return self._found.get((pool, name), ())


@lru_cache(maxsize=2 * len(VOLUME_TYPES))
def _places(planned: _Shared) -> _Places:
    return _Places(planned.items)


def planned_at(others: Sequence[Object], pool: Plain, name: Plain) -> Sequence[Object]:
    """Of planned objects of one type, those of a name in a storage pool; `others` is the same list for all that ask."""
    return _places(_Shared(others)).at(pool, name)


def _without_pool(name: str) -> str:
    return (
        f'The host has no storage pool "{name}", and none is planned. Declare a libvirt_pool of this name, and refer '
        "to it (pool = libvirt_pool.example.name), so that it is made first."
    )


def _taken(key: str, pool: str) -> str:
    return (
        f'The storage pool "{pool}" has a volume {key} that is not in this state, so it is left alone. '
        "Choose another name, import it into the state, or delete it on the host if nobody needs it."
    )
