"""`check` blocks: told when planned and when applied, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import errors_of
from labs import Lab

from kvmform.diagnostics import Diagnostic, Severity
from kvmform.plan.change import CheckedObject, Mode, Plan
from kvmform.plan.planfile import SavedPlan, read_plan, write_plan
from kvmform.workspace import PlanOptions

A = 'resource "libvirt_thing" "a" { name = "a" }\n'


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


def check(condition: str, rest: str = "", name: str = "c") -> str:
    return (
        f'check "{name}" {{\n{rest}\n assert {{\n  condition = {condition}\n  error_message = "it is not so"\n }}\n}}\n'
    )


COUNTED = ' data "libvirt_thing" "f" {\n  name = "a"\n  count = 2\n }\n'
LOOKUP = ' data "libvirt_thing" "f" { name = "a" }\n'


def planned(lab: Lab) -> tuple[Plan, list[Diagnostic]]:
    with lab.workspace() as workspace:
        plan = workspace.plan(PlanOptions()).plan
    assert all(warning.severity is Severity.WARNING for warning in workspace.warnings)
    return plan, workspace.warnings


def objects(plan: Plan) -> dict[str, CheckedObject]:
    return {each.address: each for result in plan.checks for each in result.objects or ()}


@pytest.mark.parametrize(
    ("condition", "status", "summaries", "messages"),
    [
        ('libvirt_thing.a.name == "a"', "pass", [], ()),
        ('libvirt_thing.a.name == "b"', "fail", ["Check block assertion failed"], ("it is not so",)),
        ('libvirt_thing.a.serial == "s1"', "unknown", ["Check block assertion known after apply"], ()),
        ("libvirt_thing.a.name.nope", "error", ["Unsupported attribute"], None),
        ("[libvirt_thing.a.name]", "error", ["Invalid condition result"], None),
    ],
)
def test_how_an_assertion_turns_out_in_a_plan(
    lab: Lab, condition: str, status: str, summaries: list[str], messages: tuple[str, ...] | None
) -> None:
    plan, warnings = planned(lab.write(A + check(condition)))
    assert [warning.summary for warning in warnings] == summaries
    assert [(result.address, result.status) for result in plan.checks] == [("check.c", status)]
    assert messages is None or objects(plan)["check.c"].messages == messages
    assert all(warning.subject is not None for warning in warnings)


def test_a_check_that_fails_is_told_and_recorded_and_stops_nothing(lab: Lab) -> None:
    report = lab.write(A + check('libvirt_thing.a.serial == "else"')).apply()
    assert not report.diagnostics
    assert [warning.summary for warning in report.warnings] == ["Check block assertion failed"]
    assert "a" in lab.host.names()
    assert lab.state.check_results == [
        {
            "object_kind": "check",
            "config_addr": "check.c",
            "status": "fail",
            "objects": [{"object_addr": "check.c", "status": "fail", "failure_messages": ["it is not so"]}],
        }
    ]
    assert not lab.plan().is_applyable


def test_a_scoped_data_source_is_read_once_all_is_made(lab: Lab) -> None:
    lookup = ' data "libvirt_thing" "f" {\n  name = libvirt_thing.a.name\n }\n'
    lab.write(A + check("data.libvirt_thing.f.id == libvirt_thing.a.id", lookup))
    assert [result.status for result in planned(lab)[0].checks] == ["unknown"]
    report = lab.apply()
    assert not report.diagnostics
    assert not report.warnings
    assert [result.status for result in lab.plan().checks] == ["pass"]


def test_a_scoped_data_source_that_finds_nothing_is_a_warning(lab: Lab) -> None:
    plan, warnings = planned(lab.write(check('data.libvirt_thing.f.id == "x"', LOOKUP)))
    assert [(w.summary, w.address) for w in warnings] == [("No such object", "data.libvirt_thing.f")]
    assert objects(plan) == {"check.c": CheckedObject("check.c", "fail", ("There is no object named a.",))}


def test_each_instance_of_a_module_has_its_own_checks(lab: Lab) -> None:
    lab.write('variable "n" {}\n' + check('var.n == "x"'), "m/main.tf")
    lab.write('module "m" {\n source = "./m"\n for_each = toset(["x", "y"])\n n = each.key\n}\n')
    plan, _ = planned(lab)
    assert {address: each.status for address, each in objects(plan).items()} == {
        'module.m["x"].check.c': "pass",
        'module.m["y"].check.c': "fail",
    }
    lab.apply()
    results = lab.state.check_results
    assert [(each["config_addr"], each["status"], len(each["objects"])) for each in results] == [
        ("module.m.check.c", "fail", 2)
    ]


CONDITIONS = """
variable "v" {
  default = 1
  validation {
    condition     = var.v > 0
    error_message = "Too small."
  }
}
resource "libvirt_thing" "b" {
  name = "b"
  lifecycle {
    precondition {
      condition     = libvirt_thing.a.serial != "%s"
      error_message = "Not that one."
    }
  }
}
resource "libvirt_thing" "none" {
  count = 0
  name  = "n"
  lifecycle {
    postcondition {
      condition     = self.id != ""
      error_message = "Never."
    }
  }
}
output "o" {
  value = libvirt_thing.a.id
  precondition {
    condition     = libvirt_thing.a.serial != ""
    error_message = "Empty."
  }
}
"""


def test_conditions_of_variables_resources_and_outputs_are_told_as_checks_are(lab: Lab) -> None:
    plan, _ = planned(lab.write(A + CONDITIONS % "x"))
    assert {(result.kind, result.address): result.status for result in plan.checks} == {
        ("var", "var.v"): "pass",
        ("resource", "libvirt_thing.b"): "unknown",
        ("resource", "libvirt_thing.none"): "pass",
        ("output", "output.o"): "unknown",
    }
    assert not lab.apply().diagnostics
    assert {each["config_addr"]: each["status"] for each in lab.state.check_results} == dict.fromkeys(
        ["libvirt_thing.b", "libvirt_thing.none", "output.o", "var.v"], "pass"
    )
    before = lab.state
    lab.apply()
    assert lab.state.serial == before.serial


def test_a_condition_of_what_stays_as_it_is_is_checked_once_it_is_known(lab: Lab) -> None:
    stays = CONDITIONS.replace("libvirt_thing.a.serial", "libvirt_thing.a.name")
    lab.write(A + stays % "x").apply()
    report = lab.write(A.replace('"a" }', '"other" }') + CONDITIONS % "s3").apply()
    assert [each.summary for each in report.diagnostics] == ["Resource precondition failed"]
    assert [each["status"] for each in lab.state.check_results if each["config_addr"] == "libvirt_thing.b"] == ["fail"]


def test_a_refresh_tells_what_does_not_hold_any_more_and_records_it(lab: Lab) -> None:
    lab.write(A + check('libvirt_thing.a.serial == "s1"') + CONDITIONS % "x").apply()
    lab.write(A + check('libvirt_thing.a.serial == "else"') + CONDITIONS % "s1")
    with lab.workspace() as workspace:
        plan = workspace.plan(PlanOptions(mode=Mode.REFRESH_ONLY)).plan
    assert {warning.summary for warning in workspace.warnings} == {
        "Check block assertion failed",
        "Resource precondition failed",
    }
    assert {address: each.status for address, each in objects(plan).items()} == {
        "check.c": "fail",
        "libvirt_thing.b": "fail",
        "output.o": "pass",
        "var.v": "pass",
    }
    assert not lab.apply(mode=Mode.REFRESH_ONLY).diagnostics
    assert {each["config_addr"]: each["status"] for each in lab.state.check_results}["libvirt_thing.b"] == "fail"


def test_a_refresh_knows_nothing_of_conditions_about_what_is_not_there_yet(lab: Lab) -> None:
    lab.write(A).apply()
    lab.write(A + check('libvirt_thing.new.serial == "s1"') + 'resource "libvirt_thing" "new" { name = "new" }\n')
    with lab.workspace() as workspace:
        plan = workspace.plan(PlanOptions(mode=Mode.REFRESH_ONLY)).plan
    assert {each.status for each in objects(plan).values()} == {"unknown"}
    assert not [each for each in workspace.warnings if each.summary.endswith("failed")]


def test_nothing_is_known_of_conditions_once_all_is_gone(lab: Lab) -> None:
    lab.write(A + CONDITIONS % "x").apply()
    lab.apply(mode=Mode.DESTROY)
    assert {each["status"] for each in lab.state.check_results} == {"unknown"}


def test_a_saved_plan_keeps_what_checks_said(lab: Lab, tmp_path: Path) -> None:
    plan = lab.write(A + check('libvirt_thing.a.name == "b"')).plan()
    write_plan(tmp_path / "p", SavedPlan(plan, {}, tmp_path, "default"))
    assert read_plan(tmp_path / "p").plan.checks == plan.checks


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('check "c" {\n}\n', "Zero assert blocks"),
        (check("true"), "Invalid assert expression"),
        (check("var.x"), "Reference to undeclared input variable"),
        (A + check("libvirt_thing.a.id == self.id"), 'Invalid "self" reference'),
        (A + check("libvirt_thing.a.id == 1") * 2, "Duplicate check configuration"),
        (check("data.libvirt_thing.f.id == 1", LOOKUP + LOOKUP.replace('"f"', '"g"')), "Multiple data resource blocks"),
        (check("data.libvirt_thing.f.id == 1", COUNTED), 'Invalid "count" attribute'),
        (
            check("data.libvirt_thing.f.id == 1", LOOKUP) + 'output "o" { value = data.libvirt_thing.f.id }\n',
            "Reference to scoped resource",
        ),
        (
            check("data.libvirt_thing.f.id == 1", LOOKUP) + check("data.libvirt_thing.f.id == 1", name="d"),
            "Reference to scoped resource",
        ),
        ('check "c" {\n foo = 1\n}\n', "Unsupported argument"),
        (LOOKUP + check("data.libvirt_thing.f.id == 1", LOOKUP), "Duplicate data configuration"),
    ],
)
def test_what_is_wrong_with_a_check(text: str, problem: str) -> None:
    assert any(told.endswith(problem) for told in errors_of(text)), errors_of(text)


@pytest.mark.parametrize("kind", ["precondition", "postcondition"])
def test_conditions_are_about_something(kind: str) -> None:
    block = f'lifecycle {{\n {kind} {{\n condition = 1 < 2\n error_message = "x"\n}}\n}}'
    assert errors_of(f'resource "libvirt_thing" "a" {{\n name = "a"\n {block}\n}}')[0].endswith(
        f"Invalid {kind} expression"
    )
