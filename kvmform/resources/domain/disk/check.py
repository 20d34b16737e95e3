"""What can be told about a domain's disks before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.domain.shape import elements
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.values.model import Unknown

__all__ = ["check_disks"]

_DISK_SOURCES = ("volume_id", "url", "file", "block_device")


def check_disks(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of disks that the plan would run into."""
    for index, disk in enumerate(elements(check.planned["disk"])):
        yield from _check_disk(check, ("disk", index), disk)


def _check_disk(check: Check[Host], path: Path, disk: Object) -> Iterator[Problem]:
    sources = [name for name in _DISK_SOURCES if disk[name]]
    if len(sources) != 1:
        yield Problem(
            path,
            error(
                "One source for each disk",
                f"A disk has one of {', '.join(_DISK_SOURCES)}; this one has {' and '.join(sources) or 'none'}.",
            ),
        )
        return
    name = sources[0]
    if name in {"volume_id", "file", "block_device"} and not _exists(check, disk[name]):
        yield Problem(
            (*path, name),
            error(
                "Disk image not found",
                f'"{disk[name]}" is neither a volume of the host nor of this configuration'
                + (", and no file of this machine." if check.host.is_local else "."),
            ),
        )


def _exists(check: Check[Host], source: Plain) -> bool:
    if isinstance(source, Unknown) or check.host.inventory.volumes.get(source) is not None:
        return True
    if any(volume["id"] == source for volume in check.others("libvirt_volume")):
        return True
    if not check.host.is_local:
        # What is no volume can be a file all the same, and it can't be looked for from here.
        return bool(source.startswith("/"))
    return FilePath(source).exists()
