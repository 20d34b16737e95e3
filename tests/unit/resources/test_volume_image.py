"""Images are known by their header, never by their name."""

import struct

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.resources.volume.image import Image, describe_image, is_remote, local_path


def qcow2_header(version, capacity):
    return struct.pack(">4sIQIIQ", b"QFI\xfb", version, 0, 0, 16, capacity)


@pytest.mark.parametrize("version", [2, 3])
def test_qcow2_is_known_by_its_header(tmp_path, version):
    path = tmp_path / "image.raw"
    path.write_bytes(qcow2_header(version, 10 * 2**30).ljust(1000, b"\0"))
    assert describe_image(path) == Image(path, "qcow2", 10 * 2**30, 1000)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", qcow2_header(1, 5), qcow2_header(3, 5)[:20], b"\0" * 32768 + b"\1CD001", b"QFI\xfa" + b"\0" * 600],
    ids=["empty", "short", "qcow1", "cut off", "iso", "other magic"],
)
def test_anything_else_is_raw_and_as_large_as_its_file(tmp_path, content):
    path = tmp_path / "image.qcow2"
    path.write_bytes(content)
    assert describe_image(path) == Image(path, "raw", len(content), len(content))


def test_a_missing_image_is_told_with_its_absolute_path(tmp_path):
    with pytest.raises(DiagnosticError, match="Image not found") as caught:
        describe_image(tmp_path / "nowhere.img")
    assert str(tmp_path / "nowhere.img") in caught.value.diagnostics[0].detail


def test_a_directory_is_no_image(tmp_path):
    with pytest.raises(DiagnosticError, match="can't be read"):
        describe_image(tmp_path)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("disk.img", "/lab/disk.img"),
        ("./images/disk.img", "/lab/images/disk.img"),
        ("/srv/disk.img", "/srv/disk.img"),
        ("file:///srv/my%20disk.img", "/srv/my disk.img"),
        ("file://images/disk.img", "/lab/images/disk.img"),
    ],
)
def test_local_sources_start_at_the_base_directory(tmp_path, source, path):
    assert str(local_path(source, tmp_path)).replace(str(tmp_path), "/lab") == path


@pytest.mark.parametrize("source", ["ftp://host/x", "s3://bucket/x"])
def test_other_urls_are_refused(tmp_path, source):
    with pytest.raises(DiagnosticError, match="Unsupported image source"):
        local_path(source, tmp_path)


@pytest.mark.parametrize(
    ("source", "remote"),
    [("http://h/x", True), ("https://h/x", True), ("HTTPS://h/x", True), ("file:///x", False), ("http/x", False)],
)
def test_only_http_is_fetched(source, remote):
    assert is_remote(source) is remote
