"""What can be told about a domain's disks before anything is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path as FilePath

from kvmform.diagnostics import error
from kvmform.host.host import Host
from kvmform.resources.domain.disk.drive import PLACES_ON_BUS, bus_of, device_of, has_medium
from kvmform.resources.domain.disk.locations import places_of
from kvmform.resources.domain.disk.policies import DISK_SOURCES
from kvmform.resources.domain.disk.sharing import check_sharing
from kvmform.resources.domain.machine.defaults import with_machine
from kvmform.resources.elements import elements
from kvmform.schema import Check, Object, Path, Plain, Problem
from kvmform.values.model import Unknown

__all__ = ["check_disks"]


def check_disks(check: Check[Host]) -> Iterator[Problem]:
    """Every problem of disks that the plan would run into."""
    disks = elements(check.planned["disk"])
    for index, disk in enumerate(disks):
        yield from _check_source(check, ("disk", index), disk)
        yield from _check_format(check, ("disk", index), disk)
    if disks and not check.host.is_simulated:
        yield from _check_buses(check)
    yield from check_sharing(check)


def _check_source(check: Check[Host], path: Path, disk: Object) -> Iterator[Problem]:
    sources = [name for name in DISK_SOURCES if disk[name]]
    if len(sources) > 1 or (not sources and not has_medium(disk)):
        yield Problem(
            path,
            error(
                "One source for each disk",
                f"A disk has one of {', '.join(DISK_SOURCES)}; this one has {' and '.join(sources) or 'none'}. Only a "
                'drive can be empty: device = "cdrom" or "floppy".',
            ),
        )
    for name in sources:
        if len(sources) == 1 and name in {"volume_id", "file", "block_device"} and not _exists(check, disk[name]):
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
    return FilePath(source).exists() and not FilePath(source).is_dir()


def _check_format(check: Check[Host], path: Path, disk: Object) -> Iterator[Problem]:
    """What some arguments ask of the image's format.

    What several guests write to must be raw: the others keep a book that each guest would have a copy of.
    """
    if disk["shareable"] is not True and not isinstance(disk["metadata_cache"], int):
        return
    found = _format_planned(check, disk)
    if disk["shareable"] is True and found not in {"raw", None}:
        detail = f"Only a raw image can be shared by guests that write to it, and this one is {found}."
        yield Problem((*path, "shareable"), error("Image can't be shared", detail))
    if isinstance(disk["metadata_cache"], int) and found not in {"qcow2", None}:
        detail = f"Only a qcow2 image has tables to keep in memory, and this one is {found}. Leave metadata_cache out."
        yield Problem((*path, "metadata_cache"), error("No tables to keep", detail))


def _format_planned(check: Check[Host], disk: Object) -> str | None:
    """The format that the image will have; None if that is not known yet."""
    key = disk["volume_id"]
    if isinstance(key, Unknown):
        return None
    planned = next((volume for volume in check.others("libvirt_volume") if key and volume["id"] == key), None)
    found = planned["format"] if planned is not None else places_of(check.host, disk, None)["format"]
    return found if isinstance(found, str) else None


def _check_buses(check: Check[Host]) -> Iterator[Problem]:
    """The machine has the buses, with room for every drive."""
    planned = check.planned
    if any(isinstance(planned[name], Unknown) for name in ("type", "arch", "machine")):
        planned = planned | {"arch": None, "machine": None}
    domain = with_machine(check.host, planned)
    kind = domain["arch"], domain["machine"], domain["type"]
    offered = check.host.domain_capabilities(*kind) if isinstance(domain["type"], str) else None
    taken: Counter[str] = Counter()
    for index, disk in enumerate(elements(planned["disk"])):
        bus, device = bus_of(disk, domain["machine"]), device_of(disk)
        taken[bus] += 1
        for name, value, choice in (("bus", bus, "disk/bus"), ("device", device, "disk/diskDevice")):
            if offered is not None and not offered.offers(choice, value):
                known = ", ".join(sorted(offered.choices.get(choice, ())))
                detail = f'The machine type "{domain["machine"]}" has no {name} "{value}" on this host; it has {known}.'
                yield Problem(("disk", index, name), error(f"No such {name}", detail))
        if taken[bus] > PLACES_ON_BUS.get(bus, taken[bus]):
            detail = (
                f"A machine has {PLACES_ON_BUS[bus]} drives on {bus.upper()}, and this one is one more. Use another."
            )
            yield Problem(("disk", index), error("Too many drives on a bus", detail))
