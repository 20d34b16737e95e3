"""What can't work is told when a volume is planned."""

import struct

import pytest
from type_bench import TypeBench

from kvmform.host.host import open_host
from kvmform.host.pools import define_pool, start_pool
from kvmform.host.volumes import create_volume
from kvmform.resources.cloudinit_disk.resource_type import CLOUDINIT_DISK
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.volume.resource_type import VOLUME
from kvmform.values.model import UNKNOWN, Unknown
from kvmform.values.types import STRING

GIB = 2**30
PLANNED_POOL = {"name": "images", "type": "dir", "target": [{"path": "/srv/images"}]}
VOLUME_IN_POOL = {"name": "data", "pool": "images"}
UUID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def bench(tmp_path):
    """A host with the pool `images`, with a volume `base` of 2 GiB; 100 GiB are left in it."""
    host = open_host("test+file:host.xml", tmp_path)
    define_pool(
        host,
        f"<pool type='dir'><name>images</name><uuid>{UUID}</uuid><target><path>/srv/images</path></target></pool>",
    )
    start_pool(host, UUID)
    create_volume(host, UUID, f"<volume><name>base</name><capacity>{2 * GIB}</capacity></volume>")
    (tmp_path / "raw.img").write_bytes(b"x" * 5000)
    (tmp_path / "image.qcow2").write_bytes(struct.pack(">4sIQIIQ", b"QFI\xfb", 3, 0, 0, 16, 10 * GIB))
    yield TypeBench(host, tmp_path)
    host.close()


def found(problems):
    return [(problem.path, problem.diagnostic.summary) for problem in problems]


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"size": 5},
        {"source": "raw.img"},
        {"source": "image.qcow2", "size": 10 * GIB, "format": "qcow2"},
        {"source": "image.qcow2", "format": "raw"},
        {"source": "raw.img", "format": "qcow2", "size": 9999},
        {"source": "http://example.org/image.qcow2"},
        {"source": UNKNOWN},
        {"source": "", "base_volume_name": "base"},
        {"base_volume_name": "base", "base_volume_id": Unknown(STRING)},
        {"base_volume_id": "/srv/images/base", "size": 2 * GIB},
        {"base_volume_name": "base", "base_volume_pool": "images", "size": UNKNOWN},
        {"base_volume_name": "planned"},
        {"base_volume_id": "/planned"},
        {"name": UNKNOWN},
        {"pool": UNKNOWN},
        {"format": UNKNOWN},
    ],
)
def test_what_can_work_has_no_problems(bench, written):
    bench.planned["libvirt_volume"] = [{"name": "planned", "pool": "images", "id": "/planned"}]
    assert bench.check(VOLUME, VOLUME_IN_POOL | written) == []


@pytest.mark.parametrize(
    ("written", "path", "summary"),
    [
        ({"pool": "nowhere"}, "pool", "Storage pool not found"),
        ({"name": "a/b"}, "name", "Invalid volume name"),
        ({"name": ".."}, "name", "Invalid volume name"),
        ({"name": "base"}, "name", "Volume already exists"),
        ({"format": "cow"}, "format", "Unsupported volume format"),
        ({"source": "nowhere.img"}, "source", "Image not found"),
        ({"source": "ftp://host/image"}, "source", "Unsupported image source"),
        ({"source": "raw.img", "size": 4999}, "size", "Volume too small"),
        ({"source": "image.qcow2", "size": 10 * GIB - 1}, "size", "Volume too small"),
        ({"source": "raw.img", "base_volume_id": "/x"}, "base_volume_id", "Conflicting arguments"),
        (
            {"source": "raw.img", "base_volume_id": Unknown(STRING, not_null=True)},
            "base_volume_id",
            "Conflicting arguments",
        ),
        ({"base_volume_name": "base", "base_volume_id": "/x"}, "base_volume_name", "Conflicting arguments"),
        ({"base_volume_name": "base", "format": "raw"}, "format", "Linked clones are not raw"),
        ({"base_volume_name": "base", "size": GIB}, "size", "Volume too small"),
        ({"base_volume_name": "nowhere"}, "base_volume_name", "Base volume not found"),
        ({"base_volume_id": "/nowhere"}, "base_volume_id", "Base volume not found"),
        ({"base_volume_name": "base", "base_volume_pool": "nowhere"}, "base_volume_name", "Base volume not found"),
    ],
)
def test_what_cannot_work_is_told_at_its_argument(bench, written, path, summary):
    assert found(bench.check(VOLUME, VOLUME_IN_POOL | written)) == [((path,), summary)]


def test_a_missing_image_is_told_with_its_absolute_path(bench, tmp_path):
    [problem] = bench.check(VOLUME, {**VOLUME_IN_POOL, "source": "nowhere.img"})
    assert str(tmp_path / "nowhere.img") in problem.diagnostic.detail


def test_an_image_that_does_not_fit_is_told(bench, tmp_path):
    with (tmp_path / "huge.img").open("wb") as file:
        file.truncate(101 * GIB)
    [problem] = bench.check(VOLUME, {**VOLUME_IN_POOL, "source": "huge.img"})
    assert found([problem]) == [(("source",), "Not enough space")]


def test_a_pool_that_is_planned_will_be_there(bench):
    bench.propose(POOL, {**PLANNED_POOL, "name": "new"})
    assert bench.check(VOLUME, {"name": "data", "pool": "new"}) == []


def test_a_pool_that_is_made_again_is_empty(bench):
    bench.propose(POOL, PLANNED_POOL)
    assert bench.check(VOLUME, {"name": "base", "pool": "images"}) == []


@pytest.mark.parametrize("kind", [VOLUME, CLOUDINIT_DISK])
def test_a_place_planned_twice_is_told(bench, kind):
    bench.propose(kind, VOLUME_IN_POOL, address="first")
    assert found(bench.check(VOLUME, VOLUME_IN_POOL)) == [(("name",), "Name used twice")]


@pytest.mark.parametrize("replace", [True, False])
def test_its_own_old_volume_is_in_nobodys_way(bench, replace):
    observed = VOLUME.read(bench.host, {"id": "/srv/images/base", "name": "base"})
    assert bench.check(VOLUME, {"name": "base", "pool": "images", "size": GIB}, observed, replace=replace) == []


def test_a_foreign_volume_in_the_way_of_a_replacement_is_told(bench):
    create_volume(bench.host, UUID, "<volume><name>foreign</name><capacity>1</capacity></volume>")
    observed = VOLUME.read(bench.host, {"id": "/srv/images/base", "name": "base"})
    problems = bench.check(VOLUME, {"name": "foreign", "pool": "images"}, observed, replace=True)
    assert found(problems) == [(("name",), "Volume already exists")]
