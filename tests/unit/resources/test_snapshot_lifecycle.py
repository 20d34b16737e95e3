"""The life of a snapshot, on a simulated host."""

import pytest
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.domains import define_domain, undefine_domain
from kvmform.host.host import open_host
from kvmform.host.power import power_off_domain, start_domain
from kvmform.host.records import PowerState
from kvmform.resources.snapshot.resource_type import SNAPSHOT
from kvmform.schema import Disruption
from kvmform.values.model import Unknown

DOMAIN = "<domain type='test'><name>web</name><memory>1024</memory><os><type>hvm</type></os></domain>"


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


@pytest.fixture
def domain(bench):
    """UUID of a running domain."""
    uuid = define_domain(bench.host, DOMAIN)
    start_domain(bench.host, uuid)
    return uuid


@pytest.fixture
def written(domain):
    return {"name": "first", "domain_id": domain, "description": "As it was."}


def classes(edits):
    return {edit.path: edit.effect.disruption for edit in edits}


def test_the_id_is_known_beforehand(bench, written):
    assert bench.propose(SNAPSHOT, written)["id"] == f"{written['domain_id']}/first"
    unknown = Unknown()
    assert isinstance(bench.propose(SNAPSHOT, {**written, "domain_id": unknown})["id"], Unknown)


def test_what_was_made_needs_no_change(bench, written):
    state = bench.create(SNAPSHOT, written)
    assert (state["state"], state["parent"], state["current"]) == ("running", None, True)
    assert SNAPSHOT.read(bench.host, state).object == state
    assert bench.edits(SNAPSHOT, written, state) == ()


def test_a_second_snapshot_follows_the_first_which_needs_no_change_for_that(bench, written):
    first = bench.create(SNAPSHOT, written)
    second = bench.create(SNAPSHOT, {**written, "name": "second"}, address="y")
    assert second["parent"] == "first"
    assert SNAPSHOT.read(bench.host, first).object["current"] is False
    assert bench.edits(SNAPSHOT, written, first) == ()


def test_a_snapshot_of_a_guest_that_is_off_keeps_its_disks(bench, written):
    power_off_domain(bench.host, written["domain_id"])
    assert bench.create(SNAPSHOT, written)["state"] == "shutoff"
    with pytest.raises(DiagnosticError, match="without memory"):
        bench.create(SNAPSHOT, {**written, "name": "other", "memory": True})


def test_one_that_an_interrupted_run_took_is_kept(bench, written):
    bench.create(SNAPSHOT, written)
    taken = bench.host.inventory.snapshots.get(written["domain_id"], "first").xml
    state = bench.create(SNAPSHOT, written, leftover=bench.propose(SNAPSHOT, written))
    assert bench.host.inventory.snapshots.get(written["domain_id"], "first").xml == taken
    assert state["current"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"memory": False},
        {"external": True},
        {"memory_file": "/images/web.memory"},
        {"disk": [{"target": "vda", "snapshot": "no"}]},
        {"domain_id": "another"},
    ],
)
def test_what_makes_it_another_point_in_time_loses_this_one(bench, written, change):
    state = bench.create(SNAPSHOT, written)
    found = classes(bench.edits(SNAPSHOT, {**written, **change}, state))
    assert set(found.values()) == {Disruption.DATA_LOSS}


@pytest.mark.parametrize("change", [{"memory": True}, {"external": False}, {"quiesce": "optional"}])
def test_to_write_down_what_it_is_already_changes_nothing(bench, written, change):
    state = bench.create(SNAPSHOT, written)
    assert set(classes(bench.edits(SNAPSHOT, {**written, **change}, state)).values()) == {Disruption.NONE}


def test_the_description_is_changed_in_place(bench, written):
    bench.create(SNAPSHOT, written)
    state = bench.create(SNAPSHOT, {**written, "name": "second"}, address="y")
    for text in ("Other words: <&>", None):
        wanted = {**written, "name": "second", "description": text}
        assert classes(bench.edits(SNAPSHOT, wanted, state, "y")) == {("description",): Disruption.NONE}
        state = bench.update(SNAPSHOT, wanted, state, "y")
        assert (state["description"], state["parent"], state["current"]) == (text, "first", True)
        assert bench.edits(SNAPSHOT, wanted, state, "y") == ()


def test_a_new_text_reverts_and_the_same_or_none_does_not(bench, written):
    first = bench.create(SNAPSHOT, written)
    bench.create(SNAPSHOT, {**written, "name": "second"}, address="y")
    wanted = {**written, "revert": "monday"}
    (edit,) = bench.edits(SNAPSHOT, wanted, first)
    assert (edit.path, edit.effect.disruption, edit.effect.replaces) == (("revert",), Disruption.DATA_LOSS, False)
    state = bench.update(SNAPSHOT, wanted, first)
    assert state["current"] is True
    assert bench.edits(SNAPSHOT, wanted, state) == ()
    assert classes(bench.edits(SNAPSHOT, written, state)) == {("revert",): Disruption.NONE}


@pytest.mark.parametrize("runs", [True, False])
def test_after_reverting_a_guest_is_as_it_was_before(bench, written, runs):
    """Also with a snapshot of a guest that was off, and from one that is off with a snapshot of a running guest."""
    uuid = written["domain_id"]
    if runs:
        power_off_domain(bench.host, uuid)
    state = bench.create(SNAPSHOT, written)
    if runs:
        start_domain(bench.host, uuid)
    else:
        power_off_domain(bench.host, uuid)
    bench.update(SNAPSHOT, {**written, "revert": "now"}, state)
    assert bench.host.inventory.domains.get(uuid).state is (PowerState.RUNNING if runs else PowerState.SHUT_OFF)


def test_deleting_it_leaves_those_that_follow(bench, written):
    first = bench.create(SNAPSHOT, written)
    second = bench.create(SNAPSHOT, {**written, "name": "second"}, address="y")
    bench.delete(SNAPSHOT, first)
    assert SNAPSHOT.read(bench.host, first) is None
    assert SNAPSHOT.read(bench.host, second).object["parent"] is None
    bench.delete(SNAPSHOT, first)


def test_what_went_with_its_domain_is_gone(bench, written):
    state = bench.create(SNAPSHOT, written)
    power_off_domain(bench.host, written["domain_id"])
    undefine_domain(bench.host, written["domain_id"])
    assert SNAPSHOT.read(bench.host, state) is None
    bench.delete(SNAPSHOT, state)
    with pytest.raises(DiagnosticError, match="Domain not found"):
        bench.create(SNAPSHOT, written)


def test_without_a_domain_or_a_name_there_is_nothing_to_read(bench):
    assert SNAPSHOT.read(bench.host, {"name": "first"}) is None
    assert SNAPSHOT.read(bench.host, {"domain_id": "x"}) is None
