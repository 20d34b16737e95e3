"""Checksums of images: as they are written, as files like SHA256SUMS have them, and whether an image has one."""

from __future__ import annotations

import hashlib
import posixpath
import re
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Progress
from kvmform.struct import Struct

__all__ = ["Checksum", "is_address", "is_digest", "listed_checksum", "reject_other", "written_checksum"]

_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
"""Hexadecimal digits of a digest, by algorithm."""

_PIECE = 2**20
_LINES = (
    re.compile(r"(?P<digest>[0-9a-fA-F]{32,128}) [ *](?P<name>.+)"),
    re.compile(r"[A-Z0-9-]+ \((?P<name>.+)\) = (?P<digest>[0-9a-fA-F]{32,128})"),
    re.compile(r"(?P<digest>[0-9a-fA-F]{32,128})\s*(?P<name>)"),
)
"""Lines of such files: as `sha256sum` writes them, as BSD's programs do, and a digest alone."""


class Checksum(Struct):
    """What the content of a file adds up to; `digest` in lower-case hexadecimal digits."""

    algorithm: str
    digest: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest}"


def is_digest(text: str) -> bool:
    """Whether a text is `ALGORITHM:DIGEST`."""
    algorithm, _, digest = text.partition(":")
    return len(digest) == _DIGITS.get(algorithm.lower()) and re.fullmatch("[0-9a-fA-F]+", digest) is not None


def is_address(text: str) -> bool:
    """Whether a text is the URL of a file with checksums."""
    return re.match("(https?|file)://.", text) is not None


def written_checksum(text: str) -> Checksum:
    """The checksum that a text is, for which :func:`is_digest` holds."""
    algorithm, _, digest = text.lower().partition(":")
    return Checksum(algorithm, digest)


def listed_checksum(listing: str, address: str, source: str) -> Checksum:
    """The checksum that a file of checksums has for an image; both are told by URL or path.

    Raises:
        DiagnosticError: it has none.
    """
    name = posixpath.basename(unquote(urlsplit(source).path))
    for line in listing.splitlines():
        found = next((match for pattern in _LINES if (match := pattern.fullmatch(line.strip()))), None)
        if found is None or (found["name"] and posixpath.basename(found["name"]) != name):
            continue
        algorithm = next((each for each, digits in _DIGITS.items() if digits == len(found["digest"])), None)
        if algorithm is not None:
            return Checksum(algorithm, found["digest"].lower())
    raise DiagnosticError.of(
        "No checksum of the image", f'{address} has no checksum of "{name}". Is it that of another release?'
    )


def reject_other(path: Path, expected: Checksum, source: str, progress: Progress, stop: threading.Event) -> None:
    """Read a file, and refuse it if it adds up to something else; `source` is what the user calls it.

    Raises:
        DiagnosticError: it does, or the user asked to stop.
    """
    # What is compared was told by the user, who may have nothing better than MD5.
    found = hashlib.new(expected.algorithm, usedforsecurity=False)
    total, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
            done += len(piece)
            progress("verifying", done, total)
            if stop.is_set():
                raise DiagnosticError.of("Verification stopped", "The user asked to stop; nothing was made.")
    if found.hexdigest() != expected.digest:
        raise DiagnosticError.of(
            "Image has another checksum",
            f"{source} adds up to {expected.algorithm}:{found.hexdigest()}, and {expected} is expected, so nothing was "
            "made of it. Either the image was damaged or exchanged, or the checksum is that of another version.",
        )
