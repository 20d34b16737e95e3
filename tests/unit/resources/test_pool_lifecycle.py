"""The life of a storage pool, on a simulated host."""

import pytest
from type_bench import TypeBench

from kvmform.host.host import open_host
from kvmform.host.pools import define_pool, start_pool, stop_pool
from kvmform.resources.pool.resource_type import POOL
from kvmform.schema import Disruption, Identity
from kvmform.values.model import Unknown

WRITTEN = {"name": "images", "type": "dir", "target": [{"path": "/srv/images"}]}
OLD_FORM = {"name": "images", "type": "dir", "path": "/srv/images"}
UUID = Identity("lineage", "x").uuid
FOREIGN = "<pool type='dir'><name>{name}</name><target><path>{path}</path></target></pool>"


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


def summaries(problems):
    return [(problem.path, problem.diagnostic.summary) for problem in problems]


@pytest.mark.parametrize("written", [WRITTEN, OLD_FORM])
def test_both_ways_to_write_the_path_are_planned_alike(bench, written):
    planned = bench.propose(POOL, written)
    assert planned["path"] == "/srv/images"
    assert planned["target"] == [{"path": "/srv/images", "permissions": []}]
    assert planned["id"] == UUID
    assert isinstance(planned["capacity"], Unknown)


@pytest.mark.parametrize("written", [WRITTEN, OLD_FORM])
def test_what_was_made_needs_no_change(bench, written):
    state = bench.create(POOL, written)
    assert POOL.read(bench.host, state).object == state
    assert bench.edits(POOL, written, state) == ()
    assert bench.host.inventory.pools.get(UUID).active
    assert bench.host.inventory.pools.get(UUID).autostart


def test_the_other_way_to_write_the_path_is_no_change(bench):
    state = bench.create(POOL, WRITTEN)
    assert bench.edits(POOL, OLD_FORM, state) == ()
    assert bench.edits(POOL, {**OLD_FORM, "path": "/srv//images/"}, state) == ()


def test_sizes_are_noted_and_never_differ(bench):
    state = bench.create(POOL, WRITTEN)
    assert state["capacity"] == 100 * 2**30
    assert bench.edits(POOL, WRITTEN, {**state, "available": 5}) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"target": [{"path": "/srv/other"}]},
        {"target": [{"path": "/srv/images", "permissions": [{"mode": "0750"}]}]},
        {"xml": [{"xslt": "<x/>"}]},
        {"type": "netfs", "source": [{"host": [{"name": "nas"}], "dir": "/export"}]},
    ],
)
def test_no_change_replaces_the_pool(bench, change):
    state = bench.create(POOL, WRITTEN)
    edits = bench.edits(POOL, WRITTEN | change, state)
    assert {edit.effect.disruption for edit in edits} == {Disruption.LIVE}
    state = bench.update(POOL, WRITTEN | change, state) if "xml" not in change else state
    assert state["id"] == UUID
    if "xml" not in change:
        assert bench.edits(POOL, WRITTEN | change, state) == ()


def test_making_a_pool_twice_makes_it_once(bench):
    first = bench.create(POOL, WRITTEN)
    assert bench.create(POOL, WRITTEN, leftover=bench.recorded[-1]) == first
    assert len(bench.host.inventory.pools.all()) == 1


def test_state_knows_of_a_pool_as_soon_as_it_is_defined(bench):
    bench.create(POOL, WRITTEN)
    assert bench.recorded[0]["id"] == UUID


def test_a_deleted_pool_is_gone_and_deleting_it_again_is_silent(bench):
    state = bench.create(POOL, WRITTEN)
    bench.delete(POOL, state)
    assert POOL.read(bench.host, state) is None
    bench.delete(POOL, state)
    assert bench.said == []


def test_a_logical_pool_is_completed_from_its_name(bench):
    planned = bench.propose(POOL, {"name": "vg0", "type": "logical"})
    assert {name: value for name, value in planned["source"][0].items() if value} == {"name": "vg0"}
    assert planned["target"] == [{"path": "/dev/vg0", "permissions": []}]


def test_a_logical_pool_keeps_what_is_written(bench):
    written = {"name": "a", "type": "logical", "source": [{"name": "vg1", "device": [{"path": "/dev/sdb"}]}]}
    state = bench.create(POOL, written)
    assert (state["source"][0]["name"], state["source"][0]["device"]) == ("vg1", [{"path": "/dev/sdb"}])
    assert state["path"] == "/dev/vg1"
    assert bench.edits(POOL, written, state) == ()


def test_a_stylesheet_changes_the_xml(bench):
    stylesheet = (
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        '<xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy></xsl:template>'
        '<xsl:template match="path/text()">/changed</xsl:template></xsl:stylesheet>'
    )
    bench.create(POOL, {**WRITTEN, "xml": [{"xslt": stylesheet}]})
    assert "<path>/changed</path>" in bench.host.inventory.pools.get(UUID).xml


@pytest.mark.parametrize("identity", [UUID, "images"])
def test_an_import_finds_a_pool_by_uuid_or_name(bench, identity):
    bench.create(POOL, WRITTEN)
    found = POOL.read(bench.host, POOL.find(bench.host, identity))
    assert found.object["id"] == UUID
    assert bench.edits(POOL, WRITTEN, found.object) == ()


def test_a_good_pool_has_no_problems(bench):
    assert bench.check(POOL, WRITTEN) == []


@pytest.mark.parametrize(
    ("written", "path", "summary"),
    [
        ({"type": "tape"}, ("type",), "Unsupported storage pool type"),
        ({"type": "zfs"}, ("source",), "Missing name of the source"),
        ({"type": "netfs", "source": [{"host": [{"name": "h"}]}]}, ("source",), "Missing dir of the source"),
        ({"type": "fs", "target": [], "source": [{"device": [{"path": "/dev/sdb"}]}]}, (), "Missing path"),
        ({"path": "/srv/images"}, ("path",), "Path given twice"),
        ({"target": []}, (), "Missing path"),
        ({"target": [{"path": "images"}]}, ("target", 0, "path"), "Relative path"),
        ({"target": [], "path": "./images"}, ("path",), "Relative path"),
    ],
)
def test_what_cannot_work_is_told_at_plan(bench, written, path, summary):
    assert summaries(bench.check(POOL, WRITTEN | written)) == [(path, summary)]


def test_a_name_of_a_foreign_pool_is_refused(bench):
    define_pool(bench.host, FOREIGN.format(name="images", path="/srv/foreign"))
    assert summaries(bench.check(POOL, WRITTEN)) == [(("name",), "Storage pool already exists")]


@pytest.mark.parametrize("path", ["/srv/images", "/srv/images/"])
def test_a_path_of_a_foreign_pool_is_refused(bench, path):
    define_pool(bench.host, FOREIGN.format(name="foreign", path=path))
    problems = bench.check(POOL, WRITTEN)
    assert summaries(problems) == [(("target", 0, "path"), "Path used by another storage pool")]
    assert '"foreign"' in problems[0].diagnostic.detail


def test_a_name_and_path_planned_twice_are_refused(bench):
    bench.propose(POOL, WRITTEN, address="first")
    assert summaries(bench.check(POOL, WRITTEN)) == [
        (("name",), "Name used twice"),
        (("target", 0, "path"), "Path used by another storage pool"),
    ]


def test_a_path_that_another_planned_pool_gives_up_is_free(bench):
    first = bench.create(POOL, WRITTEN, address="first")
    bench.planned.clear()
    moved = {**WRITTEN, "target": [{"path": "/srv/elsewhere"}]}
    bench.propose(POOL, moved, POOL.read(bench.host, first), address="first")
    assert bench.check(POOL, {**WRITTEN, "name": "second"}, address="second") == []


def test_a_pool_may_take_its_own_name_when_it_is_replaced(bench):
    state = bench.create(POOL, WRITTEN)
    bench.planned.clear()
    assert bench.check(POOL, WRITTEN, POOL.read(bench.host, state), replace=True) == []


def test_a_pool_that_was_stopped_is_still_read(bench):
    state = bench.create(POOL, WRITTEN)
    stop_pool(bench.host, UUID)
    assert POOL.read(bench.host, state).object["id"] == UUID
    start_pool(bench.host, UUID)
