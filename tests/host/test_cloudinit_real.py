"""Cloud-init seeds on a real host: what a guest will find in them."""

import subprocess
from pathlib import Path

import pytest
from type_bench import TypeBench

from kvmform.host.host import open_host
from kvmform.resources.cloudinit_disk import CLOUDINIT_DISK
from kvmform.resources.cloudinit_disk.lifecycle import key_of
from kvmform.resources.pool import POOL

pytestmark = pytest.mark.libvirt


@pytest.fixture
def bench(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    bench = TypeBench(host, tmp_path)
    pool = bench.create(POOL, {"name": "seeds", "type": "dir", "path": f"{tmp_path}/pool"}, address="pool")
    yield bench
    bench.delete(POOL, pool)
    host.close()


WRITTEN = {"name": "seed.iso", "pool": "seeds", "user_data": "#cloud-config\nhostname: web\n"}


def file_in(image, name):
    """A file of the image, as an independent reader finds it by its Rock Ridge name."""
    words = ["isoinfo", "-R", "-x", f"/{name}", "-i", image]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_the_guest_finds_its_files(bench):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    image = key_of(state["id"])
    assert file_in(image, "user-data") == WRITTEN["user_data"]
    assert file_in(image, "meta-data").startswith("instance-id: ")
    assert file_in(image, "network-config") == ""
    assert bench.edits(CLOUDINIT_DISK, WRITTEN, state) == ()
    assert CLOUDINIT_DISK.read(bench.host, state).object == state
    bench.delete(CLOUDINIT_DISK, state)
    assert not Path(image).exists()


def test_a_running_guest_keeps_the_file_that_it_has_open(bench):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    image = Path(key_of(state["id"]))
    before = image.read_bytes()
    with image.open("rb") as open_in_the_guest:
        changed = {**WRITTEN, "user_data": "#cloud-config\nhostname: db\n"}
        state = bench.update(CLOUDINIT_DISK, changed, state)
        assert open_in_the_guest.read() == before
    assert file_in(image, "user-data") == changed["user_data"]
    assert bench.edits(CLOUDINIT_DISK, changed, state) == ()
    bench.delete(CLOUDINIT_DISK, state)


def test_a_shorter_seed_leaves_nothing_of_a_longer_one(bench):
    state = bench.create(CLOUDINIT_DISK, {**WRITTEN, "user_data": "x" * 200_000})
    image = Path(key_of(state["id"]))
    long = image.stat().st_size
    state = bench.update(CLOUDINIT_DISK, WRITTEN, state)
    assert image.stat().st_size < long - 150_000
    bench.delete(CLOUDINIT_DISK, state)
