"""Plan JSON beside the changes: what is, what is to be, and what explains it, as Terraform 1.11 tells it."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

LAB = """
variable "eph" {
  default   = "e"
  ephemeral = true
}
variable "name" { default = "a" }
resource "terraform_data" "a" { input = { name = var.name } }
resource "terraform_data" "b" { input = [terraform_data.a.output.name, module.m.id] }
module "m" {
  source = "./m"
  n      = terraform_data.a.input
}
output "a" { value = terraform_data.a.output }
output "k" { value = "const" }
"""
MODULE = """
variable "n" {}
resource "terraform_data" "in" { input = var.n }
output "id" { value = terraform_data.in.id }
"""


@pytest.fixture
def lab(tmp_path: Path) -> CommandLine:
    (tmp_path / "m").mkdir()
    here = CommandLine(tmp_path).write(MODULE, "m/main.tf").write(LAB)
    here.run("init")
    return here


def document(lab: CommandLine, *words: str) -> dict[str, Any]:
    lab.run("plan", "-out=saved", *words)
    found: dict[str, Any] = json.loads(lab.run("show", "-json", "saved"))
    return found


def test_outputs_that_are_known_count_as_prior(lab: CommandLine) -> None:
    found = document(lab)
    assert found["prior_state"]["values"] == {
        "outputs": {"k": {"sensitive": False, "type": "string", "value": "const"}},
        "root_module": {},
    }
    assert found["planned_values"]["outputs"]["a"] == {"sensitive": False}
    assert "after" not in found["output_changes"]["a"]


def test_prior_objects_say_what_they_depend_on(lab: CommandLine) -> None:
    lab.run("apply", "-auto-approve")
    lab.run("taint", "terraform_data.a")
    values = document(lab, "-var=name=b")["prior_state"]["values"]
    assert values["outputs"]["a"]["value"] == {"name": "a"}
    a, b = values["root_module"]["resources"]
    assert a["tainted"] is True
    assert b["depends_on"] == ["module.m.terraform_data.in", "terraform_data.a"]


def test_defaults_of_ephemeral_variables_are_told_as_those_of_others(lab: CommandLine) -> None:
    assert document(lab)["variables"] == {"eph": {"value": "e"}, "name": {"value": "a"}}


def test_what_has_nothing_in_it_is_left_out(lab: CommandLine) -> None:
    lab.write("")
    found = document(lab)
    assert not found.keys() & {"resource_changes", "output_changes", "resource_drift", "prior_state", "variables"}
    assert found["planned_values"] == {"root_module": {}}


def test_relevant_is_what_changes_are_made_from_through_modules(lab: CommandLine) -> None:
    told = {(each["resource"], *each["attribute"]) for each in document(lab)["relevant_attributes"]}
    assert told == {
        ("module.m.terraform_data.in", "id"),
        ("terraform_data.a", "input"),
        ("terraform_data.a", "output"),
        ("terraform_data.a", "output", "name"),
    }
    lab.run("apply", "-auto-approve")
    told = {(each["resource"], *each["attribute"]) for each in document(lab)["relevant_attributes"]}
    assert told == {("module.m.terraform_data.in", "id")}, "outputs of modules count as changing, as in Terraform"
