"""`moved` blocks: objects under new addresses, planned, applied, and as they are from then on."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import problems_of
from labs import Lab, actions, changes

from kvmform.plan.change import Plan, Verb
from kvmform.plan.planfile import SavedPlan, read_plan, write_plan
from kvmform.workspace import PlanOptions

A = 'resource "libvirt_thing" "a" { name = "a" }\n'
B = 'resource "libvirt_thing" "b" { name = "a" }\n'
RESIZED = 'resource "libvirt_thing" "b" {\n name = "a"\n size = 2\n}\n'
MODULE = 'resource "libvirt_thing" "t" {\n count = 2\n name = "t${count.index}"\n}\n'


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


def moved(before: str, after: str) -> str:
    return f"moved {{\n from = {before}\n to = {after}\n}}\n"


def moves(plan: Plan) -> dict[str, str]:
    """Where each instance comes from."""
    return {str(c.address): str(c.previous) for c in plan.changes if c.previous is not None}


def test_a_renamed_resource_keeps_its_object(lab: Lab) -> None:
    before = lab.applied(A).recorded()["libvirt_thing.a"]
    plan = lab.write(B + moved("libvirt_thing.a", "libvirt_thing.b")).plan()
    assert moves(plan) == {"libvirt_thing.b": "libvirt_thing.a"}
    assert not actions(plan)
    assert plan.is_applyable
    assert [step.verb for step in plan.steps] == [Verb.MOVE]
    lab.host.calls.clear()
    assert not lab.apply().diagnostics
    assert lab.recorded() == {"libvirt_thing.b": before}
    assert not lab.host.calls
    assert not lab.plan().is_applyable


def test_the_object_keeps_its_identity_even_without_the_moved_block(lab: Lab) -> None:
    lab.applied(A).applied(B + moved("libvirt_thing.a", "libvirt_thing.b"))
    assert not lab.write(B).plan().is_applyable
    seeds = {str(i.address): i.seed for i in lab.state.instances.values()}
    assert seeds == {"libvirt_thing.b": "libvirt_thing.a"}


def test_a_new_object_at_the_old_address_is_another_one(lab: Lab) -> None:
    lab.applied(A).applied(B + moved("libvirt_thing.a", "libvirt_thing.b"))
    lab.applied(B + 'resource "libvirt_thing" "a" { name = "new" }\n')
    ids = {address: found["id"] for address, found in lab.recorded().items()}
    assert len(set(ids.values())) == 2
    assert not lab.plan().is_applyable
    # And it goes on so: replaced, each has an identity that the other never had.
    lab.applied(B.replace('"a" }', '"a2" }') + 'resource "libvirt_thing" "a" { name = "new2" }\n')
    assert len({*ids.values(), *(found["id"] for found in lab.recorded().values())}) == 4


def test_moved_there_and_back_it_is_as_before(lab: Lab) -> None:
    lab.applied(A).applied(B + moved("libvirt_thing.a", "libvirt_thing.b"))
    lab.applied(A + moved("libvirt_thing.b", "libvirt_thing.a"))
    assert [instance.seed for instance in lab.state.instances.values()] == [""]


def test_a_move_and_a_change_at_once(lab: Lab) -> None:
    plan = lab.applied(A).write(RESIZED + moved("libvirt_thing.a", "libvirt_thing.b")).plan()
    assert actions(plan) == {"libvirt_thing.b": "update"}
    assert moves(plan) == {"libvirt_thing.b": "libvirt_thing.a"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            MODULE,
            MODULE.replace('"t" {', '"u" {') + moved("libvirt_thing.t", "libvirt_thing.u"),
            {"libvirt_thing.u[0]": "libvirt_thing.t[0]", "libvirt_thing.u[1]": "libvirt_thing.t[1]"},
            id="a resource with all its instances",
        ),
        pytest.param(
            A,
            A.replace("{ ", "{\n count = 1\n ").replace(" }", "\n}"),
            {"libvirt_thing.a[0]": "libvirt_thing.a"},
            id="count arrives",
        ),
        pytest.param(
            A.replace("{ ", "{\n count = 1\n ").replace(" }", "\n}"),
            A,
            {"libvirt_thing.a": "libvirt_thing.a[0]"},
            id="count leaves",
        ),
        pytest.param(
            A,
            A.replace("{ ", '{\n for_each = toset(["k"])\n ').replace(" }", "\n}")
            + moved("libvirt_thing.a", 'libvirt_thing.a["k"]'),
            {'libvirt_thing.a["k"]': "libvirt_thing.a"},
            id="into for_each",
        ),
        pytest.param(
            A,
            'resource "libvirt_thing" "c" { name = "a" }\n'
            + moved("libvirt_thing.a", "libvirt_thing.b")
            + moved("libvirt_thing.b", "libvirt_thing.c"),
            {"libvirt_thing.c": "libvirt_thing.a"},
            id="a chain",
        ),
    ],
)
def test_what_moves(lab: Lab, before: str, after: str, expected: dict[str, str]) -> None:
    plan = lab.applied(before).write(after).plan()
    assert moves(plan) == expected
    assert not actions(plan)


def call(name: str, rest: str = "") -> str:
    return f'module "{name}" {{\n source = "./m"\n {rest}\n}}\n'


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(
            call("y") + moved("module.x", "module.y"),
            {f"module.y.libvirt_thing.t[{n}]": f"module.x.libvirt_thing.t[{n}]" for n in (0, 1)},
            id="a call is renamed",
        ),
        pytest.param(
            call("x", "count = 1") + moved("module.x", "module.x[0]"),
            {f"module.x[0].libvirt_thing.t[{n}]": f"module.x.libvirt_thing.t[{n}]" for n in (0, 1)},
            id="a call gets a count",
        ),
        pytest.param(
            MODULE.replace('"t" {', '"u" {') + moved("module.x.libvirt_thing.t", "libvirt_thing.u"),
            {f"libvirt_thing.u[{n}]": f"module.x.libvirt_thing.t[{n}]" for n in (0, 1)},
            id="out of a module",
        ),
        pytest.param(
            MODULE.replace('"t" {', '"u" {')
            + moved("module.x", "module.y")
            + moved("module.y.libvirt_thing.t", "libvirt_thing.u"),
            {f"libvirt_thing.u[{n}]": f"module.x.libvirt_thing.t[{n}]" for n in (0, 1)},
            id="a module first, then what is in it",
        ),
    ],
)
def test_what_moves_between_modules(lab: Lab, after: str, expected: dict[str, str]) -> None:
    plan = lab.write(MODULE, "m/main.tf").applied(call("x")).write(after).plan()
    assert moves(plan) == expected
    assert not actions(plan)


def test_a_block_in_a_module_is_about_every_instance_of_it(lab: Lab) -> None:
    lab.write('variable "n" {}\nresource "libvirt_thing" "t" { name = var.n }', "m/main.tf")
    calls = call("x", 'for_each = toset(["p", "q"])\n n = each.key')
    lab.applied(calls)
    lab.write(
        'variable "n" {}\nresource "libvirt_thing" "u" { name = var.n }\n'
        + moved("libvirt_thing.t", "libvirt_thing.u"),
        "m/main.tf",
    )
    plan = lab.plan()
    assert moves(plan) == {f'module.x["{k}"].libvirt_thing.u': f'module.x["{k}"].libvirt_thing.t' for k in "pq"}
    assert not actions(plan)


def test_who_depends_on_a_moved_object_depends_on_its_new_address(lab: Lab) -> None:
    user = 'resource "libvirt_thing" "u" {\n name = "u"\n uses = [libvirt_thing.a.serial]\n}\n'
    lab.applied(A + user)
    lab.applied(B + user.replace("thing.a", "thing.b") + moved("libvirt_thing.a", "libvirt_thing.b"))
    assert {str(i.address): i.dependencies for i in lab.state.instances.values()} == {
        "libvirt_thing.b": (),
        "libvirt_thing.u": ("libvirt_thing.b",),
    }
    assert not lab.destroy().diagnostics
    assert not lab.host.torn


def test_what_moved_to_where_nothing_is_declared_is_deleted(lab: Lab) -> None:
    plan = lab.applied(A).write(moved("libvirt_thing.a", "libvirt_thing.b")).plan()
    change = changes(plan)["libvirt_thing.b"]
    assert change.action.value == "delete"
    assert change.reason == "delete_because_no_move_target"
    assert str(change.previous) == "libvirt_thing.a"


def test_what_can_not_move_stays_and_is_told(lab: Lab) -> None:
    both = A + 'resource "libvirt_thing" "b" { name = "b" }\n'
    lab.applied(both).write(both.replace(A, "") + moved("libvirt_thing.a", "libvirt_thing.b"))
    with lab.workspace() as workspace:
        plan = workspace.plan(PlanOptions()).plan
    assert actions(plan) == {"libvirt_thing.a": "delete"}
    told = [warning for warning in workspace.warnings if warning.summary.startswith("Unresolved")]
    assert "libvirt_thing.a could not move to libvirt_thing.b" in told[0].detail


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        (A + moved("libvirt_thing.a", "libvirt_thing.b"), "Moved object still exists", "still declared at main.tf:1"),
        (moved("libvirt_thing.a", "libvirt_thing.a"), "Redundant move statement", "to the same address"),
        (
            moved("libvirt_thing.a", "libvirt_thing.b") + moved("libvirt_thing.a", "libvirt_thing.c"),
            "Ambiguous move statements",
            "instead declares that it moved to libvirt_thing.c",
        ),
        (
            moved("libvirt_thing.a", "libvirt_thing.c") + moved("libvirt_thing.b", "libvirt_thing.c"),
            "Ambiguous move statements",
            "instead declares that libvirt_thing.b moved there",
        ),
        (
            moved("libvirt_thing.a", "libvirt_thing.b") + moved("libvirt_thing.b", "libvirt_thing.a"),
            "Cyclic dependency in move statements",
            "libvirt_thing.a → libvirt_thing.b",
        ),
        (
            moved("libvirt_thing.a", "libvirt_other.a"),
            "Unsupported `moved` across resource types",
            "can't become one of the type libvirt_other",
        ),
        (call("x") + moved("module.x", "module.y"), "Moved object still exists", "that module is still declared"),
        (
            call("x", "count = 2") + moved("module.x[1]", "module.y"),
            "Moved object still exists",
            "that module instance is still declared",
        ),
        (
            call("x") + moved("module.x.libvirt_thing.t[1]", "libvirt_thing.u"),
            "Moved object still exists",
            "that resource instance is still declared at m/main.tf:1",
        ),
    ],
)
def test_contradictions(lab: Lab, text: str, summary: str, detail: str) -> None:
    lab.write(MODULE, "m/main.tf")
    found = problems_of(lab.write(text).plan)
    assert [problem.summary for problem in found] == [summary]
    assert detail in found[0].detail
    assert found[0].subject is not None


def test_a_saved_plan_keeps_its_moves(lab: Lab, tmp_path: Path) -> None:
    plan = lab.applied(A).write(B + moved("libvirt_thing.a", "libvirt_thing.b")).plan()
    write_plan(tmp_path / "p", SavedPlan(plan, {}, tmp_path, "default"))
    assert read_plan(tmp_path / "p").plan == plan


def test_killed_at_any_instant_a_move_is_made_or_not(lab: Lab) -> None:
    """There is one object, at the old address or at the new, and the next run ends the matter."""
    instant = 1
    while True:
        lab.write(A).apply()
        lab.write(RESIZED + moved("libvirt_thing.a", "libvirt_thing.b"))
        killed = lab.killed_at(instant)
        assert not lab.apply().diagnostics
        assert set(lab.recorded()) == {"libvirt_thing.b"}
        assert len(lab.host.objects) == 1
        lab.write("").destroy()
        if not killed:
            break
        instant += 1
    assert instant > 4


def test_targets_take_in_what_has_moved_or_nothing(lab: Lab) -> None:
    other = 'resource "libvirt_thing" "other" { name = "other" }\n'
    lab.applied(A + other).write(B + other + moved("libvirt_thing.a", "libvirt_thing.b"))
    (problem,) = problems_of(lambda: lab.plan(targets=("libvirt_thing.other",)))
    assert problem.summary == "Moved resource instances excluded by targeting"
    assert "-target=libvirt_thing.a\n  -target=libvirt_thing.b" in problem.detail
    plan = lab.plan(targets=("libvirt_thing.a", "libvirt_thing.b"))
    assert moves(plan) == {"libvirt_thing.b": "libvirt_thing.a"}


@pytest.mark.parametrize(
    ("source", "target"), [("libvirt_thing.a[3]", "libvirt_thing.x"), ("libvirt_thing.x", "libvirt_thing.a[3]")]
)
def test_a_resource_that_a_block_names_does_not_move_by_itself(lab: Lab, source: str, target: str) -> None:
    counted = 'resource "libvirt_thing" "a" {\n count = 1\n name = "a"\n}\n'
    plan = lab.applied(A).write(counted + moved(source, target)).plan()
    assert actions(plan) == {"libvirt_thing.a": "delete", "libvirt_thing.a[0]": "create"}
