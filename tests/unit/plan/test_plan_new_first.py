"""`create_before_destroy`: the new object first, where the host can have both."""

from __future__ import annotations

from pathlib import Path

import pytest
from labs import Lab, actions, changes

from kvmform.plan.change import Plan, Verb
from kvmform.plan.planfile import SavedPlan, read_plan, write_plan
from kvmform.workspace import PlanOptions

LIFE = "lifecycle { create_before_destroy = true }"


def thing(name: str, of: str, rest: str = "") -> str:
    return f'resource "libvirt_thing" "{name}" {{\n name = "{of}"\n {rest}\n}}\n'


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


def order(plan: Plan) -> list[str]:
    return [
        f"{step.verb.value} {step.address.removeprefix('libvirt_thing.')}"
        for step in plan.steps
        if step.verb is not Verb.JOIN
    ]


def planned(lab: Lab) -> tuple[Plan, list[str]]:
    with lab.workspace() as workspace:
        plan = workspace.plan(PlanOptions()).plan
    return plan, [warning.detail for warning in workspace.warnings]


def test_the_new_object_is_made_before_the_old_one_goes(lab: Lab) -> None:
    lab.applied(thing("a", "one", LIFE))
    plan, warnings = planned(lab.write(thing("a", "two", LIFE)))
    assert actions(plan) == {"libvirt_thing.a": "replace"}
    assert order(plan) == ["create a", "delete a"]
    assert not warnings
    lab.host.calls.clear()
    assert not lab.apply().diagnostics
    assert lab.host.calls == ["make two", "change two", "start two", "delete one"]
    assert lab.state.deposed == {}
    assert not lab.plan().is_applyable


def test_again_and_again_each_object_has_an_identity_of_its_own(lab: Lab) -> None:
    ids = set()
    for number in range(5):
        lab.applied(thing("a", f"n{number}", LIFE))
        ids.add(lab.recorded()["libvirt_thing.a"]["id"])
    assert len(ids) == 5
    assert lab.host.names() == {"n4"}


def test_users_change_over_before_the_old_object_goes(lab: Lab) -> None:
    user = thing("u", "u", "uses = [libvirt_thing.a.serial]")
    lab.applied(thing("a", "one", LIFE) + user)
    plan, _ = planned(lab.write(thing("a", "two", LIFE) + user))
    assert order(plan) == ["create a", "delete a", "update u"]
    assert not lab.apply().diagnostics
    assert lab.host.calls[-2:] == ["change u", "delete one"]
    assert not lab.host.torn
    assert not lab.plan().is_applyable


def test_what_is_depended_on_is_made_first_too(lab: Lab) -> None:
    def text(suffix: str) -> str:
        return thing("base", f"base{suffix}") + thing("a", f"a{suffix}", f"uses = [libvirt_thing.base.serial]\n {LIFE}")

    lab.applied(text("1"))
    plan, warnings = planned(lab.write(text("2")))
    assert {address: c.new_first for address, c in changes(plan).items()} == {
        "libvirt_thing.a": True,
        "libvirt_thing.base": True,
    }
    assert not warnings
    lab.host.calls.clear()
    assert not lab.apply(parallelism=1).diagnostics
    assert [call for call in lab.host.calls if call.startswith(("make", "delete"))] == [
        "make base2",
        "make a2",
        "delete a1",
        "delete base1",
    ]
    assert not lab.host.torn


def test_where_both_would_have_one_name_the_old_object_goes_first_and_that_is_told(lab: Lab) -> None:
    lab.applied(thing("a", "one", f'frame {{\n kind = "x"\n}}\n {LIFE}'))
    plan, warnings = planned(lab.write(thing("a", "one", f'frame {{\n kind = "y"\n}}\n {LIFE}')))
    assert order(plan) == ["delete a", "create a"]
    assert len(warnings) == 1
    assert 'Both would have the thing "one"' in warnings[0]
    assert not lab.apply().diagnostics


def test_where_what_it_uses_must_go_first_it_must_too(lab: Lab) -> None:
    def text(kind: str) -> str:
        base = thing("base", "base", f'frame {{\n kind = "{kind}"\n}}')
        return base + thing("a", f"a{kind}", f"uses = [libvirt_thing.base.serial]\n {LIFE}")

    lab.applied(text("1"))
    plan, warnings = planned(lab.write(text("2")))
    assert not any(change.new_first for change in plan.changes)
    assert "It uses libvirt_thing.base, which is itself deleted" in warnings[0]
    assert not lab.apply().diagnostics
    assert not lab.host.torn


def test_where_the_new_object_can_not_be_made_the_old_one_stays(lab: Lab) -> None:
    lab.applied(thing("a", "one", LIFE))
    before = lab.recorded()
    lab.write(thing("a", "two", LIFE))
    lab.host.failing = lambda call: call == "make two"
    assert lab.apply().diagnostics
    assert lab.recorded() == before
    assert lab.state.deposed == {}
    assert lab.host.names() == {"one"}
    lab.host.failing = lambda _call: False
    assert not lab.apply().diagnostics
    assert lab.host.names() == {"two"}


def test_what_was_half_made_is_completed_and_then_the_old_object_goes(lab: Lab) -> None:
    lab.applied(thing("a", "one", LIFE)).write(thing("a", "two", LIFE))
    lab.host.failing = lambda call: call == "start two"
    assert lab.apply().diagnostics
    assert len(lab.state.deposed) == 1
    lab.host.failing = lambda _call: False
    plan = lab.plan()
    assert order(plan) == ["create a", "delete a (deposed 00000000)"]
    assert not lab.apply().diagnostics
    assert lab.host.names() == {"two"}
    assert lab.state.deposed == {}


def test_an_old_object_that_could_not_be_deleted_is_deleted_next_time(lab: Lab) -> None:
    lab.applied(thing("a", "one", LIFE)).write(thing("a", "two", LIFE))
    lab.host.failing = lambda call: call == "delete one"
    assert lab.apply().diagnostics
    lab.host.failing = lambda _call: False
    plan = lab.plan()
    assert [(c.action.value, c.deposed) for c in plan.changes] == [("no-op", ""), ("delete", "00000000")]
    assert plan.is_applyable
    assert not lab.apply().diagnostics
    assert lab.host.names() == {"two"}
    assert not lab.plan().is_applyable


def test_destroy_deletes_old_objects_too(lab: Lab) -> None:
    lab.applied(thing("a", "one", LIFE)).write(thing("a", "two", LIFE))
    lab.host.failing = lambda call: call == "delete one"
    assert lab.apply().diagnostics
    lab.host.failing = lambda _call: False
    assert not lab.destroy().diagnostics
    assert not lab.host.objects


def test_taken_back_the_name_is_waited_for(lab: Lab) -> None:
    """The old name is wanted again, while the old object is still to be deleted."""
    lab.applied(thing("a", "one", LIFE)).write(thing("a", "two", LIFE))
    lab.host.failing = lambda call: call in {"delete one", "start two"}
    assert lab.apply().diagnostics
    lab.host.failing = lambda _call: False
    lab.write(thing("a", "one", LIFE))
    assert not lab.apply().diagnostics
    assert lab.host.names() == {"one"}
    assert not lab.plan().is_applyable


def test_killed_at_any_instant_the_next_run_ends_it(lab: Lab) -> None:
    user = thing("u", "u", "uses = [libvirt_thing.a.serial]")
    instant = 1
    while True:
        lab.applied(thing("a", "one", LIFE) + user)
        lab.write(thing("a", "two", LIFE) + user)
        killed = lab.killed_at(instant)
        assert not lab.apply().diagnostics
        assert lab.host.names() == {"two", "u"}
        assert not lab.host.torn
        assert lab.state.deposed == {}
        assert not lab.plan().is_applyable
        assert not lab.destroy().diagnostics
        if not killed:
            break
        instant += 1
    assert instant > 10


def test_a_saved_plan_keeps_the_order(lab: Lab, tmp_path: Path) -> None:
    plan = lab.applied(thing("a", "one", LIFE)).write(thing("a", "two", LIFE)).plan()
    write_plan(tmp_path / "p", SavedPlan(plan, {}, tmp_path, "default"))
    assert read_plan(tmp_path / "p").plan == plan
