"""Read an archive: whether in it is what would be written now.

Bytes are not compared: another version of the compressor, or the one of Terraform's provider,
says the same in other bytes.
"""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from kvmform.resources.archive.members import Member

__all__ = ["has_just"]

_CHUNK = 2**20

Entry = tuple[str, int, IO[bytes]]
"""The name, the permissions and the content of one file in an archive."""


def has_just(path: Path, members: Sequence[Member]) -> bool:
    """Whether in an archive are these members, in this order, and nothing else.

    Raises:
        OSError: one of the files can't be read.
    """
    wanted = iter(members)
    try:
        for name, mode, content in _entries(path):
            member = next(wanted, None)
            if member is None or name != member.name or (member.mode is not None and mode != member.mode):
                return False
            with content, member.opened() as source:
                if not _same(content, source):
                    return False
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error):
        return False
    return next(wanted, None) is None


def _entries(path: Path) -> Iterator[Entry]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for info in packed.infolist():
                yield info.filename, stat.S_IMODE(info.external_attr >> 16), packed.open(info)
        return
    with tarfile.open(path) as archive:
        for entry in archive:
            content = archive.extractfile(entry)
            assert content is not None
            yield entry.name, entry.mode, content


def _same(one: IO[bytes], other: IO[bytes]) -> bool:
    while True:
        chunk = one.read(_CHUNK)
        if chunk != other.read(_CHUNK):
            return False
        if not chunk:
            return True
