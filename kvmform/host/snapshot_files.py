"""What a snapshot consists of, by what libvirt has written down of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kvmform.host.elements import parse
from kvmform.host.records import SnapshotRecord

__all__ = ["captured_targets", "disk_files", "files_below", "is_external", "memory_file", "snapshot_files"]


def captured_targets(snapshot: SnapshotRecord) -> set[str]:
    """The device names (`vda`) of the disks that are in it."""
    disks = parse(snapshot.xml).findall("disks/disk")
    return {disk.get("name", "") for disk in disks if disk.get("snapshot") in {"internal", "external"}}


def is_external(snapshot: SnapshotRecord) -> bool:
    """Whether disks of it are kept in files of their own."""
    return bool(disk_files(snapshot))


def disk_files(snapshot: SnapshotRecord) -> list[str]:
    """The files that its disks went on in."""
    sources = parse(snapshot.xml).findall("disks/disk[@snapshot='external']/source")
    return [path for source in sources if (path := source.get("file") or source.get("dev"))]


def files_below(snapshots: Iterable[SnapshotRecord], file: str) -> Iterator[str]:
    """The files that a disk was in before it came to a file, the latest first, as far as its domain's snapshots tell.

    What is off has no chain of images in its definition, and a storage pool doesn't see new files by itself.
    """
    before: dict[str, str] = {}
    for snapshot in snapshots:
        before |= _steps(snapshot)
    for _ in range(len(before)):
        found = before.get(file)
        if found is None:
            return
        yield found
        file = found


def _steps(snapshot: SnapshotRecord) -> dict[str, str]:
    """For each file that a disk went on in, the one that it was in."""
    root = parse(snapshot.xml)
    steps = {}
    for disk in root.findall("disks/disk[@snapshot='external']"):
        source = disk.find("source")
        was = root.find(f"domain/devices/disk/target[@dev='{disk.get('name')}']/../source")
        if source is not None and was is not None:
            steps[source.get("file") or source.get("dev") or ""] = was.get("file") or was.get("dev") or ""
    return steps


def memory_file(snapshot: SnapshotRecord) -> str | None:
    """The file with the guest's memory, where that isn't within an image."""
    memory = parse(snapshot.xml).find("memory[@snapshot='external']")
    return memory.get("file") if memory is not None else None


def snapshot_files(snapshot: SnapshotRecord) -> list[str]:
    """All files that came with the snapshot, that with the memory at the end."""
    memory = memory_file(snapshot)
    return [*disk_files(snapshot), *([memory] if memory else [])]
