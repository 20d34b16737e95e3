"""Checksums: how they are written, what files of them look like, and that an image has the one it should have."""

import hashlib
import threading

import pytest
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.volume.checksum import (
    Checksum,
    is_address,
    is_digest,
    listed_checksum,
    reject_other,
    written_checksum,
)
from kvmform.resources.volume.resource_type import VOLUME
from kvmform.resources.volume.schema import SCHEMA
from kvmform.schema import Disruption

CONTENT = b"an image"
ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512")
OTHER = "0" * 64


def digest(algorithm="sha256", content=CONTENT):
    return hashlib.new(algorithm, content).hexdigest()


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    bench = TypeBench(host, tmp_path)
    bench.create(POOL, {"name": "images", "type": "dir", "target": [{"path": "/srv/images"}]}, address="pool")
    (tmp_path / "image.img").write_bytes(CONTENT)
    yield bench
    host.close()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_is_known(algorithm, tmp_path):
    text = f"{algorithm}:{digest(algorithm).upper()}"
    assert is_digest(text)
    (tmp_path / "image").write_bytes(CONTENT)
    reject_other(tmp_path / "image", written_checksum(text), "image", lambda *_: None, threading.Event())
    (tmp_path / "image").write_bytes(b"another")
    with pytest.raises(DiagnosticError, match="another checksum"):
        reject_other(tmp_path / "image", written_checksum(text), "image", lambda *_: None, threading.Event())


@pytest.mark.parametrize("text", ["sha256", f"sha256:{'0' * 63}", f"sha256:{'x' * 64}", "crc:1234", digest()])
def test_what_is_no_checksum_is_refused_by_validate(text):
    assert not is_digest(text)
    assert not is_address(text)
    written = dict.fromkeys(SCHEMA.rows) | {"checksum": text, "source": "x", "permissions": [], "xml": []}
    problems = [problem for rule in SCHEMA.rules for problem in rule(written)]
    assert [(problem.path, problem.diagnostic.summary) for problem in problems] == [(("checksum",), "Invalid checksum")]


@pytest.mark.parametrize(
    "listing",
    [
        f"{OTHER}  other.qcow2\n{digest()}  a b.qcow2\n",
        f"{OTHER} *other.qcow2\r\n{digest()} *./sub/a b.qcow2\r\n",
        f"# made by hand\nSHA256 (other.qcow2) = {OTHER}\nSHA256 (a b.qcow2) = {digest().upper()}\n",
        f"{digest()}\n",
    ],
)
def test_a_listing_has_the_checksum_of_the_image(listing):
    found = listed_checksum(listing, "https://host/SHA256SUMS", "https://host/a%20b.qcow2?x=1")
    assert found == Checksum("sha256", digest())


def test_a_listing_without_the_image_is_told():
    with pytest.raises(DiagnosticError, match="No checksum of the image"):
        listed_checksum(f"{OTHER}  other.qcow2", "https://host/SHA256SUMS", "image.img")


@pytest.mark.parametrize("checksum", [f"sha256:{digest()}", f"md5:{digest('md5')}", "file://SUMS"])
def test_an_image_of_its_checksum_becomes_a_volume(bench, tmp_path, checksum):
    (tmp_path / "SUMS").write_text(f"{digest()}  image.img\n")
    written = {"name": "disk", "pool": "images", "source": "image.img"}
    written["checksum"] = checksum.replace("file://", f"file://{tmp_path}/")
    state = bench.create(VOLUME, written)
    assert bench.edits(VOLUME, written, state) == ()


def test_nothing_is_made_of_another_image(bench):
    written = {"name": "disk", "pool": "images", "source": "image.img", "checksum": f"sha256:{OTHER}"}
    with pytest.raises(DiagnosticError, match="another checksum") as told:
        bench.create(VOLUME, written)
    assert f"adds up to sha256:{digest()}" in told.value.diagnostics[0].detail
    assert bench.recorded == [bench.recorded[0]]  # that of the storage pool
    assert bench.host.inventory.volumes.get("/srv/images/disk") is None


@pytest.mark.parametrize(
    ("before", "after", "effects"),
    [
        (None, f"sha256:{digest()}", {Disruption.NONE}),
        (f"sha256:{digest()}", None, {Disruption.NONE}),
        (f"sha256:{digest()}", f"sha256:{digest().upper()}", set()),
        (f"sha256:{digest()}", f"sha256:{OTHER}", {Disruption.DATA_LOSS}),
    ],
)
def test_another_checksum_means_another_image(bench, before, after, effects):
    written = {"name": "disk", "pool": "images", "source": "image.img"}
    state = bench.create(VOLUME, {**written, "checksum": before})
    edits = bench.edits(VOLUME, {**written, "checksum": after}, state)
    assert {edit.effect.disruption for edit in edits} == effects
    if edits and Disruption.DATA_LOSS not in effects:
        state = bench.update(VOLUME, {**written, "checksum": after}, state)
        assert bench.edits(VOLUME, {**written, "checksum": after}, state) == ()


@pytest.mark.parametrize(
    ("permissions", "path"),
    [
        ({"mode": "rw"}, ("permissions", 0, "mode")),
        ({"mode": "0648"}, ("permissions", 0, "mode")),
        ({"owner": "root"}, ("permissions", 0, "owner")),
        ({"group": "-1"}, ("permissions", 0, "group")),
    ],
)
def test_permissions_are_numbers(permissions, path):
    block = {"mode": None, "owner": None, "group": None} | permissions
    written = dict.fromkeys(SCHEMA.rows) | {"permissions": [block], "xml": []}
    assert [problem.path for rule in SCHEMA.rules for problem in rule(written)] == [path]


def test_a_checksum_of_no_image_is_told():
    written = dict.fromkeys(SCHEMA.rows) | {"checksum": f"md5:{'0' * 32}", "permissions": [], "xml": []}
    problems = [problem.diagnostic.summary for rule in SCHEMA.rules for problem in rule(written)]
    assert problems == ["Checksum of no image"]
