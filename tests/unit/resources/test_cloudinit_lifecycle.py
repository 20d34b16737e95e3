"""The life of a cloud-init seed, on a simulated host: all but its content."""

import base64
import gzip
from uuid import UUID, uuid5

import pytest
import yaml
from type_bench import Killed, TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.pools import start_pool, stop_pool
from kvmform.host.volumes import create_volume
from kvmform.resources.cloudinit_disk.lifecycle import seed_files
from kvmform.resources.cloudinit_disk.resource_type import CLOUDINIT_DISK
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.seed.lifecycle import key_of
from kvmform.schema import Disruption, Identity, Observed
from kvmform.values.model import Unknown
from kvmform.values.types import STRING

WRITTEN = {"name": "seed.iso", "pool": "images", "user_data": "#cloud-config\n"}
KEY = "/srv/images/seed.iso"
ID = f"{KEY};{uuid5(UUID(Identity('lineage', 'x').uuid), chr(0).join(['#cloud-config' + chr(10), '', '']))}"


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    bench = TypeBench(host, tmp_path)
    bench.create(POOL, {"name": "images", "type": "dir", "target": [{"path": "/srv/images"}]}, address="pool")
    bench.recorded.clear()
    yield bench
    host.close()


def pool_id(bench):
    return bench.host.inventory.pools.named("images").uuid


def test_how_the_id_begins_is_planned(bench):
    assert bench.propose(CLOUDINIT_DISK, WRITTEN)["id"] == Unknown(STRING, not_null=True, prefix=KEY)


def test_what_was_made_needs_no_change(bench):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    assert state["id"] == ID
    assert CLOUDINIT_DISK.read(bench.host, state).object == state
    assert bench.edits(CLOUDINIT_DISK, WRITTEN, state) == ()


@pytest.mark.parametrize("row", ["user_data", "meta_data", "network_config"])
def test_new_contents_are_another_id_and_read_by_the_guest_at_its_next_start(bench, row):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    changed = {**WRITTEN, row: "changed"}
    edits = bench.edits(CLOUDINIT_DISK, changed, state)
    assert {edit.path[0] for edit in edits} == {"id", row}
    assert {edit.effect.disruption for edit in edits} == {Disruption.NEXT_BOOT}
    state = bench.update(CLOUDINIT_DISK, changed, state)
    assert state[row] == "changed"
    assert state["id"] == next(edit.after for edit in edits if edit.path == ("id",)) != ID
    assert key_of(state["id"]) == KEY
    assert bench.edits(CLOUDINIT_DISK, changed, state) == ()


def test_an_update_that_was_killed_is_done_again(bench, monkeypatch):
    def killed(*_arguments):
        raise Killed

    state, changed = bench.create(CLOUDINIT_DISK, WRITTEN), {**WRITTEN, "user_data": "changed"}
    bench.recorded.clear()
    with monkeypatch.context() as patch:
        patch.setattr("kvmform.resources.volume.making.create_volume", killed)
        with pytest.raises(Killed):
            bench.update(CLOUDINIT_DISK, changed, state)
    assert bench.recorded == []
    assert CLOUDINIT_DISK.read(bench.host, state) is None
    assert bench.create(CLOUDINIT_DISK, changed)["user_data"] == "changed"


def test_what_another_compressor_made_of_the_same_contents_is_no_change(bench):
    first, other = (
        base64.b64encode(gzip.compress(b"#cloud-config\n" * 9, level, mtime=level)).decode() for level in (1, 9)
    )
    assert first != other
    state = bench.create(CLOUDINIT_DISK, {**WRITTEN, "user_data": first})
    assert bench.edits(CLOUDINIT_DISK, {**WRITTEN, "user_data": other}, state) == ()
    assert bench.propose(CLOUDINIT_DISK, {**WRITTEN, "user_data": other}, Observed(state))["user_data"] == first
    changed = base64.b64encode(gzip.compress(b"#cloud-config\n" * 8)).decode()
    for each in (changed, "#cloud-config\n" * 9, "H4sI", "H4sI!"):
        assert len(bench.edits(CLOUDINIT_DISK, {**WRITTEN, "user_data": each}, state)) == 2


def test_the_id_that_another_tool_gave_is_kept_as_long_as_the_contents(bench):
    state = {**bench.create(CLOUDINIT_DISK, WRITTEN), "id": f"{KEY};8d5ad3e6-9b4e-4b7e-a7c0-3fe4f4ff4f4f"}
    assert bench.edits(CLOUDINIT_DISK, WRITTEN, state) == ()
    changed = {**WRITTEN, "user_data": "changed"}
    assert bench.update(CLOUDINIT_DISK, changed, state)["id"] not in {ID, state["id"]}


@pytest.mark.parametrize("change", [{"name": "other.iso"}, {"pool": "other"}])
def test_another_place_means_another_volume(bench, change):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    [edit] = [edit for edit in bench.edits(CLOUDINIT_DISK, WRITTEN | change, state) if edit.path != ("id",)]
    assert edit.effect.disruption is Disruption.REPLACE


def test_the_instance_id_changes_with_the_contents():
    planned = {"user_data": "a", "meta_data": None, "network_config": None}
    identity = Identity("lineage", "x")
    first = seed_files(planned, identity)["meta-data"]
    assert first.startswith("instance-id: ")
    assert seed_files(planned, identity)["meta-data"] == first
    assert seed_files({**planned, "user_data": "b"}, identity)["meta-data"] != first
    assert seed_files({**planned, "network_config": "b"}, identity)["meta-data"] != first
    assert seed_files(planned, Identity("lineage", "y"))["meta-data"] != first


@pytest.mark.parametrize("text", ["instance-id: i-1\nlocal-hostname: web\n", "no: mapping: at all", "- a list"])
def test_meta_data_with_an_id_and_such_that_is_no_mapping_is_written_as_it_is(text):
    planned = {"user_data": None, "meta_data": text, "network_config": None}
    files = seed_files(planned, Identity("lineage", "x"))
    assert files == {"user-data": "", "meta-data": text, "network-config": ""}


@pytest.mark.parametrize(
    ("text", "hostname"),
    [
        ("local-hostname: web", "web"),
        ('{"local-hostname": "web"}', "web"),
        ("  local-hostname: w\u00f6b\n", "w\u00f6b"),
        ("---\nlocal-hostname: web\n...\n", "web"),
    ],
)
def test_meta_data_without_an_id_gets_one_that_changes_with_the_contents(text, hostname):
    def meta_data(user_data):
        planned = {"user_data": user_data, "meta_data": text, "network_config": None}
        return yaml.safe_load(seed_files(planned, Identity("lineage", "x"))["meta-data"])

    assert meta_data("a").keys() == {"local-hostname", "instance-id"}
    assert meta_data("a")["local-hostname"] == hostname
    assert meta_data("a") != meta_data("b")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [("instance-id: a", "instance-id: a", True), ("instance-id: a", "instance-id: b", False), (None, None, False)],
)
def test_it_is_told_when_cloud_init_will_not_carry_out_a_change(bench, before, after, told):
    state = bench.create(CLOUDINIT_DISK, {**WRITTEN, "meta_data": before})
    changed = {**WRITTEN, "user_data": "changed", "meta_data": after}
    problems = bench.check(CLOUDINIT_DISK, changed, CLOUDINIT_DISK.read(bench.host, state))
    assert [problem.path for problem in problems] == ([("user_data",)] if told else [])


def test_a_deleted_seed_is_gone_and_deleting_it_again_is_silent(bench):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    bench.delete(CLOUDINIT_DISK, state)
    assert CLOUDINIT_DISK.read(bench.host, state) is None
    bench.delete(CLOUDINIT_DISK, state)
    bench.delete(CLOUDINIT_DISK, {**state, "id": None})


def test_a_seed_in_an_inactive_pool_is_taken_to_be_there(bench):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    stop_pool(bench.host, pool_id(bench))
    assert CLOUDINIT_DISK.read(bench.host, state).object == state
    bench.delete(CLOUDINIT_DISK, state)
    start_pool(bench.host, pool_id(bench))
    assert CLOUDINIT_DISK.read(bench.host, state) is None


def test_state_knows_of_a_seed_before_it_is_made(bench, monkeypatch):
    def killed(*_arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("kvmform.resources.volume.making.create_volume", killed)
        with pytest.raises(Killed):
            bench.create(CLOUDINIT_DISK, WRITTEN)
    assert [recorded["id"] for recorded in bench.recorded] == [ID]
    assert bench.create(CLOUDINIT_DISK, WRITTEN, leftover=bench.recorded[-1])["id"] == ID


def test_a_leftover_under_another_name_goes(bench):
    bench.create(CLOUDINIT_DISK, WRITTEN)
    state = bench.create(CLOUDINIT_DISK, {**WRITTEN, "name": "new.iso"}, leftover=bench.recorded[-1])
    assert key_of(state["id"]) == "/srv/images/new.iso"
    assert [record.name for record in bench.host.inventory.volumes.of(pool_id(bench))] == ["new.iso"]


def test_a_volume_that_is_not_ours_is_left_alone(bench):
    create_volume(bench.host, pool_id(bench), "<volume><name>seed.iso</name><capacity>7</capacity></volume>")
    [problem] = bench.check(CLOUDINIT_DISK, WRITTEN)
    assert (problem.path, problem.diagnostic.summary) == (("name",), "Volume already exists")
    with pytest.raises(DiagnosticError, match="already exists"):
        bench.create(CLOUDINIT_DISK, WRITTEN)
    assert "<capacity unit='bytes'>7</capacity>" in bench.host.inventory.volumes.get(KEY).xml


def test_its_own_volume_is_in_nobodys_way(bench):
    state = bench.create(CLOUDINIT_DISK, WRITTEN)
    bench.planned.clear()
    observed = CLOUDINIT_DISK.read(bench.host, state)
    assert bench.check(CLOUDINIT_DISK, WRITTEN, observed, replace=True) == []
    assert bench.check(CLOUDINIT_DISK, {**WRITTEN, "user_data": "changed"}, observed) == []


def test_a_missing_pool_is_told(bench):
    [problem] = bench.check(CLOUDINIT_DISK, {**WRITTEN, "pool": "nowhere"})
    assert (problem.path, problem.diagnostic.summary) == (("pool",), "Storage pool not found")


@pytest.mark.parametrize(
    ("identity", "key"), [(ID, KEY), ("/a;b/seed.iso;1-2", "/a;b/seed.iso"), (KEY, KEY), (None, None)]
)
def test_the_id_leads_to_the_key(identity, key):
    assert key_of(identity) == key
