"""Images from the network, kept in the user's cache: by what they add up to where that is told, else by their URL.

`$XDG_CACHE_HOME/kvmform/images` (by default under `~/.cache`) holds for each URL the last image
that was there, and `sha256-<digest>.image` and the like for each checksum that was asked for: the
same file, under both names. The server isn't asked for what has the right checksum already.

What was used least recently goes when there is more than `KVMFORM_IMAGE_CACHE_LIMIT` GiB, by
default 20; what was used within an hour stays in any case.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.volume.checksum import Checksum, reject_other
from kvmform.resources.volume.download import cache_directory, fetch_image, locked
from kvmform.schema import Progress

__all__ = ["cached_image"]

_GIB = 2**30
_LIMIT = 20
_IN_USE = 3600
"""Seconds for which an image stays in any case: somebody may be copying it."""


def cached_image(url: str, checksum: Checksum | None, progress: Progress, stop: threading.Event, since: float) -> Path:
    """Path of the image at a URL that has a checksum, or of the present one where none is told.

    What was fetched `since` (in seconds since 1970) is not asked for again.

    Raises:
        DiagnosticError: it can't be had, it has another checksum, or the user asked to stop.
    """
    if checksum is None:
        image = fetch_image(url, progress, stop, since)
    else:
        image = _by_checksum(url, checksum, progress, stop, since)
    with suppress(OSError):
        _prune(image.parent)
    return image


def _by_checksum(url: str, checksum: Checksum, progress: Progress, stop: threading.Event, since: float) -> Path:
    directory = cache_directory()
    kept = directory / f"{checksum.algorithm}-{checksum.digest}.image"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with locked(kept.with_suffix(".lock"), stop):
            if not kept.exists():
                fetched = fetch_image(url, progress, stop, since)
                reject_other(fetched, checksum, url, progress, stop)
                kept.hardlink_to(fetched)
            kept.touch()
    except OSError as problem:
        raise DiagnosticError.of(
            "Image can't be kept", f"Writing the image of {url} to {directory} failed: {problem.strerror}."
        ) from problem
    return kept


def _prune(directory: Path) -> None:
    """Delete what was not used for longest, until the rest is within the limit."""
    limit, now = _limit(), time.time()
    names: dict[int, list[Path]] = {}
    for path in directory.glob("*.image"):
        names.setdefault(path.stat().st_ino, []).append(path)
    images = sorted((paths[0].stat().st_mtime, paths[0].stat().st_blocks * 512, paths) for paths in names.values())
    total = sum(length for _, length, _ in images)
    for used, length, paths in images:
        if total <= limit or used > now - _IN_USE:
            return
        total -= length
        for path in paths:
            path.unlink(missing_ok=True)


def _limit() -> float:
    written = os.environ.get("KVMFORM_IMAGE_CACHE_LIMIT", "")
    try:
        return float(written or _LIMIT) * _GIB
    except ValueError:
        raise DiagnosticError.of(
            "Invalid limit of the image cache",
            f'KVMFORM_IMAGE_CACHE_LIMIT is a number of GiB, and "{written}" is none.',
        ) from None
