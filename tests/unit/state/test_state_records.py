"""What the records of a journal lead to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from state_samples import records, sample, states

from kvmform.address import parse_instance
from kvmform.state.file import format_state, parse_state
from kvmform.state.json_text import json_text, parse_json
from kvmform.state.model import OutputValue, State, Status
from kvmform.state.record_form import record_from_form, record_to_form
from kvmform.state.records import (
    Checked,
    Creating,
    Deleting,
    Deposed,
    Done,
    Folding,
    Moved,
    OutputsSet,
    Record,
    Recorded,
    Removed,
    Restored,
    Updating,
    fold,
)
from kvmform.values.model import UNKNOWN
from kvmform.values.types import STRING

WEB, DB = parse_instance("libvirt_domain.web"), parse_instance("libvirt_domain.db")


def after(*told: Record, before: tuple[object, ...] = ()) -> State:
    state = State("L")
    for instance in before:
        state.put(instance)
    fold(state, told)
    return state


@given(records)
def test_a_record_reads_back_as_it_was(record: Record) -> None:
    assert record_from_form(parse_json(json_text(record_to_form(record)))) == record


def test_what_is_being_created_is_recorded_as_such_with_what_is_known() -> None:
    state = after(Creating(sample("libvirt_domain.web", name="web", id=UNKNOWN, disk=[{"id": UNKNOWN}])))
    assert state.instances[WEB].status is Status.CREATING
    assert state.instances[WEB].attributes == {"name": "web", "id": None, "disk": [{"id": None}]}


def test_what_exists_so_far_is_added_to_it() -> None:
    told = [Creating(sample("libvirt_domain.web", name="web", id=None)), Recorded(WEB, {"id": "4711", "ip": UNKNOWN})]
    (web,) = after(*told).instances.values()
    assert web.attributes == {"name": "web", "id": "4711", "ip": None}
    assert web.status is Status.CREATING


def test_a_creation_that_goes_on_keeps_what_it_had_found_out() -> None:
    begun = [Creating(sample("libvirt_domain.web", memory=1, id=None)), Recorded(WEB, {"id": "4711"})]
    again = Creating(sample("libvirt_domain.web", memory=2, id=None))
    assert after(*begun, again).instances[WEB].attributes == {"memory": 2, "id": "4711"}


def test_the_creation_of_another_generation_does_not() -> None:
    begun = [Creating(sample("libvirt_domain.web", id=None)), Recorded(WEB, {"id": "4711"})]
    again = Creating(sample("libvirt_domain.web", id=None, generation=1))
    assert after(*begun, again).instances[WEB].attributes == {"id": None}


@pytest.mark.parametrize("begun", [Updating(WEB), Deleting(WEB)])
def test_what_is_being_updated_or_deleted_stays_as_it_was(begun: Record) -> None:
    web = sample("libvirt_domain.web", id="1")
    assert after(begun, before=(web,)).instances == {WEB: web}


def test_what_is_done_is_as_told() -> None:
    web = sample("libvirt_domain.web", id="1")
    assert after(Creating(sample("libvirt_domain.web", id=None)), Done((web,))).instances == {WEB: web}


def test_what_is_removed_is_forgotten_even_twice() -> None:
    assert after(Removed(WEB), Removed(WEB), before=(sample("libvirt_domain.web"),)).objects() == []


def test_a_replacement_that_creates_first_has_both_objects_until_the_old_one_is_gone() -> None:
    old, new = sample("libvirt_domain.web", id="old"), sample("libvirt_domain.web", id="new", generation=1)
    told = [Deposed(WEB, "00000000"), Creating(new), Done((new,)), Deleting(WEB, "00000000")]
    state = after(*told, before=(old,))
    assert state.instances[WEB] == new
    assert state.deposed[WEB, "00000000"].attributes == {"id": "old"}
    assert after(*told, Removed(WEB, "00000000"), before=(old,)).objects() == [new]


def test_a_deposed_object_can_be_restored() -> None:
    old = sample("libvirt_domain.web", id="old")
    assert after(Deposed(WEB, "00000000"), Restored(WEB, "00000000"), before=(old,)).instances == {WEB: old}


def test_moves_are_made_all_at_once_so_that_two_can_change_places() -> None:
    before = (
        sample("libvirt_domain.web", n=1),
        sample("libvirt_domain.web", n=2, deposed="0"),
        sample("libvirt_domain.db", n=3),
    )
    state = after(Moved(((WEB, DB), (DB, WEB))), before=before)
    assert state.instances[DB].attributes == {"n": 1}
    assert state.deposed[DB, "0"].attributes == {"n": 2}
    assert state.instances[WEB].attributes == {"n": 3}


def test_outputs_and_checks_replace_those_before() -> None:
    told = [OutputsSet({"a": OutputValue(1, STRING)}), OutputsSet({"b": OutputValue("x", STRING)}), Checked([1])]
    state = after(*told)
    assert state.outputs == {"b": OutputValue("x", STRING)}
    assert state.check_results == [1]


def test_only_what_was_begun_and_did_not_end_counts_as_interrupted() -> None:
    web, db = sample("libvirt_domain.web"), sample("libvirt_domain.db")
    told = [Creating(web), Updating(DB), Deleting(DB, "0"), Done((web,)), Removed(DB, "0"), Deleting(WEB), Folding(2)]
    assert fold(after(before=(db,)), told) == (Updating(DB), Deleting(WEB))


@given(states(), st.lists(records, max_size=8))
@settings(max_examples=50, deadline=None)
def test_any_records_lead_to_a_state_that_can_be_written_and_read(state: State, told: list[Record]) -> None:
    fold(state, told)
    assert parse_state(format_state(state), "x") == state
    assert all(key == instance.address and not instance.deposed for key, instance in state.instances.items())
    assert all(key == (instance.address, instance.deposed) for key, instance in state.deposed.items())


@given(states(), st.lists(records, max_size=8))
@settings(max_examples=50, deadline=None)
def test_records_told_in_two_parts_lead_where_they_lead_at_once(state: State, told: list[Record]) -> None:
    other = state.copy()
    fold(state, told)
    fold(other, told[:3])
    fold(other, told[3:])
    assert format_state(other) == format_state(state)
