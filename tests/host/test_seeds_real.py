"""Seeds on a real host: what a guest will find in them."""

import subprocess
from pathlib import Path

import pytest
from type_bench import TypeBench

from kvmform.host.host import open_host
from kvmform.resources.cloudinit_disk.resource_type import CLOUDINIT_DISK
from kvmform.resources.combustion.resource_type import COMBUSTION
from kvmform.resources.ignition.resource_type import IGNITION
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.seed.lifecycle import key_of

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


@pytest.mark.changes(
    "libvirt_ignition.content",
    "libvirt_ignition.name",
    "libvirt_ignition.pool",
    "libvirt_combustion.content",
    "libvirt_combustion.name",
    "libvirt_combustion.pool",
)
@pytest.mark.parametrize("kind", [IGNITION, COMBUSTION], ids=lambda kind: kind.name)
def test_a_volume_holds_the_content_and_nothing_else(bench, tmp_path, kind):
    wanted = {"name": "config", "pool": "seeds", "content": '{"ignition": {"version": "3.4.0"}}'}
    state = bench.create(kind, wanted)
    for content in (wanted["content"], '{"ignition": {}}', '{"longer": "' + "x" * 5000 + '"}'):
        changed = {**wanted, "content": content}
        state = bench.update(kind, changed, state) if content != state["content"] else state
        assert Path(key_of(state["id"])).read_text() == content
        assert bench.edits(kind, changed, state) == ()
    elsewhere(bench, tmp_path, kind, changed, state)


@pytest.mark.changes(
    "libvirt_cloudinit_disk.user_data", "libvirt_cloudinit_disk.meta_data", "libvirt_cloudinit_disk.network_config"
)
def test_each_file_of_the_image_is_written_anew(bench):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    instance = file_in(key_of(state["id"]), "meta-data")
    wanted = dict(WRITTEN)
    for row, name in (("user_data", "user-data"), ("network_config", "network-config"), ("meta_data", "meta-data")):
        wanted[row] = f"changed: {row}\n"
        before, state = state, bench.update(CLOUDINIT_DISK, wanted, state)
        assert file_in(key_of(state["id"]), name).startswith(wanted[row])
        assert state["id"] != before["id"]
        assert bench.edits(CLOUDINIT_DISK, wanted, state) == ()
    assert "instance-id: " in file_in(key_of(state["id"]), "meta-data")
    assert instance not in file_in(key_of(state["id"]), "meta-data")
    bench.delete(CLOUDINIT_DISK, state)


@pytest.mark.changes("libvirt_cloudinit_disk.name", "libvirt_cloudinit_disk.pool")
def test_another_place_is_another_volume(bench, tmp_path):
    elsewhere(bench, tmp_path, CLOUDINIT_DISK, WRITTEN, bench.create(CLOUDINIT_DISK, WRITTEN))


def elsewhere(bench, tmp_path, kind, written, state):
    """The seed under another name, and in another pool; then it is deleted."""
    other = bench.create(POOL, {"name": "others", "type": "dir", "path": f"{tmp_path}/others"}, address="others")
    for place in ({"name": "other"}, {"pool": "others"}):
        before = Path(key_of(state["id"]))
        written = written | place
        edits = {edit.path: edit.effect for edit in bench.edits(kind, written, state)}
        assert edits[next(iter(place)),].replaces
        bench.delete(kind, state)
        state = bench.create(kind, written)
        after = Path(key_of(state["id"]))
        assert (before.exists(), after.exists()) == (False, True)
        assert bench.edits(kind, written, state) == ()
    assert after == tmp_path / "others" / "other"
    bench.delete(kind, state)
    bench.delete(POOL, other)


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
