"""Fetch an image over HTTP into the user's cache, going on where it broke off.

For each URL the cache has the image, and beside it the validators (ETag, Last-Modified) that
the server gave. With them an image that has not changed is not fetched again (RFC 9110, 13.1),
and a partial one is continued only if it is still the same (13.1.5). While there is a partial
image, the validators are those of it, not of the complete one. The image's time is when the
server was last asked.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import json
import math
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Progress
from kvmform.struct import Struct

__all__ = ["cache_directory", "fetch_image", "fetch_text", "locked"]

_CHUNK = 2**20
_TIMEOUT = 30
_ATTEMPTS = 5
_FIRST_PAUSE = 0.5
"""Seconds before the second attempt; each pause is twice as long as the one before."""

Validators = dict[str, str]
"""What tells one version of a file from another: `etag`, `last-modified`."""


class _BrokenOffError(Exception):
    """The transfer ended early or could not begin; another attempt may succeed."""


class _Entry(Struct):
    """One URL's files in the cache."""

    url: str
    image: Path
    partial: Path
    validators: Path
    lock: Path


def cache_directory() -> Path:
    """Where fetched images are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kvmform" / "images"


def fetch_image(url: str, progress: Progress, stop: threading.Event, since: float = math.inf) -> Path:
    """Path of an up-to-date copy of the image at an http:// or https:// URL.

    What was fetched `since` (in seconds since 1970) is not asked for again.

    Raises:
        DiagnosticError: it can't be had, the disk is full, or the user asked to stop.
    """
    entry = _entry(url)
    try:
        entry.lock.parent.mkdir(parents=True, exist_ok=True)
        with locked(entry.lock, stop):
            if not entry.image.exists() or entry.image.stat().st_mtime < since:
                _fetch(entry, progress, stop)
                now = time.time()
                os.utime(entry.image, (now, now))
    except OSError as problem:
        raise DiagnosticError.of(
            "Image can't be kept", f"Writing the image of {url} to {entry.image.parent} failed: {problem.strerror}."
        ) from problem
    return entry.image


def _entry(url: str) -> _Entry:
    base = cache_directory() / hashlib.sha256(url.encode()).hexdigest()[:32]
    return _Entry(url, *(base.with_suffix(suffix) for suffix in (".image", ".partial", ".json", ".lock")))


def fetch_text(url: str) -> str:
    """A small text file at an http:// or https:// URL; it is not kept.

    Raises:
        DiagnosticError: it can't be had.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "kvmform"})  # noqa: S310 - only http and https come here
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - as above
            content: bytes = response.read(_CHUNK)
    except (OSError, http.client.HTTPException) as problem:
        raise _unavailable(url, str(problem)) from problem
    return content.decode(errors="replace")


@contextmanager
def locked(path: Path, stop: threading.Event) -> Iterator[None]:
    """Only one volume, of one process, does something about an image; the others then find it done."""
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                _pause(0.1, stop)
        yield


def _fetch(entry: _Entry, progress: Progress, stop: threading.Event) -> None:
    pause = _FIRST_PAUSE
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _attempt(entry, progress, stop)
        except _BrokenOffError as problem:
            if attempt == _ATTEMPTS:
                raise _unavailable(entry.url, f"{problem} ({_ATTEMPTS} attempts)") from problem
            progress(f"{problem}; trying again", None, None)
            _pause(pause, stop)
            pause *= 2
        else:
            return


def _attempt(entry: _Entry, progress: Progress, stop: threading.Event) -> None:
    """Ask the server once; continue a partial copy if there is one."""
    known = _read_validators(entry)
    start = entry.partial.stat().st_size if entry.partial.exists() and known else 0
    request = urllib.request.Request(  # noqa: S310 - only http and https come here
        entry.url, headers={"User-Agent": "kvmform", **_conditions(entry, known, start)}
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - as above
            _receive(
                entry, response, start if response.status == http.HTTPStatus.PARTIAL_CONTENT else 0, progress, stop
            )
    except urllib.error.HTTPError as problem:
        problem.close()
        _answered(entry, problem)
    except urllib.error.URLError as problem:
        raise _BrokenOffError(f"no connection: {problem.reason}") from problem
    except (http.client.HTTPException, ConnectionError, TimeoutError) as problem:
        raise _BrokenOffError(f"the connection broke: {problem or type(problem).__name__}") from problem


def _conditions(entry: _Entry, known: Validators, start: int) -> dict[str, str]:
    """Request headers that spare what is here already."""
    if start:
        return {"Range": f"bytes={start}-", "If-Range": known.get("etag") or known["last-modified"]}
    if entry.partial.exists() or not entry.image.exists():
        return {}
    names = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    return {names[name]: value for name, value in known.items()}


def _answered(entry: _Entry, problem: urllib.error.HTTPError) -> None:
    """Deal with an answer that is no content.

    Raises:
        _BrokenOffError: the server may answer better soon.
        DiagnosticError: it will not.
    """
    match problem.code:
        case http.HTTPStatus.NOT_MODIFIED:
            return
        case http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            entry.partial.write_bytes(b"")
            raise _BrokenOffError("the partial copy does not fit")
        case http.HTTPStatus.REQUEST_TIMEOUT | http.HTTPStatus.TOO_MANY_REQUESTS | 500 | 502 | 503 | 504:
            raise _BrokenOffError(f"the server answered {problem.code} {problem.reason}")
    raise _unavailable(entry.url, f"the server answered {problem.code} {problem.reason}")


def _receive(entry: _Entry, response: Any, start: int, progress: Progress, stop: threading.Event) -> None:
    length = response.headers.get("Content-Length")
    total = start + int(length) if length else None
    if not start:
        entry.partial.write_bytes(b"")
        _write_validators(entry, response.headers)
    done = start
    with entry.partial.open("ab") as file:
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            done += len(chunk)
            progress("downloading", done, total)
            _pause(0, stop)
    if total is not None and done < total:
        raise _BrokenOffError(f"the connection broke after {done} of {total} bytes")
    entry.partial.replace(entry.image)


def _read_validators(entry: _Entry) -> Validators:
    try:
        found = json.loads(entry.validators.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _write_validators(entry: _Entry, headers: Mapping[str, str]) -> None:
    """A weak ETag says too little for continuing a partial copy, so it is not kept."""
    values = {name: headers.get(name) for name in ("etag", "last-modified")}
    kept = {name: value for name, value in values.items() if value and not value.startswith("W/")}
    entry.validators.write_text(json.dumps(kept), encoding="utf-8")


def _pause(seconds: float, stop: threading.Event) -> None:
    if stop.wait(seconds) if seconds else stop.is_set():
        raise DiagnosticError.of(
            "Download stopped", "The user asked to stop; the next run continues the download where it was."
        )


def _unavailable(url: str, reason: str) -> DiagnosticError:
    return DiagnosticError.of(
        "Image can't be downloaded", f"{url}: {reason}. Check the address, or fetch the image and give its path."
    )
