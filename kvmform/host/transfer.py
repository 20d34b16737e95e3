"""Content of volumes, to the host and back, through libvirt's streams.

Data goes in pieces of 262,120 bytes: what fits into one message of libvirt's protocol, which
is twice as fast as smaller or larger pieces. Holes of a sparse file are sent as holes, so
an image of 20 GB with 1 GB in it takes the time and the space of 1 GB.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from kvmform.host.binding import libvirt
from kvmform.host.connection import Connection
from kvmform.host.errors import HostError, NoSpaceError, StoppedError
from kvmform.host.host import Host
from kvmform.host.operation import Kind, Operation

__all__ = ["Progress", "download_volume", "upload_file", "upload_stream"]

Progress = Callable[[int, int | None], None]
"""Told the bytes done, and those in all if that is known."""

_PIECE = 262_120


def upload_file(
    host: Host,
    key: str,
    source: Path,
    *,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Put the content of a file into a volume (by key) that was made for it and holds nothing yet.

    The file may be an image of another format than the volume was made with (qcow2 in a raw volume, to copy it
    as it is). libvirt sees that when it scans the pool, which it does some time after an upload, and not at all while
    another volume is being copied; until then it would resize the volume as a raw one. So it is scanned here.

    Raises:
        HostError: StoppedError after `stop` was set; the volume's content is then incomplete.
    """
    try:
        file = source.open("rb", buffering=0)
    except OSError as problem:
        raise HostError.of("Cannot read the image", f"{source} can't be opened: {problem.strerror}.") from problem
    with file:
        length = os.fstat(file.fileno()).st_size
        pieces = _pieces_of_file(file.fileno(), length)
        _upload(host, key, pieces, length, progress=progress, stop=stop)
    host.write(
        Operation("scan the storage pool of", Kind.VOLUME, key),
        lambda connection: connection.volume(key).storagePoolLookupByVolume().refresh(0),
    )


def upload_stream(
    host: Host,
    key: str,
    source: BinaryIO,
    length: int | None,
    *,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Put what a stream gives, up to its end, into a volume (by key) of that format; `length` in bytes, if known.

    Raises:
        HostError: StoppedError after `stop` was set; the volume's content is then incomplete.
    """
    _upload(host, key, iter(lambda: source.read(_PIECE), b""), length, progress=progress, stop=stop)


def download_volume(
    host: Host,
    key: str,
    target: BinaryIO,
    *,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Write the content of a volume (by key), as the host stores it, to a stream.

    Raises:
        HostError: StoppedError after `stop` was set.
    """

    def download(connection: Connection) -> None:
        stream = connection.raw.newStream(0)
        connection.volume(key).download(stream, 0, 0, 0)
        done = 0
        try:
            while piece := stream.recv(_PIECE):
                target.write(piece)
                done += len(piece)
                _report(done, None, progress, stop)
        except BaseException:
            _abort(stream)
            raise
        stream.finish()

    host.transfer(Operation("download", Kind.VOLUME, key), download)


def _pieces_of_file(descriptor: int, length: int) -> Iterator[bytes | int]:
    """Data as bytes, holes as their number of bytes."""
    at = 0
    while at < length:
        try:
            data = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError:
            data = length  # Nothing but a hole is left.
        if data > at:
            yield data - at
            at = data
            continue
        end = min(length, os.lseek(descriptor, at, os.SEEK_HOLE))
        while at < end and (piece := os.pread(descriptor, min(_PIECE, end - at), at)):
            yield piece
            at += len(piece)


def _upload(
    host: Host,
    key: str,
    pieces: Iterator[bytes | int],
    length: int | None,
    *,
    progress: Progress | None,
    stop: threading.Event | None,
) -> None:
    operation = Operation("upload", Kind.VOLUME, key)

    def upload(connection: Connection) -> None:
        stream = connection.raw.newStream(0)
        connection.volume(key).upload(stream, 0, length or 0, libvirt.VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM)
        done = data = 0
        try:
            for piece in pieces:
                done += _send(stream, piece)
                data += 0 if isinstance(piece, int) else len(piece)
                _report(done, length, progress, stop)
        except BaseException:
            _abort(stream)
            raise
        stream.finish()
        _reject_cut_off(operation, connection.volume(key), data)

    host.transfer(operation, upload)


def _reject_cut_off(operation: Operation, volume: Any, sent: int) -> None:
    """Notice what libvirt may not tell: that the disk was full before the last bytes of an upload were written.

    Less may be allocated than was sent where a file system compresses; but then there is room left.
    """
    missing = sent - volume.info()[2]
    if missing <= 0:
        return
    pool = volume.storagePoolLookupByVolume()
    pool.refresh(0)
    if pool.info()[3] < missing:
        raise NoSpaceError.of(
            f"Cannot {operation}",
            f"The disk of the storage pool is full: of the {sent} bytes of data {missing} were not written. Make room "
            "on the host, or use a storage pool on a larger disk.",
        )


def _send(stream: Any, piece: bytes | int) -> int:
    if isinstance(piece, int):
        stream.sendHole(piece)
        return piece
    sent = stream.send(piece)
    while sent < len(piece):
        sent += stream.send(piece[sent:])
    return len(piece)


def _report(done: int, length: int | None, progress: Progress | None, stop: threading.Event | None) -> None:
    if progress is not None:
        progress(done, length)
    if stop is not None and stop.is_set():
        raise StoppedError.of("Copy stopped", f"It was stopped after {done} bytes; the content is incomplete.")


def _abort(stream: Any) -> None:
    try:
        stream.abort()
    except libvirt.libvirtError:
        return  # It broke by itself, which is what is being told.
