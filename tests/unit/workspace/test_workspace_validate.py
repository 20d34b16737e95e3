"""Loading and validating a lab."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import problems_of, told
from fake_host import fake_catalogue
from labs import Lab

from kvmform.config.inputs import VariableArgument
from kvmform.workspace import PlanOptions, Surroundings, Workspace

ONE = 'resource "libvirt_thing" "a" { name = "a" }\n'
EAST = "fake:///east"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "lab")


# Loading and validating.


def test_what_is_wrong_with_a_configuration_is_told_before_anything_is_asked(lab: Lab) -> None:
    lab.hosts.clear()
    text = 'resource "libvirt_thing" "a" {\n  nam = local.x\n}\nlocals {\n  y = local.y\n}'
    assert [told(d) for d in problems_of(lab.write(text).plan)] == [
        "main.tf:2,9 local.x: Reference to undeclared local value"
    ]
    assert problems_of(lab.write("locals {\n  y = local.y\n}").plan)[0].summary == "Cycle"


def test_warnings_are_kept_for_whoever_shows_them(lab: Lab) -> None:
    lab.write(ONE + 'provider "aws" {}').write("other = 1", "terraform.tfvars")
    with lab.workspace() as workspace:
        workspace.plan(PlanOptions())
        assert [d.summary for d in workspace.warnings] == ["Unknown provider", "Value for undeclared variable"]


def test_variables_come_from_files_and_the_command_line(lab: Lab) -> None:
    lab.write('variable "a" {}\nvariable "b" {}\noutput "o" { value = "${var.a}${var.b}" }')
    lab.write('a = "file"', "terraform.tfvars")
    around = Surroundings(directory=lab.directory, variables=[VariableArgument("b=given", is_file=False)])
    with Workspace(around, catalogue=fake_catalogue(lab.hosts)) as workspace:
        plan = workspace.plan(PlanOptions()).plan
    assert plan.variables == {"a": "file", "b": "given"}
    assert [output.after for output in plan.outputs] == ["filegiven"]


VALID = """
variable "n" {}
variable "list" { type = list(string) }
provider "libvirt" { uri = var.n }
resource "libvirt_thing" "one" { name = "one" }
resource "libvirt_thing" "many" {
  count = var.n
  name  = "many${count.index}"
}
resource "libvirt_thing" "each" {
  for_each = toset(var.list)
  name     = each.value
  uses     = [libvirt_thing.many[0].id, libvirt_thing.one.serial]
  dynamic "part" {
    for_each = var.list
    content { name = part.value }
  }
}
module "m" {
  source   = "./m"
  for_each = libvirt_thing.each
  name     = each.value.serial
}
data "libvirt_thing" "d" { name = module.m["x"].name }
output "o" { value = [for m in module.m : m.name] }
output "p" { value = libvirt_thing.many[*].serial }
"""
MODULE = """
variable "name" { type = string }
resource "libvirt_thing" "t" { name = var.name }
output "name" { value = libvirt_thing.t.name }
"""


def test_a_valid_configuration_needs_no_values_and_no_host(lab: Lab) -> None:
    lab.hosts.clear()
    with lab.write(VALID).write(MODULE, "m/main.tf").workspace() as workspace:
        workspace.validate()


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ('name = "one"', "nam = 1", "libvirt_thing"),
        ("name     = each.value\n", "name     = [each.value]\n", "Incorrect attribute value type"),
        ("libvirt_thing.many[0].id", "libvirt_thing.many[0].nope", "Unsupported attribute"),
        ("libvirt_thing.many[0].id", "libvirt_thing.many.id", "Missing resource instance key"),
        ("content { name = part.value }", "content { nam = part.value }", "Unsupported argument"),
        ("count = var.n", 'count = "x"', "Incorrect value type"),
        ("for_each = toset(var.list)", "for_each = [1]", "Invalid for_each argument"),
        ("for_each = libvirt_thing.each", "for_each = [1]", "Invalid for_each argument"),
        ("uri = var.n", "url = var.n", "Unsupported argument"),
        ('module.m["x"].name', 'module.m["x"].nope', "Unsupported attribute"),
        ("libvirt_thing.many[*].serial", "upper(libvirt_thing.many[*].serial, 1)", "Too many function arguments"),
    ],
)
def test_what_validation_finds_without_values(lab: Lab, right: str, wrong: str, problem: str) -> None:
    assert right in VALID
    lab.write(VALID.replace(right, wrong)).write(MODULE, "m/main.tf")
    with lab.workspace() as workspace:
        found = problems_of(workspace.validate)
    assert any(problem in d.summary + d.detail for d in found)


def test_validation_tells_everything_at_once(lab: Lab) -> None:
    text = VALID.replace('name = "one"', "nam = 1").replace("uri = var.n", "url = 1").replace("part.value }", "[] }")
    lab.write(text).write(MODULE.replace("libvirt_thing.t.name", "libvirt_thing.t.nope"), "m/main.tf")
    with lab.workspace() as workspace:
        found = problems_of(workspace.validate)
    assert sorted(d.summary for d in found) == [
        "Incorrect attribute value type",
        "Missing required argument",
        "Unsupported argument",
        "Unsupported argument",
        "Unsupported attribute",
    ]


def test_what_is_declared_wrongly_does_not_hide_what_can_not_be_evaluated(lab: Lab) -> None:
    """A type that nobody knows, and what needs it, is told of once."""
    lab.write(
        'resource "other_thing" "a" { name = var.nope }\noutput "o" { value = other_thing.a.name }\n'
        'resource "libvirt_thing" "b" { nam = "b" }\nlocals { l = upper(1, 2) }'
    )
    with lab.workspace() as workspace:
        found = problems_of(workspace.validate)
    assert sorted(d.summary for d in found) == [
        "Invalid resource type",
        "Missing required argument",
        "Reference to undeclared input variable",
        "Too many function arguments",
        "Unsupported argument",
    ]
