"""`import` and `removed` blocks: objects that are taken into the record, and out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import problems_of
from labs import Lab, actions, changes

from kvmform.diagnostics import Severity
from kvmform.plan.change import Verb
from kvmform.plan.planfile import SavedPlan, read_plan, write_plan
from kvmform.workspace import PlanOptions

A = 'resource "libvirt_thing" "a" { name = "a" }\n'
TAGGED = 'resource "libvirt_thing" "a" {\n name = "a"\n tags = { k = "v" }\n}\n'
MANY = 'resource "libvirt_thing" "m" {\n for_each = toset(["x", "y"])\n name = each.key\n}\n'


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab on a host that has things which nobody recorded: a, x and y."""
    lab = Lab(tmp_path / "lab")
    for number, name in enumerate("axy"):
        identity = f"foreign-{number}"
        lab.host.make(identity, name)
        lab.host.change(identity, {"size": 1, "label": name, "uses": None, "part": [], "frame": []})
        lab.host.start(identity)
    lab.host.calls.clear()
    return lab


def imported(to: str, identity: str, rest: str = "") -> str:
    return f"import {{\n to = {to}\n id = {identity}\n {rest}\n}}\n"


def removed(source: str, destroy: str) -> str:
    return f"removed {{\n from = {source}\n lifecycle {{\n  destroy = {destroy}\n }}\n}}\n"


@pytest.mark.parametrize("identity", ['"a"', '"foreign-0"', 'join("-", ["foreign", 0])'])
def test_an_object_as_wanted_is_only_recorded(lab: Lab, identity: str) -> None:
    plan = lab.write(A + imported("libvirt_thing.a", identity)).plan()
    assert not actions(plan)
    assert plan.imported == 1
    assert plan.is_applyable
    assert [step.verb for step in plan.steps] == [Verb.IMPORT]
    assert plan.counts() == (0, 0, 0)
    report = lab.apply()
    assert (report.imported, report.added, report.changed) == (1, 0, 0)
    assert lab.recorded()["libvirt_thing.a"]["id"] == "foreign-0"
    assert not lab.host.calls
    assert not lab.plan().is_applyable


def test_an_object_that_differs_is_recorded_and_then_changed(lab: Lab) -> None:
    plan = lab.write(TAGGED + imported("libvirt_thing.a", '"a"')).plan()
    assert actions(plan) == {"libvirt_thing.a": "update"}
    assert [(step.verb, step.needs) for step in plan.steps] == [(Verb.IMPORT, ()), (Verb.UPDATE, (0,))]
    assert not lab.apply().diagnostics
    assert lab.host.named("a")["tags"] == {"k": "v"}
    assert not lab.plan().is_applyable


def test_a_failure_after_the_import_leaves_it_recorded(lab: Lab) -> None:
    lab.write(TAGGED + imported("libvirt_thing.a", '"a"'))
    lab.host.failing = lambda call: call == "change a"
    assert lab.apply().diagnostics
    assert lab.recorded()["libvirt_thing.a"]["id"] == "foreign-0"


def test_several_by_for_each(lab: Lab) -> None:
    plan = lab.write(
        MANY + imported("libvirt_thing.m[each.key]", "each.value", 'for_each = { x = "x", y = "y" }')
    ).plan()
    assert {str(c.address): c.importing for c in plan.changes} == {f'libvirt_thing.m["{k}"]': k for k in "xy"}


def test_none_by_a_for_each_that_is_null(lab: Lab) -> None:
    plan = lab.write(MANY + imported("libvirt_thing.m[each.key]", "each.value", "for_each = null")).plan()
    assert not plan.imported


def test_into_a_module(lab: Lab) -> None:
    lab.write(A, "m/main.tf").write('module "m" {\n source = "./m"\n}\n' + imported("module.m.libvirt_thing.a", '"a"'))
    assert changes(lab.plan())["module.m.libvirt_thing.a"].importing == "a"


def test_what_says_which_object_it_is_comes_first(lab: Lab) -> None:
    lookup = 'data "libvirt_thing" "f" { name = "a" }\n'
    plan = lab.write(A + lookup + imported("libvirt_thing.a", "data.libvirt_thing.f.id")).plan()
    assert changes(plan)["libvirt_thing.a"].importing == "foreign-0"


def test_once_recorded_the_block_has_no_effect(lab: Lab) -> None:
    lab.applied(A + imported("libvirt_thing.a", '"a"'))
    assert not lab.plan().is_applyable
    assert not lab.write(A + imported("libvirt_thing.a", '"something else"')).plan().is_applyable


def test_what_is_imported_later_than_its_user_was_not_made_later(lab: Lab) -> None:
    user = 'resource "libvirt_thing" "x" {\n name = "x"\n uses = [libvirt_thing.a.id]\n}\n'
    lab.applied(A + user + imported("libvirt_thing.a", '"a"') + imported("libvirt_thing.x", '"x"'))
    lab.write(removed("libvirt_thing.a", "false") + user.replace("libvirt_thing.a.id", '"foreign-0"')).apply()
    lab.write(A + user + imported("libvirt_thing.a", '"a"'))
    assert not actions(lab.plan())
    lab.apply()
    assert not lab.plan().is_applyable


def test_one_object_is_not_imported_to_two_addresses(lab: Lab) -> None:
    other = 'resource "libvirt_thing" "b" { name = "a" }\n'
    both = A + other + imported("libvirt_thing.a", '"a"') + imported("libvirt_thing.b", '"foreign-0"')
    (problem,) = problems_of(lab.write(both).plan)
    assert problem.summary == "Resource already managed by kvmform"
    assert "libvirt_thing.b is libvirt_thing.a already" in problem.detail
    assert problem.subject is not None
    lab.write(A + imported("libvirt_thing.a", '"a"')).apply()
    (problem,) = problems_of(lab.write(A + other + imported("libvirt_thing.b", '"a"')).plan)
    assert "libvirt_thing.b is libvirt_thing.a already" in problem.detail


def test_what_is_imported_is_deleted_like_any_other(lab: Lab) -> None:
    lab.applied(A + imported("libvirt_thing.a", '"a"'))
    assert not lab.destroy().diagnostics
    assert "a" not in lab.host.names()


def test_a_saved_plan_keeps_its_imports(lab: Lab, tmp_path: Path) -> None:
    plan = lab.write(A + imported("libvirt_thing.a", '"a"')).plan()
    write_plan(tmp_path / "p", SavedPlan(plan, {}, tmp_path, "default"))
    assert read_plan(tmp_path / "p").plan == plan


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        (
            A + imported("libvirt_thing.a", '"nope"'),
            "Cannot import non-existent remote object",
            'no libvirt_thing "nope". An import only records an object that is there. Its id here is its name',
        ),
        (A + imported("libvirt_thing.b", '"a"'), "Configuration for import target does not exist", "libvirt_thing.b"),
        (A + imported("libvirt_thing.a[0]", '"a"'), "Invalid import 'to' expression", "does not use count."),
        (A + imported("libvirt_thing.a", '""'), "Invalid import id argument", "empty string"),
        (A + imported("libvirt_thing.a", "null"), "Invalid import id argument", "cannot be null"),
        (A + imported("libvirt_thing.a", "libvirt_thing.a.id"), "Invalid import id argument", "being imported"),
        (
            A + 'resource "libvirt_thing" "b" { name = "b" }\n' + imported("libvirt_thing.a", "libvirt_thing.b.serial"),
            "Invalid import id argument",
            "cannot be determined until apply",
        ),
        (
            A + imported("libvirt_thing.a", '"a"') * 2,
            'Duplicate import configuration for "libvirt_thing.a"',
            "only one import block",
        ),
        (A + imported("data.libvirt_thing.a", '"a"'), "Invalid import address", "managed resource"),
        (MANY + imported("libvirt_thing.m", '"a"'), "Invalid import 'to' expression", "is using for_each."),
        (MANY + imported("libvirt_thing.m[0]", '"a"'), "Invalid import 'to' expression", "does not use count."),
        (
            MANY + imported('libvirt_thing.m["z"]', '"a"'),
            "Configuration for import target does not exist",
            'given import libvirt_thing.m["z"] does not exist',
        ),
        (MANY + imported('libvirt_thing.m["x"]', '["x"]'), "Incorrect value type", "string required"),
        (
            MANY + imported('libvirt_thing.m[sensitive("x")]', '"x"'),
            "Invalid index expression",
            "cannot be sensitive",
        ),
        (A + imported("module.a", '"a"'), "Invalid import address", "managed resource"),
        (A + "import {\n to = libvirt_thing.a\n}", "Missing required argument", '"id" is required'),
        (
            A + imported("libvirt_thing.a", '"a"', "provider = libvirt"),
            "Invalid import provider argument",
            "will generate",
        ),
        (
            MANY + imported("libvirt_thing.m[each.key]", '"a"', "for_each = var.none"),
            "Reference to undeclared input variable",
            "none",
        ),
        (
            MANY + imported('libvirt_thing.m["x"]', '"x"', 'for_each = toset(["x", "y"])'),
            "Duplicate import target",
            "Two elements",
        ),
    ],
)
def test_what_is_wrong_with_an_import(lab: Lab, text: str, summary: str, detail: str) -> None:
    found = problems_of(lab.write(text).plan)
    assert [problem.summary for problem in found] == [summary]
    assert detail in found[0].detail
    assert found[0].subject is not None


def test_imports_stand_in_the_root_module(lab: Lab) -> None:
    lab.write(A + imported("libvirt_thing.a", '"a"'), "m/main.tf")
    found = problems_of(lab.write('module "m" {\n source = "./m"\n}\n').plan)
    assert [problem.summary for problem in found] == ["Invalid import configuration"]


# Removed.


def test_what_is_removed_without_destroying_stays_as_it_is(lab: Lab) -> None:
    lab.write(A + imported("libvirt_thing.a", '"a"')).apply()
    lab.write(removed("libvirt_thing.a", "false"))
    with lab.workspace() as workspace:
        plan = workspace.plan(PlanOptions()).plan
    assert actions(plan) == {"libvirt_thing.a": "forget"}
    assert plan.counts() == (0, 0, 0)
    told = [w for w in workspace.warnings if w.severity is Severity.WARNING]
    assert [w.summary for w in told] == ["Some objects will no longer be managed by kvmform"]
    assert " - libvirt_thing.a" in told[0].detail
    lab.host.calls.clear()
    assert not lab.apply().diagnostics
    assert lab.recorded() == {}
    assert not lab.host.calls
    assert "a" in lab.host.names()
    assert not lab.plan().is_applyable


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (A, removed("libvirt_thing.a", "true"), {"libvirt_thing.a": "delete"}),
        (A, "removed {\n from = libvirt_thing.a\n}\n", {"libvirt_thing.a": "delete"}),
        (MANY, removed("libvirt_thing.m", "false"), {f'libvirt_thing.m["{k}"]': "forget" for k in "xy"}),
        (MANY, removed("libvirt_thing.other", "false"), {f'libvirt_thing.m["{k}"]': "delete" for k in "xy"}),
    ],
)
def test_what_becomes_of_removed_resources(tmp_path: Path, before: str, after: str, expected: dict[str, str]) -> None:
    assert actions(Lab(tmp_path / "lab").applied(before).write(after).plan()) == expected


def test_a_module_is_removed_as_a_whole_but_the_nearest_block_counts(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab")
    lab.write(A + 'resource "libvirt_thing" "b" { name = "b" }\n', "m/main.tf")
    lab.applied('module "m" {\n source = "./m"\n}\n')
    plan = lab.write(removed("module.m", "false") + removed("module.m.libvirt_thing.b", "true")).plan()
    assert actions(plan) == {"module.m.libvirt_thing.a": "forget", "module.m.libvirt_thing.b": "delete"}


def test_destroy_deletes_what_is_recorded_whatever_is_removed(lab: Lab) -> None:
    lab.write(A + imported("libvirt_thing.a", '"a"')).apply()
    assert not lab.write(removed("libvirt_thing.a", "false")).destroy().diagnostics
    assert "a" not in lab.host.names()


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        (A + removed("libvirt_thing.a", "false"), "Removed resource still exists", "still declared"),
        (
            'module "m" {\n source = "./m"\n}\n' + removed("module.m", "false"),
            "Removed module still exists",
            "module.m",
        ),
        (removed("libvirt_thing.a[0]", "false"), "Resource instance keys not allowed", "without a key"),
        (removed("module.m[0]", "false"), "Module instance keys not allowed", "without a key"),
        (removed("data.libvirt_thing.a", "false"), "Data source address not allowed", "never destroyed"),
        ("removed {\n}\n", "Missing required argument", '"from" is required'),
        (removed("libvirt_thing.a", "var.x"), "Unsuitable value type", "true or false"),
    ],
)
def test_what_is_wrong_with_a_removed_block(tmp_path: Path, text: str, summary: str, detail: str) -> None:
    lab = Lab(tmp_path / "lab").write(A, "m/main.tf").write(text)
    found = problems_of(lab.plan)
    assert [problem.summary for problem in found] == [summary]
    assert detail in found[0].detail
    assert found[0].subject is not None
