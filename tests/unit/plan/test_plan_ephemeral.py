"""Ephemeral variables: never in a plan file or in state, and given again to apply a saved plan."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from configurations import problems_of
from labs import Lab

from kvmform.plan.planfile import SavedPlan, read_plan
from kvmform.workspace import PlanOptions

TEXT = """
variable "e" {
  ephemeral = true
}
variable "n" {}
resource "libvirt_thing" "a" {
  name = var.n
  lifecycle {
    precondition {
      condition     = length(var.e) > 3
      error_message = "It is too short."
    }
  }
}
"""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab", variables={"e": "hush-hush", "n": "x"}).write(TEXT)


def saved(lab: Lab, tmp_path: Path) -> SavedPlan:
    path = tmp_path / "p"
    with lab.workspace() as workspace:
        workspace.save(workspace.plan(PlanOptions()).plan, path)
    with zipfile.ZipFile(path) as archive:
        assert not any(b"hush" in archive.read(name) for name in archive.namelist())
    return read_plan(path)


def test_the_value_is_nowhere_after_plan_and_apply(lab: Lab, tmp_path: Path) -> None:
    plan = saved(lab, tmp_path)
    assert plan.plan.ephemeral == ("e",)
    assert plan.plan.variables == {"n": "x"}
    assert not lab.apply().diagnostics
    assert not any(b"hush" in file.read_bytes() for file in lab.directory.rglob("*") if file.is_file())


def test_a_saved_plan_is_applied_with_the_value_given_again(lab: Lab, tmp_path: Path) -> None:
    plan = saved(lab, tmp_path)
    with lab.workspace(plan) as workspace:
        assert not workspace.apply(plan.plan, lab.events.append, lab.options()).diagnostics
    assert lab.host.names() == {"x"}


def test_a_saved_plan_is_not_applied_without_it(lab: Lab, tmp_path: Path) -> None:
    plan = saved(lab, tmp_path)
    lab.variables.clear()
    with lab.workspace(plan) as workspace:
        (problem,) = problems_of(lambda: workspace.apply(plan.plan, lab.events.append, lab.options()))
    assert problem.summary == "No value for required variable"
    assert not lab.host.names()


def test_a_condition_on_it_is_checked_without_showing_it(lab: Lab) -> None:
    lab.variables["e"] = "abc"
    (problem,) = problems_of(lab.plan)
    assert problem.detail == "It is too short."
    assert "abc" not in repr(problem)
