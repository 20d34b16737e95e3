"""The life of a volume, on a simulated host: all but its content."""

import struct

import pytest
from type_bench import Killed, TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.pools import start_pool, stop_pool
from kvmform.host.volumes import create_volume
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.volume import lifecycle as volume_lifecycle
from kvmform.resources.volume.resource_type import VOLUME
from kvmform.schema import Disruption
from kvmform.values.model import Unknown
from kvmform.values.types import STRING

GIB = 2**30
EMPTY = {"name": "data", "pool": "images", "size": GIB}
KEY = "/srv/images/data"


def qcow2(path, capacity):
    path.write_bytes(struct.pack(">4sIQIIQ", b"QFI\xfb", 3, 0, 0, 16, capacity).ljust(1024, b"\0"))


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    bench = TypeBench(host, tmp_path)
    bench.create(POOL, {"name": "images", "type": "dir", "target": [{"path": "/srv/images"}]}, address="pool")
    bench.recorded.clear()
    yield bench
    host.close()


@pytest.fixture
def base(bench):
    """A base volume of 2 GiB that exists."""
    return bench.create(VOLUME, {"name": "base", "pool": "images", "size": 2 * GIB}, address="base")


def pool_id(bench):
    return bench.host.inventory.pools.named("images").uuid


def names(bench):
    return [record.name for record in bench.host.inventory.volumes.of(pool_id(bench))]


def test_the_key_is_planned_where_the_pool_is(bench):
    assert bench.propose(VOLUME, EMPTY)["id"] == Unknown(STRING, not_null=True, prefix=KEY)
    assert bench.propose(VOLUME, {**EMPTY, "pool": "elsewhere"})["id"] == Unknown(STRING, not_null=True)


@pytest.mark.parametrize(
    ("written", "size", "format_"),
    [
        ({}, Unknown, "qcow2"),
        ({"size": 5}, 5, "qcow2"),
        ({"size": 0, "format": ""}, Unknown, "qcow2"),
        ({"format": "raw"}, Unknown, "raw"),
        ({"source": "image"}, Unknown, Unknown),
        ({"base_volume_id": "/base"}, Unknown, "qcow2"),
    ],
)
def test_what_is_not_written_is_planned_as_far_as_it_is_known(bench, written, size, format_):
    planned = bench.propose(VOLUME, {"name": "data", **written})
    for value, expected in ((planned["size"], size), (planned["format"], format_)):
        assert isinstance(value, Unknown) if expected is Unknown else value == expected


@pytest.mark.usefixtures("base")
@pytest.mark.parametrize(
    "written",
    [
        EMPTY,
        {**EMPTY, "format": "raw"},
        {**EMPTY, "size": 1000},
        {"name": "data", "pool": "images"},
        {"name": "data", "pool": "images", "base_volume_name": "base"},
        {"name": "data", "pool": "images", "base_volume_id": "/srv/images/base", "size": 3 * GIB},
        {"name": "data", "pool": "images", "source": "image.qcow2"},
        {"name": "data", "pool": "images", "source": "image.qcow2", "size": 20 * GIB},
    ],
)
def test_what_was_made_needs_no_change(bench, tmp_path, written):
    qcow2(tmp_path / "image.qcow2", 10 * GIB)
    state = bench.create(VOLUME, written)
    assert state["id"] == KEY
    assert VOLUME.read(bench.host, state).object == state
    assert bench.edits(VOLUME, written, state) == ()


def test_a_simulated_volume_has_the_size_and_format_of_its_image(bench, tmp_path):
    qcow2(tmp_path / "image.qcow2", 10 * GIB)
    state = bench.create(VOLUME, {"name": "data", "pool": "images", "source": "image.qcow2"})
    assert (state["size"], state["format"]) == (10 * GIB, "qcow2")


def test_a_linked_clone_is_as_large_as_its_base(bench, base):
    state = bench.create(VOLUME, {"name": "data", "pool": "images", "base_volume_id": base["id"]})
    assert state["size"] == 2 * GIB
    assert "<path>/srv/images/base</path>" in bench.host.inventory.volumes.get(KEY).xml


def test_growing_happens_in_place(bench):
    state = bench.create(VOLUME, EMPTY)
    larger = {**EMPTY, "size": 2 * GIB}
    [edit] = bench.edits(VOLUME, larger, state)
    assert edit.effect.disruption is Disruption.LIVE
    assert bench.update(VOLUME, larger, state)["size"] == 2 * GIB
    assert bench.edits(VOLUME, larger, state) == ()


def test_shrinking_means_making_it_again(bench):
    state = bench.create(VOLUME, EMPTY)
    [edit] = bench.edits(VOLUME, {**EMPTY, "size": 1024}, state)
    assert edit.effect.disruption is Disruption.DATA_LOSS
    assert "shrink" in edit.effect.reason


def test_a_size_known_too_late_never_shrinks_a_volume(bench):
    state = bench.create(VOLUME, EMPTY)
    [edit] = bench.edits(VOLUME, {**EMPTY, "size": Unknown()}, state)
    assert edit.effect.disruption is Disruption.LIVE
    with pytest.raises(DiagnosticError, match="can't shrink"):
        bench.update(VOLUME, {**EMPTY, "size": 1024}, state)


@pytest.mark.parametrize(
    "change",
    [{"name": "other"}, {"pool": "other"}, {"source": "image"}, {"format": "vmdk"}, {"xml": [{"xslt": "<x/>"}]}],
)
def test_other_changes_lose_the_data(bench, change):
    state = bench.create(VOLUME, EMPTY)
    [edit] = [edit for edit in bench.edits(VOLUME, EMPTY | change, state) if edit.path != ("id",)]
    assert edit.effect.disruption is Disruption.DATA_LOSS


CLONE = {"name": "data", "pool": "images"}


@pytest.mark.usefixtures("base")
@pytest.mark.parametrize(
    ("before", "after", "disruption"),
    [
        ({"base_volume_id": "/srv/images/base"}, {"base_volume_name": "base"}, Disruption.NONE),
        ({"base_volume_name": "base"}, {"base_volume_id": "/srv/images/base"}, Disruption.NONE),
        (
            {"base_volume_name": "base"},
            {"base_volume_name": "base", "base_volume_pool": "images"},
            Disruption.NONE,
        ),
        ({"base_volume_name": "base"}, {"base_volume_name": "other"}, Disruption.DATA_LOSS),
        ({"base_volume_id": "/srv/images/base"}, {"base_volume_id": Unknown(STRING)}, Disruption.DATA_LOSS),
        ({"base_volume_id": "/srv/images/base"}, {}, Disruption.DATA_LOSS),
        ({}, {"base_volume_name": "base"}, Disruption.DATA_LOSS),
    ],
)
def test_only_another_base_loses_the_data_of_a_linked_clone(bench, before, after, disruption):
    state = bench.create(VOLUME, CLONE | before)
    edits = bench.edits(VOLUME, CLONE | after, state)
    assert {edit.effect.disruption for edit in edits} == {disruption}


def test_naming_the_base_another_way_is_only_noted(bench, base):
    state = bench.create(VOLUME, {**CLONE, "base_volume_name": "base"})
    state = bench.update(VOLUME, {**CLONE, "base_volume_id": base["id"]}, state)
    assert (state["base_volume_name"], state["base_volume_id"]) == (None, base["id"])


def test_an_imported_linked_clone_knows_its_base(bench, base):
    bench.create(VOLUME, {**CLONE, "base_volume_name": "base"})
    found = VOLUME.read(bench.host, {"id": KEY})
    assert found.object["base_volume_id"] == base["id"]
    assert bench.edits(VOLUME, {**CLONE, "base_volume_id": base["id"]}, found.object) == ()


def test_an_imported_size_is_the_real_one(bench):
    bench.create(VOLUME, EMPTY)
    assert VOLUME.read(bench.host, {"id": KEY}).object["size"] == GIB


def test_a_header_that_a_guest_wrote_does_not_change_the_format(bench):
    written = {**EMPTY, "format": "raw"}
    bench.create(VOLUME, {**EMPTY, "format": "qcow2"})
    assert VOLUME.read(bench.host, {"id": KEY, "format": "raw"}).object["format"] == "raw"
    assert bench.edits(VOLUME, written, {"id": KEY, "name": "data", "format": "raw"}) == ()


def test_state_knows_of_a_volume_before_it_is_made(bench, monkeypatch):
    def killed(*_arguments):
        raise Killed

    monkeypatch.setattr("kvmform.resources.volume.making.create_volume", killed)
    with pytest.raises(Killed):
        bench.create(VOLUME, EMPTY)
    assert [recorded["id"] for recorded in bench.recorded] == [KEY]
    assert VOLUME.read(bench.host, bench.recorded[-1]) is None


def test_a_leftover_is_deleted_and_made_again(bench):
    bench.create(VOLUME, {**EMPTY, "size": 5 * GIB})
    state = bench.create(VOLUME, EMPTY, leftover=bench.recorded[-1])
    assert state["size"] == GIB
    assert f"<capacity unit='bytes'>{GIB}</capacity>" in bench.host.inventory.volumes.get(KEY).xml


def test_a_leftover_under_another_name_goes_too(bench):
    bench.create(VOLUME, EMPTY)
    bench.create(VOLUME, {**EMPTY, "name": "renamed"}, leftover=bench.recorded[-1])
    assert names(bench) == ["renamed"]


def test_a_volume_that_is_not_ours_is_left_alone(bench):
    create_volume(bench.host, pool_id(bench), "<volume><name>data</name><capacity>7</capacity></volume>")
    with pytest.raises(DiagnosticError, match="already exists"):
        bench.create(VOLUME, EMPTY)
    assert bench.recorded == []
    assert "<capacity unit='bytes'>7</capacity>" in bench.host.inventory.volumes.get(KEY).xml


def test_a_deleted_volume_is_gone_and_deleting_it_again_is_silent(bench):
    state = bench.create(VOLUME, EMPTY)
    bench.delete(VOLUME, state)
    assert VOLUME.read(bench.host, state) is None
    bench.delete(VOLUME, state)
    bench.delete(VOLUME, {**state, "id": None})


def test_a_volume_in_an_inactive_pool_is_taken_to_be_there(bench):
    state = bench.create(VOLUME, EMPTY)
    stop_pool(bench.host, pool_id(bench))
    assert VOLUME.read(bench.host, state).object == state
    bench.delete(VOLUME, state)
    start_pool(bench.host, pool_id(bench))
    assert VOLUME.read(bench.host, state) is None


def test_an_inactive_pool_is_started_for_a_new_volume(bench):
    stop_pool(bench.host, pool_id(bench))
    bench.create(VOLUME, EMPTY)
    assert bench.host.inventory.pools.named("images").active


@pytest.mark.usefixtures("base")
@pytest.mark.parametrize(
    ("written", "summary"),
    [
        ({"pool": "nowhere"}, "Storage pool not found"),
        ({"source": "nowhere.img"}, "Image not found"),
        ({"base_volume_name": "nowhere"}, "Base volume not found"),
        ({"base_volume_id": "/nowhere"}, "Base volume not found"),
        ({"base_volume_name": "base"}, "Volume too small"),
    ],
)
def test_what_went_away_since_the_plan_is_told(bench, written, summary):
    with pytest.raises(DiagnosticError, match=summary):
        bench.create(VOLUME, EMPTY | written)
    assert names(bench) == ["base"]


def test_a_grown_volume_that_is_gone_is_told(bench):
    state = bench.create(VOLUME, EMPTY)
    bench.delete(VOLUME, state)
    with pytest.raises(DiagnosticError, match="Volume not found"):
        volume_lifecycle.update(bench.operation(), state, {**state, "size": 2 * GIB}, ())
