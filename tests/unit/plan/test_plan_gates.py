"""What plans must not do: which changes go beyond which gates, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import problems_of
from labs import Lab

from kvmform.diagnostics import Diagnostic
from kvmform.plan.change import Gate, Mode, Plan
from kvmform.plan.gates import parse_gates, refusals
from kvmform.plan.planfile import read_plan
from kvmform.workspace import PlanOptions

LAB = """
resource "libvirt_thing" "kept" {
  name = "kept"
  fast = true
  size = 5
}
resource "libvirt_thing" "many" {
  count = 4
  name  = "many${count.index}"
}
"""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab").applied(LAB)


def gates(**texts: str) -> list[Gate]:
    """Gates as flags say them: `deny="delete"`, `max_delete="5"`."""
    return [
        gate
        for name, text in texts.items()
        for gate in parse_gates(name.replace("_", "-"), text, f"-{name.replace('_', '-')}")
    ]


def refused(plan: Plan) -> dict[str, str]:
    """What of a plan goes beyond which gates, by address; the plan as a whole as an empty one."""
    return {each.change.key if each.change else "": each.said for each in refusals(plan)}


def problems(lab: Lab, plan: Plan) -> list[Diagnostic]:
    """What an apply of the plan is refused for."""
    calls = list(lab.host.calls)
    with lab.workspace() as workspace:
        found = problems_of(lambda: workspace.apply(plan, lab.events.append, lab.options()))
    assert lab.host.calls == calls
    return list(found)


def test_actions_and_classes_are_denied_by_their_words(lab: Lab) -> None:
    lab.write(LAB.replace("true", "false").replace("count = 4", "count = 3").replace('"many$', '"other$'))
    for word, addresses in {
        "create": set(),
        "update": {"libvirt_thing.kept"},
        "delete": {"libvirt_thing.many[3]"},
        "replace": {f"libvirt_thing.many[{n}]" for n in range(3)},
        "reboot": {"libvirt_thing.kept"},
        "live": set(),
        "delete,update": {"libvirt_thing.many[3]", "libvirt_thing.kept"},
    }.items():
        assert set(refused(lab.plan(gates=gates(deny=word)))) == addresses, word


def test_a_milder_part_of_a_change_is_denied_by_its_class_too(lab: Lab) -> None:
    lab.write(LAB.replace("size = 5", "size = 6").replace("true", "false"))
    assert refused(lab.plan(gates=gates(deny="live"))) == {"libvirt_thing.kept": "-deny=live"}


def test_what_disrupts_more_than_allowed_is_refused(lab: Lab) -> None:
    lab.write(LAB.replace("true", "false"))
    assert not refused(lab.plan(gates=gates(max_disruption="reboot")))
    assert refused(lab.plan(gates=gates(max_disruption="interrupt"))) == {
        "libvirt_thing.kept": "-max-disruption=interrupt"
    }


@pytest.mark.parametrize(
    ("limit", "is_refused"), [("2", False), ("1", True), ("40%", False), ("39%", True), ("0", True)]
)
def test_no_more_objects_are_deleted_or_replaced_than_allowed(lab: Lab, limit: str, is_refused: bool) -> None:
    lab.write(LAB.replace("count = 4", "count = 3").replace('"kept"\n', '"another"\n'))
    assert bool(refused(lab.plan(gates=gates(max_delete=limit)))) is is_refused


def test_the_share_is_of_the_whole_lab_whatever_is_targeted(lab: Lab) -> None:
    limit = gates(max_delete="20%")
    assert not refused(lab.plan(mode=Mode.DESTROY, targets=("libvirt_thing.kept",), gates=limit))
    assert refused(lab.plan(mode=Mode.DESTROY, targets=("libvirt_thing.many",), gates=limit)) == {"": "-max-delete=20%"}


def test_nothing_of_an_empty_state_is_too_many(tmp_path: Path) -> None:
    assert not refused(Lab(tmp_path / "new").write(LAB).plan(gates=gates(max_delete="0%", deny="delete,replace")))


def test_apply_refuses_each_change_with_what_it_is_why_and_where(lab: Lab) -> None:
    lab.write(LAB.replace("true", "false").replace("count = 4", "count = 3"))
    both = problems(lab, lab.plan(gates=gates(deny="delete,update", max_disruption="live")))
    assert [(each.summary, each.address) for each in both] == [
        ("Change refused", "libvirt_thing.kept"),
        ("Change refused", "libvirt_thing.many[3]"),
    ]
    kept, gone = both
    assert "libvirt_thing.kept would be changed, with the disruption reboot: fast." in kept.detail
    assert "-deny=update and -max-disruption=live does not allow that." in kept.detail
    assert "would be deleted" in gone.detail
    assert "its index is out of range for count" in gone.detail
    assert [str(each.subject) for each in both] == ["main.tf:2,1", "main.tf:7,1"]


def test_what_left_the_configuration_is_told_without_a_place(lab: Lab) -> None:
    lab.write("resource" + LAB.split("resource", 2)[2])
    (one,) = problems(lab, lab.plan(gates=gates(deny="delete")))
    assert (one.address, one.subject) == ("libvirt_thing.kept", None)
    assert "it is not in the configuration" in one.detail
    assert "put it back into the configuration" in one.detail


def test_too_many_deletions_are_told_with_each_object_and_where_it_is(lab: Lab) -> None:
    lab.write(LAB.replace("count = 4", "count = 1"))
    (one,) = problems(lab, lab.plan(gates=gates(max_delete="50%")))
    assert one.summary == "Too many deletions"
    assert "deletes or replaces 3 of the 5 objects in the state (60%). -max-delete=50% does not allow" in one.detail
    assert "\n - libvirt_thing.many[2] (main.tf:7) is deleted: its index is out of range for count" in one.detail


def test_a_long_list_of_deletions_ends_with_how_many_more_there_are(tmp_path: Path) -> None:
    text = 'resource "libvirt_thing" "many" {\n  count = %d\n  name = "many${count.index}"\n}\n'
    lab = Lab(tmp_path / "lab").applied(text % 25).write(text % 0)
    (one,) = problems(lab, lab.plan(gates=gates(max_delete="3")))
    assert one.detail.count("\n - ") == 21
    assert one.detail.endswith("\n - and 5 more")


def test_of_very_many_refused_changes_the_last_ones_are_told_on_a_line_each(tmp_path: Path) -> None:
    text = 'resource "libvirt_thing" "many" {\n  count = %d\n  name = "many${count.index}"\n}\n'
    lab = Lab(tmp_path / "lab").applied(text % 23).write(text % 0)
    *each, rest = problems(lab, lab.plan(gates=gates(deny="delete")))
    assert [one.summary for one in each] == ["Change refused"] * 20
    assert (rest.summary, rest.detail.partition("\n")[0]) == ("Changes refused", "3 more changes are refused:")
    assert "\n - libvirt_thing.many[22] would be deleted" in rest.detail


def test_a_saved_plan_keeps_its_gates(lab: Lab, tmp_path: Path) -> None:
    lab.write(LAB.replace("count = 4", "count = 3"))
    with lab.workspace() as workspace:
        workspace.save(workspace.plan(PlanOptions(gates=gates(deny="delete"))).plan, tmp_path / "saved")
    plan = read_plan(tmp_path / "saved").plan
    assert plan.managed == 5
    assert refused(plan) == {"libvirt_thing.many[3]": "-deny=delete"}
