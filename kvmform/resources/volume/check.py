"""What can be told about a volume before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from kvmform.diagnostics import DiagnosticError, error
from kvmform.host.features import Feature
from kvmform.host.host import Host
from kvmform.host.pools import refresh_pool
from kvmform.host.records import VolumeRecord
from kvmform.resources.volume.cloning import check_original
from kvmform.resources.volume.conversion import BY_COPY, obstacles
from kvmform.resources.volume.growth import check_growth
from kvmform.resources.volume.image import Image, describe_image, is_remote, local_path
from kvmform.resources.volume.place import check_awake, check_place
from kvmform.resources.volume.recipe import base_of, check_size, find_base
from kvmform.resources.volume.room import noted_room, room_left
from kvmform.resources.volume.users import clones_of, uses_of
from kvmform.schema import Check, Object, Observed, Path, Plain, Problem
from kvmform.values.model import Unknown
from kvmform.xml.codecs import BYTES
from kvmform.xml.document import Document

__all__ = ["check"]

_MADE_OF = ("source", "clone_of", "base_volume_id", "base_volume_name")
_SCANNED: WeakKeyDictionary[Host, set[str]] = WeakKeyDictionary()
"""The storage pools of each host that were scanned."""

_FORMATS = ("raw", "qcow2", "qcow", "qed", "vdi", "vmdk", "vpc")


def check(check: Check[Host]) -> Iterator[Problem]:
    """Every problem that the plan would run into."""
    yield from check_awake(check)
    if check.observed is not None and not check.replace:
        yield from _check_conversion(check, check.observed)
        yield from check_growth(check)
        return
    if check.observed is not None:
        yield from _check_clones(check, check.observed)
    conflicts = list(_check_conflicts(check.planned))
    yield from conflicts
    yield from check_place(check, None if check.observed is None else check.observed.object["id"])
    if conflicts:
        return
    if isinstance(check.planned["source"], str) and check.planned["source"]:
        yield from _check_source(check)
    elif check.planned["clone_of"]:
        yield from check_original(check)
    else:
        yield from _check_base(check)


def _check_conversion(check: Check[Host], observed: Observed) -> Iterator[Problem]:
    """Whether the volume can be copied, where that is what the plan needs."""
    edited = next((edit.path for edit in check.edits if edit.path[0] in BY_COPY), None)
    record = check.host.inventory.volumes.get(observed.object["id"]) if edited is not None else None
    if edited is None or record is None:
        return
    _scan_once(check.host, record.pool)
    for reason in obstacles(check.host, record):
        yield Problem(edited, error("Volume cannot be converted", f"{record.key} can't be copied now. {reason}"))
    pool = check.host.inventory.pools.get(record.pool)
    taken = Document.parse(record.xml).get("allocation")
    needed = int(BYTES.decode(taken)) if taken is not None else 0
    if pool is not None and pool.live_xml is not None and noted_room(pool.live_xml) < needed:
        detail = (
            f"The volume takes {needed} bytes, and needs as many for a copy; the storage pool has "
            f"{noted_room(pool.live_xml)} left. Make room."
        )
        yield Problem(edited, error("Not enough space", detail))


def _scan_once(host: Host, pool: str) -> None:
    """Let libvirt see what came without it, once for all the volumes of a storage pool that are to be converted."""
    scanned = _SCANNED.setdefault(host, set())
    if pool not in scanned and host.can(Feature.UPLOAD):  # Volumes of a simulated host are files nowhere.
        scanned.add(pool)
        refresh_pool(host, pool)


def _check_clones(check: Check[Host], observed: Observed) -> Iterator[Problem]:
    """Linked clones that stay would be nothing without the volume that is deleted."""
    record = check.host.inventory.volumes.get(observed.object["id"])
    leaving = set(check.leaving("libvirt_volume"))
    clones = [clone for clone in clones_of(check.host, record) if clone.key not in leaving] if record else []
    stay = [clone.key for clone in clones if not _goes_with_its_domain(check, clone)]
    if stay:
        detail = (
            f"{observed.object['id']} would be deleted and made again, and these volumes are linked clones of it, "
            f"which would lose what they hold: {', '.join(sorted(stay))}. Give the new volume another name, so that "
            "the old one can stay; or have the clones replaced in the same plan, with -replace, if nobody needs them."
        )
        yield Problem(("name",), error("Volume is a base of others", detail))


def _goes_with_its_domain(check: Check[Host], clone: VolumeRecord) -> bool:
    """Whether a volume is the disk of domains that the plan deletes, and no resource: then it was made for them."""
    users = {use.domain.uuid for use in uses_of(check.host, clone)}
    is_declared = any(volume["id"] == clone.key for volume in check.others("libvirt_volume"))
    return bool(users) and not is_declared and users <= set(check.leaving("libvirt_domain"))


def _check_conflicts(planned: Object) -> Iterator[Problem]:
    given = [name for name in _MADE_OF if _is_given(planned[name])]
    if len(given) > 1:
        yield Problem(
            (given[1],),
            error(
                "Conflicting arguments",
                f"`{given[0]}` and `{given[1]}` both say what the volume is made of. Write only one of them.",
            ),
        )
    if isinstance(planned["format"], str) and planned["format"] not in _FORMATS:
        known = ", ".join(_FORMATS)
        yield Problem(
            ("format",), error("Unsupported volume format", f'"{planned["format"]}" is none of these: {known}.')
        )
    if planned["format"] == "raw" and len(given) == 1 and given[0].startswith("base_"):
        yield Problem(
            ("format",),
            error(
                "Linked clones are not raw",
                'A linked clone holds only what differs from its base, which a raw volume can\'t. Use "qcow2".',
            ),
        )


def _is_given(value: Plain) -> bool:
    """Whether it surely has a value; an empty string means none, and an unknown may turn out to be null."""
    return value.not_null if isinstance(value, Unknown) else bool(value)


def _check_source(check: Check[Host]) -> Iterator[Problem]:
    source = check.planned["source"]
    if is_remote(source):
        return
    try:
        image = describe_image(local_path(source, check.base_directory))
    except DiagnosticError as problem:
        yield from _problems(("source",), problem)
        return
    yield from _check_size(check, image.capacity, f"the image {image.path}")
    if check.observed is None:
        yield from _check_space(check, image)


def _check_size(check: Check[Host], least: int, what: str) -> Iterator[Problem]:
    try:
        check_size(_known(check.planned["size"]), least, what)
    except DiagnosticError as problem:
        yield from _problems(("size",), problem)


def _check_space(check: Check[Host], image: Image) -> Iterator[Problem]:
    """Whether the image fits into the pool."""
    name = check.planned["pool"]
    left = room_left(check.host, name, image.length) if isinstance(name, str) else None
    if left is not None and left < image.length:
        yield Problem(
            ("source",),
            error(
                "Not enough space",
                f'{image.path} has {image.length} bytes, and in the storage pool "{name}" {left} are left. Make room, '
                "or use another storage pool.",
            ),
        )


def _check_base(check: Check[Host]) -> Iterator[Problem]:
    planned = check.planned
    row = "base_volume_id" if planned["base_volume_id"] else "base_volume_name"
    named, pool = planned[row], planned["base_volume_pool"] or planned["pool"]
    if not isinstance(named, str) or not named or isinstance(pool, Unknown):
        return
    record = find_base(check.host, planned)
    if record is not None:
        base = base_of(record)
        yield from _check_size(check, base.capacity, f"the base volume {base.path}")
    elif not _is_planned(check, row, pool, named):
        yield Problem(
            (row,),
            error(
                "Base volume not found",
                f'The host has no volume "{named}"{_where(row, pool)}, and none is planned. Refer to a libvirt_volume '
                "(base_volume_id = libvirt_volume.example.id), so that it is made first.",
            ),
        )


def _where(row: str, pool: Plain) -> str:
    return f' in the storage pool "{pool}"' if row == "base_volume_name" else ""


def _is_planned(check: Check[Host], row: str, pool: Plain, named: str) -> bool:
    others = check.others("libvirt_volume")
    if row == "base_volume_id":
        return any(named == (one["id"].prefix if isinstance(one["id"], Unknown) else one["id"]) for one in others)
    return any(other["name"] == named and other["pool"] == pool for other in others)


def _known(value: Plain) -> Plain:
    return None if isinstance(value, Unknown) else value


def _problems(path: Path, problem: DiagnosticError) -> Iterator[Problem]:
    return (Problem(path, diagnostic) for diagnostic in problem.diagnostics)
