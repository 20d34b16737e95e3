"""One instance: what is wanted, recorded and real, and the action that follows."""

from __future__ import annotations

from typing import Any

import pytest
from fake_host import SCHEMA, THING

from kvmform.address import parse_instance
from kvmform.plan.change import Action
from kvmform.plan.compare import Comparison, Subject, compare, drift_of
from kvmform.schema import Block, Disruption, Identity, Object, Observed
from kvmform.state.model import InstanceState, Status
from kvmform.values.model import Unknown
from kvmform.values.types import STRING

ADDRESS = parse_instance("libvirt_thing.a")


def thing(**values: Any) -> Object:
    full = {name: values.get(name, [] if isinstance(row, Block) else None) for name, row in SCHEMA.rows.items()}
    return {**full, "size": values.get("size", 1)}


def recorded(status: Status = Status.OK, generation: int = 0, **values: Any) -> InstanceState:
    return InstanceState(
        address=ADDRESS, provider="p", attributes=thing(**values), status=status, generation=generation
    )


def compared(
    config: Object,
    prior: InstanceState | None = None,
    actual: Object | None = None,
    *,
    ignored: Any = (),
    replace: str = "",
    started: bool = True,
) -> Comparison:
    subject = Subject(
        address=str(ADDRESS),
        lineage="L",
        prior=prior,
        observed=None if actual is None else Observed(actual, {"started": started}),
        config=config,
        ignored=ignored,
        replace=replace,
        settings={},
        others=lambda _kind: (),
    )
    return compare(THING, subject)


def uuid(generation: int) -> str:
    return Identity("L", str(ADDRESS), generation).uuid


REAL = thing(id=uuid(0), serial="s1", name="a", label="a", seen=3)


def test_what_is_not_there_is_created_with_an_identity_that_is_known() -> None:
    found = compared(thing(name="a"))
    assert (found.action, found.before, found.generation, found.resumes) == (Action.CREATE, None, 0, False)
    assert found.after["id"] == uuid(0)
    assert found.after["serial"] == Unknown(STRING)
    assert found.disruption is Disruption.NONE
    assert found.identity == Identity("L", str(ADDRESS), 0)


def test_what_vanished_is_created_again_as_the_same() -> None:
    found = compared(thing(name="a"), recorded(generation=2, name="a"))
    assert (found.action, found.generation, found.after["id"]) == (Action.CREATE, 2, uuid(2))


def test_what_is_as_wanted_is_left_alone() -> None:
    found = compared(thing(name="a"), recorded(**REAL), REAL)
    assert (found.action, found.edits, found.after) == (Action.NO_OP, (), REAL)


def test_what_differs_is_changed_and_keeps_what_is_computed() -> None:
    found = compared(thing(name="a", size=2), recorded(**REAL), REAL)
    assert found.action is Action.UPDATE
    assert found.after == {**REAL, "size": 2}
    assert [edit.path for edit in found.edits] == [("size",)]
    assert found.disruption is Disruption.LIVE
    assert found.reason == ""


def test_the_worst_edit_decides_the_disruption() -> None:
    found = compared(thing(name="a", size=2, fast=True, flags=["x"]), recorded(**REAL), REAL)
    assert (found.action, found.disruption) == (Action.UPDATE, Disruption.REBOOT)


def test_a_replacement_is_another_object() -> None:
    found = compared(thing(name="b"), recorded(**REAL), REAL)
    assert (found.action, found.generation) == (Action.REPLACE, 1)
    assert found.reason == "replace_because_cannot_update"
    assert found.after["id"] == uuid(1)
    assert found.after["serial"] == Unknown(STRING)
    assert found.after["label"] == "b"
    assert found.before == REAL
    assert found.disruption is Disruption.REPLACE


def test_losing_data_replaces_and_says_so() -> None:
    real = {**REAL, "size": 5}
    found = compared(thing(name="a", size=2), recorded(**real), real)
    assert (found.action, found.disruption) == (Action.REPLACE, Disruption.DATA_LOSS)


@pytest.mark.parametrize(
    ("status", "replace", "reason"),
    [
        (Status.TAINTED, "", "replace_because_tainted"),
        (Status.OK, "replace_by_request", "replace_by_request"),
        (Status.OK, "replace_by_triggers", "replace_by_triggers"),
        (Status.TAINTED, "replace_by_request", "replace_because_tainted"),
    ],
)
def test_reasons_to_replace_what_is_as_wanted(status: Status, replace: str, reason: str) -> None:
    found = compared(thing(name="a"), recorded(status, 4, **REAL), REAL, replace=replace)
    assert (found.action, found.reason, found.generation) == (Action.REPLACE, reason, 5)
    assert found.disruption is Disruption.REPLACE
    assert not found.edits


def test_there_is_nothing_to_replace_where_nothing_is() -> None:
    assert compared(thing(name="a"), replace="replace_by_request").action is Action.CREATE


def test_an_interrupted_creation_goes_on_with_what_is_there_of_it() -> None:
    prior = recorded(Status.CREATING, 1, name="a", id=uuid(1))
    found = compared(thing(name="a", size=3), prior, thing(id=uuid(1), name="a"))
    assert (found.action, found.resumes, found.generation) == (Action.CREATE, True, 1)
    assert (found.before, found.after["id"], found.after["size"]) == (None, uuid(1), 3)
    assert not compared(thing(name="a"), prior).resumes


@pytest.mark.parametrize("other", [{"name": "b"}, {"frame": [{"kind": "x"}]}])
def test_what_an_interrupted_creation_left_of_something_else_is_replaced(other: dict[str, Any]) -> None:
    prior = recorded(Status.CREATING, 1, name="a", id=uuid(1))
    left = thing(id=uuid(1), name="a", size=None)
    found = compared(thing(**{"name": "a", **other}), prior, left)
    assert (found.action, found.reason, found.generation) == (Action.REPLACE, "replace_because_tainted", 2)
    assert (found.before, found.after["id"]) == (left, uuid(2))
    assert found.disruption is Disruption.REPLACE


@pytest.mark.parametrize(
    ("ignored", "action", "size"),
    [((("size",),), Action.UPDATE, 1), ((("label",),), Action.UPDATE, 2), (None, Action.NO_OP, 1)],
)
def test_ignored_differences_are_none(ignored: Any, action: Action, size: int) -> None:
    found = compared(thing(name="a", size=2, tags={"x": "y"}), recorded(**REAL), REAL, ignored=ignored)
    assert (found.action, found.after["size"]) == (action, size)


def test_on_creation_nothing_is_ignored() -> None:
    assert compared(thing(name="a", size=2), ignored=None).after["size"] == 2


# Drift.


def test_what_was_changed_by_others_is_drift() -> None:
    drift = drift_of(recorded(**REAL), SCHEMA, Observed({**REAL, "size": 7, "seen": 9}))
    assert drift is not None
    assert drift.after == {**REAL, "size": 7, "seen": 9}
    assert [edit.path for edit in drift.edits] == [("size",)]
    assert drift.is_shown


def test_what_moves_by_itself_is_noted_and_not_shown() -> None:
    drift = drift_of(recorded(**REAL), SCHEMA, Observed({**REAL, "seen": 9}))
    assert drift is not None
    assert not drift.is_shown
    assert not drift.edits


def test_what_is_gone_is_drift() -> None:
    drift = drift_of(recorded(**REAL), SCHEMA, None)
    assert drift is not None
    assert (drift.after, drift.is_shown) == (None, True)


@pytest.mark.parametrize("observed", [REAL, None])
def test_a_creation_that_did_not_end_is_no_drift(observed: Object | None) -> None:
    drift = drift_of(recorded(Status.CREATING), SCHEMA, None if observed is None else Observed(observed))
    assert drift is None or not drift.is_shown
    assert (drift is None) == (observed is not None)


def test_what_is_as_recorded_is_no_drift() -> None:
    assert drift_of(recorded(**REAL), SCHEMA, Observed(REAL)) is None


def test_drift_keeps_secrets() -> None:
    prior = InstanceState(address=ADDRESS, provider="p", attributes=REAL, sensitive=frozenset({("secret",)}))
    drift = drift_of(prior, SCHEMA, Observed({**REAL, "secret": "s"}))
    assert drift is not None
    assert drift.sensitive == {("secret",)}
