"""Copies that have their blocks in common with the original, until one of the two is written to.

libvirt makes them of raw images that are files, on a file system that can (XFS, Btrfs).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kvmform.diagnostics import Diagnostic, error
from kvmform.host.host import Host
from kvmform.host.records import PoolRecord
from kvmform.resources.volume.place import is_directory
from kvmform.schema import Plain
from kvmform.values.model import Unknown
from kvmform.xml.document import Document

__all__ = ["check_reflink"]

_SUMMARY = "Volume can't be a reflink"
_UNABLE = frozenset({"ext2", "ext3", "ext4", "tmpfs", "vfat", "iso9660", "squashfs", "zfs"})
"""File systems in which no two files have a block in common."""

_MOUNTS = Path("/proc/self/mountinfo")


def check_reflink(host: Host, pool: PoolRecord | None, formats: tuple[Plain, ...]) -> Iterator[Diagnostic]:
    """Whether a copy in this pool can be a reflink, with these formats of the original and of itself."""
    other = next((each for each in formats if each and not isinstance(each, Unknown) and each != "raw"), None)
    if other is not None:
        detail = (
            f"libvirt makes reflinks only of raw images, of which the copy is one too; this one is {other}. Have it "
            "copied or linked instead, or convert the original to raw."
        )
        yield error(_SUMMARY, detail)
    if pool is None:
        return
    if not is_directory(pool):
        yield error(_SUMMARY, f'The volumes of the storage pool "{pool.name}" are no files. Have it copied instead.')
        return
    kind = _file_system(Document.parse(pool.xml).get("target/path")) if host.is_local else None
    if kind in _UNABLE:
        detail = (
            f'The storage pool "{pool.name}" is on a file system ({kind}) in which files have no blocks in common; XFS '
            "and Btrfs can. Have it copied or linked instead, or use a storage pool on one of those."
        )
        yield error(_SUMMARY, detail)


def _file_system(path: str | None) -> str | None:
    """The kind of file system that a directory of this machine is on; None where that can't be told."""
    if path is None or not Path(path).is_dir():
        return None
    best, kind = -1, None
    for line in _MOUNTS.read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        mount = fields.split(" ")[4]
        if os.path.commonpath([path, mount]) == mount and len(mount) > best:
            best, kind = len(mount), rest.split(" ")[0]
    return kind
