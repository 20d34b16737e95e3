"""Archives: which kind one is, whether it is the right one, and its files."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import shutil
import stat
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any

from kvmform.modules.fetch_error import FetchError
from kvmform.modules.web import Web

if sys.version_info >= (3, 11, 4):
    import tarfile
else:  # Before that, tarfile has no filters that refuse what leads outside.
    from backports import tarfile  # type: ignore[no-redef]

__all__ = ["archive_kind", "check_sum", "unpack"]

_KINDS = ("tar.bz2", "tar.gz", "tar.xz", "tbz2", "tgz", "txz", "tar.tbz2", "tar", "zip", "bz2", "gz", "xz")
"""Longer endings first: `tar.gz` is more than `gz`."""

_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
_HASHES = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
"""Hash functions by how many digits their sums have."""


def archive_kind(given: str | None, path: str) -> str | None:
    """The kind of archive at an address: what its query says, else what its name ends with; None if it is none."""
    if given is not None:
        return given if given in _KINDS else None
    return next((kind for kind in _KINDS if path.endswith(f".{kind}")), None)


def check_sum(archive: Path, wanted: str, web: Web) -> None:
    """Compare an archive with the `checksum` of its address: `md5:…`, `sha256:…`, `file:URL`, or only digits.

    Raises:
        FetchError: it is another one, or the checksum can't be read.
    """
    kind, _, digits = wanted.rpartition(":")
    if kind.startswith("file"):
        digits = _listed(web.text(wanted.removeprefix("file:")), archive)
        kind = ""
    kind = kind or _HASHES.get(len(digits), "")
    if kind not in _HASHES.values():
        raise FetchError(f'the checksum "{wanted}" is of no kind that is known: md5, sha1, sha256 or sha512')
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != digits.lower():
        raise FetchError(f"checksums did not match: expected {kind} {digits.lower()}, got {found}")


def _listed(text: str, archive: Path) -> str:
    """The sum in a file of sums: its only one, or that of the archive's name."""
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for words in lines:
        if len(lines) == 1 or words[-1].lstrip("*") == archive.name:
            return words[0]
    raise FetchError("the file of checksums doesn't have one of this archive")


def unpack(archive: Path, kind: str, target: Path) -> None:
    """Put an archive's files into `target`, which is made.

    Raises:
        FetchError: it is broken, or has files that would lie outside.
        OSError: they can't be written.
    """
    target.mkdir()
    try:
        if kind == "zip":
            _unpack_zip(archive, target)
        elif "t" in kind:
            with tarfile.open(archive, "r:*") as files:
                files.extractall(target, filter="data")
        else:
            _unpack_single(archive, kind, target)
    except FileNotFoundError as problem:
        if problem.filename == str(archive):
            raise FetchError(f"{archive} doesn't exist") from problem
        raise
    except (*_BROKEN, gzip.BadGzipFile) as problem:
        reason = str(problem).partition("\n")[0] or type(problem).__name__
        raise FetchError(f"the archive can't be unpacked as {kind}: {reason}") from problem


def _unpack_zip(archive: Path, target: Path) -> None:
    """All of a zip, with the permissions that it has for its files."""
    with zipfile.ZipFile(archive) as files:
        for entry in files.infolist():
            name = PurePosixPath(entry.filename.replace("\\", "/"))
            if name.is_absolute() or ".." in name.parts:
                raise FetchError(f'the archive has a file outside of itself: "{entry.filename}"')
            place = Path(files.extract(entry, target))
            mode = stat.S_IMODE(entry.external_attr >> 16) & 0o777
            if mode and not entry.is_dir():
                place.chmod(mode | stat.S_IRUSR | stat.S_IWUSR)


def _unpack_single(archive: Path, kind: str, target: Path) -> None:
    """One compressed file, which becomes the module's only one."""
    openers: dict[str, Any] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}
    packed: IO[bytes]
    with openers[kind](archive, "rb") as packed, (target / "main.tf").open("wb") as file:
        shutil.copyfileobj(packed, file)
