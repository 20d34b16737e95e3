"""Moving content of volumes: holes, progress, stopping, and what becomes of the stream."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any

import libvirt
import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.host import Host
from kvmform.host.connection import ConnectionPool
from kvmform.host.errors import HostError, NoSpaceError, StoppedError
from kvmform.host.transfer import _pieces_of_file, download_volume, upload_file, upload_stream

MIB = 1024 * 1024


class Stream:
    """A virStream that keeps what it is sent, and gives out what it is told to."""

    def __init__(self, content: bytes = b"", fails: bool = False) -> None:
        self.sent = bytearray()
        self.content = io.BytesIO(content)
        self.fails = fails
        self.end = ""

    def send(self, data: bytes) -> int:
        if self.fails:
            raise libvirt.libvirtError("the daemon has gone")
        taken = data[:200_000]  # a stream may take less than it is offered
        self.sent += taken
        return len(taken)

    def sendHole(self, length: int) -> None:  # noqa: N802 - libvirt's name
        self.sent += bytes(length)

    def recv(self, length: int) -> bytes:
        return self.content.read(length)

    def finish(self) -> None:
        self.end = "finished"

    def abort(self) -> None:
        self.end = "aborted"


class RawConnection:
    """A virConnect and its one volume, which is itself."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.announced: tuple[int, ...] = ()
        self.scans = 0
        self.allocated = self.available = 100 * MIB

    def info(self) -> list[int]:
        """A volume's has what it occupies behind its capacity, a pool's what is free behind that."""
        return [0, 0, self.allocated, self.available]

    def newStream(self, _flags: int) -> Stream:  # noqa: N802 - libvirt's name
        return self.stream

    def storageVolLookupByKey(self, _key: str) -> RawConnection:  # noqa: N802 - libvirt's name
        return self

    def storagePoolLookupByVolume(self) -> RawConnection:  # noqa: N802 - libvirt's name
        return self

    def refresh(self, _flags: int) -> None:
        self.scans += 1

    def upload(self, _stream: Stream, *announced: int) -> None:
        self.announced = announced

    def download(self, _stream: Stream, *announced: int) -> None:
        self.announced = announced

    def close(self) -> None:
        pass


def make_host(stream: Stream) -> tuple[Host, RawConnection]:
    raw = RawConnection(stream)
    return Host("qemu:///system", ConnectionPool(lambda: raw, limit=1)), raw


def sparse_file(path: Path) -> bytes:
    """A file with data, a hole, data and a hole at the end; its content."""
    with path.open("wb") as file:
        file.write(os.urandom(MIB))
        file.seek(9 * MIB)
        file.write(os.urandom(300_000))
        file.truncate(16 * MIB)
    return path.read_bytes()


def test_a_file_is_uploaded_with_its_holes(tmp_path: Path) -> None:
    content = sparse_file(tmp_path / "image")
    stream = Stream()
    host, raw = make_host(stream)
    told: list[tuple[int, int | None]] = []
    upload_file(host, "/p/v", tmp_path / "image", progress=lambda done, total: told.append((done, total)))
    assert bytes(stream.sent) == content
    assert stream.end == "finished"
    assert raw.scans == 1
    assert raw.announced == (0, 16 * MIB, libvirt.VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM)
    assert told[-1] == (16 * MIB, 16 * MIB)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_holes_are_sent_as_their_length(tmp_path: Path) -> None:
    content = sparse_file(tmp_path / "image")
    with (tmp_path / "image").open("rb") as file:
        pieces = list(_pieces_of_file(file.fileno(), len(content)))
    holes = [piece for piece in pieces if isinstance(piece, int)]
    assert sum(holes) > 14 * MIB
    assert max(len(piece) for piece in pieces if isinstance(piece, bytes)) == 262_120


@pytest.mark.parametrize("content", [b"", b"x", bytes(262_120), os.urandom(262_121)])
def test_files_of_any_length_arrive_whole(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(content)
    stream = Stream()
    upload_file(make_host(stream)[0], "/p/v", tmp_path / "image")
    assert bytes(stream.sent) == content


def test_a_stream_of_unknown_length_is_uploaded() -> None:
    content = os.urandom(MIB)
    stream = Stream()
    host, raw = make_host(stream)
    upload_stream(host, "/p/v", io.BytesIO(content), None)
    assert bytes(stream.sent) == content
    assert raw.announced[:2] == (0, 0)


def test_stopping_aborts_the_stream(tmp_path: Path) -> None:
    sparse_file(tmp_path / "image")
    stream, stop = Stream(), threading.Event()
    with pytest.raises(StoppedError, match="Copy stopped"):
        upload_file(
            make_host(stream)[0], "/p/v", tmp_path / "image", progress=lambda _done, _total: stop.set(), stop=stop
        )
    assert stream.end == "aborted"
    assert len(stream.sent) == 262_120


def test_a_failure_of_the_stream_is_told_and_aborts_it() -> None:
    stream = Stream(fails=True)
    with pytest.raises(HostError, match='Cannot upload storage volume "/p/v"'):
        upload_stream(make_host(stream)[0], "/p/v", io.BytesIO(b"data"), 4)
    assert stream.end == "aborted"


def test_a_full_disk_is_noticed_where_libvirt_is_silent() -> None:
    host, raw = make_host(Stream())
    raw.allocated, raw.available = 4096, 0
    with pytest.raises(NoSpaceError, match='Cannot upload storage volume "/p/v"'):
        upload_stream(host, "/p/v", io.BytesIO(bytes(MIB)), MIB)


def test_a_file_system_that_compresses_is_not_full() -> None:
    host, raw = make_host(Stream())
    raw.allocated = 4096
    upload_stream(host, "/p/v", io.BytesIO(bytes(MIB)), MIB)
    assert raw.stream.end == "finished"


def test_a_failure_of_the_source_aborts_the_stream() -> None:
    class Broken(io.RawIOBase):
        def read(self, _size: int = -1) -> Any:
            raise OSError("the server hung up")

    stream = Stream()
    with pytest.raises(OSError, match="hung up"):
        upload_stream(make_host(stream)[0], "/p/v", Broken(), None)
    assert stream.end == "aborted"


def test_a_missing_image_is_a_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError, match="Cannot read the image"):
        upload_file(make_host(Stream())[0], "/p/v", tmp_path / "none")


def test_a_volume_is_downloaded() -> None:
    content = os.urandom(MIB)
    stream, target = Stream(content), io.BytesIO()
    told: list[int] = []
    download_volume(make_host(stream)[0], "/p/v", target, progress=lambda done, _total: told.append(done))
    assert target.getvalue() == content
    assert told[-1] == MIB
    assert stream.end == "finished"


def test_a_download_can_be_stopped() -> None:
    stream, stop = Stream(bytes(MIB)), threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        download_volume(make_host(stream)[0], "/p/v", io.BytesIO(), stop=stop)
    assert stream.end == "aborted"
