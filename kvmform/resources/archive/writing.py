"""Write an archive, which is the same bytes whenever the same files are in it.

The times in it are those that https://registry.terraform.io/providers/hashicorp/archive
writes: in a zip archive 1 January 2049, in a tar archive 1 January 1970.
"""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import IO

from kvmform.resources.archive.members import Member

__all__ = ["WRITERS"]

_TIME = (2049, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o644
"""Of what was no file before."""
_LARGE = 2**31


def _write_zip(target: IO[bytes], members: Iterable[Member]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo(member.name, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = _UNIX
            info.external_attr = (stat.S_IFREG | _mode(member)) << 16
            with member.opened() as source, archive.open(info, "w", force_zip64=_size(source) >= _LARGE) as inside:
                shutil.copyfileobj(source, inside)


def _write_tar_gz(target: IO[bytes], members: Iterable[Member]) -> None:
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=target, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.mode = _mode(member)
            with member.opened() as source:
                info.size = _size(source)
                archive.addfile(info, source)


def _mode(member: Member) -> int:
    return _MODE if member.mode is None else member.mode


def _size(source: IO[bytes]) -> int:
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    return size


WRITERS: Mapping[str, Callable[[IO[bytes], Iterable[Member]], None]] = {"zip": _write_zip, "tar.gz": _write_tar_gz}
"""By `type`: what writes the members to a file that is open for writing."""
