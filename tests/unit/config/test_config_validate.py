"""What is said against a configuration before anything is evaluated."""

from __future__ import annotations

import pytest
from configurations import errors_of, load, problems_of, told, validated
from fake_host import PROVIDERS, SCHEMAS

from kvmform.config.validate import validate_module
from kvmform.diagnostics import Diagnostics

THING = 'resource "libvirt_thing" "a" {\n  name = "a"\n}\n'


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("var.nope", "var.nope: Reference to undeclared input variable"),
        ("var.nope.x[0]", "var.nope: Reference to undeclared input variable"),
        ("local.nope.x", "local.nope: Reference to undeclared local value"),
        ("module.nope.x", "module.nope.x: Reference to undeclared module"),
        ("libvirt_thing.nope.id", "libvirt_thing.nope: Reference to undeclared resource"),
        ("libvirt_thing.nope[0].id", "libvirt_thing.nope[0]: Reference to undeclared resource"),
        ('libvirt_thing.nope["k"].id', 'libvirt_thing.nope["k"]: Reference to undeclared resource'),
        ("libvirt_thing.nope[*].id", "libvirt_thing.nope: Reference to undeclared resource"),
        ("libvirt_thing.nope[local.x]", "libvirt_thing.nope: Reference to undeclared resource"),
        ("data.libvirt_thing.nope.id", "data.libvirt_thing.nope: Reference to undeclared resource"),
        ("nope", "nope: Invalid reference"),
        ("data.libvirt_thing", "data.libvirt_thing: Invalid reference"),
        ("var", "var: Invalid reference"),
        ("path.nope", 'path.nope: Invalid "path" attribute'),
        ("path", 'path: Invalid "path" attribute'),
        ("terraform.env", 'terraform.env: Invalid "terraform" attribute'),
        ("count.index", 'count.index: Reference to "count" in non-counted context'),
        ("each.key", 'each.key: Reference to "each" in context without for_each'),
        ("self.id", 'self: Invalid "self" reference'),
        ("libvirt_thing.b.id", "libvirt_thing.b: Self-referential block"),
        ("libvirt_thing.b[0].id", "libvirt_thing.b[0]: Self-referential block"),
    ],
)
def test_a_reference_that_means_nothing(expression: str, problem: str) -> None:
    text = f'locals {{\n  x = 1\n}}\nresource "libvirt_thing" "b" {{\n  name = {expression}\n}}'
    assert errors_of(text) == [f"main.tf:5,10 {problem}"]


KEYS = """
resource "libvirt_thing" "one" { name = "one" }
resource "libvirt_thing" "two" {
  count = 2
  name  = "two"
}
resource "libvirt_thing" "each" {
  for_each = toset(["id"])
  name     = each.key
}
"""


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("libvirt_thing.two.id", "libvirt_thing.two: Missing resource instance key"),
        ("libvirt_thing.each.id", "libvirt_thing.each: Missing resource instance key"),
        ("libvirt_thing.one[0].id", "libvirt_thing.one[0]: Unexpected resource instance key"),
        ('libvirt_thing.one["id"]', 'libvirt_thing.one["id"]: Unexpected resource instance key'),
        ('libvirt_thing.two["x"].id', None),
        ('libvirt_thing.each["${"id"}"].id', None),
        ('(libvirt_thing.each)["id"].id', None),
        ("libvirt_thing.two.0.id", None),
        ("libvirt_thing.two.*.id", None),
        ("libvirt_thing.one[*].id", None),
        ('libvirt_thing.one[upper("x")]', None),
        ("length(libvirt_thing.two)", None),
    ],
)
def test_keys_are_where_a_resource_is_there_several_times(expression: str, problem: str | None) -> None:
    text = f'output "o" {{ value = {expression} }}\n{KEYS}'
    if problem is None:
        validated(text)
    else:
        assert errors_of(text) == [f"main.tf:1,22 {problem}"]


@pytest.mark.parametrize(
    "text",
    [
        'output "o" {\n  value = nope.x\n}',
        'output "o" {\n  value = 1\n  depends_on = [nope.x]\n}',
        'output "o" {\n  value = 1\n  precondition {\n    condition = nope.x\n    error_message = ""\n  }\n}',
        'output "o" {\n  value = 1\n  precondition {\n    condition = path.cwd\n    error_message = nope.x\n  }\n}',
        'variable "v" {\n  validation {\n    condition = var.v == nope.x\n    error_message = ""\n  }\n}',
        'provider "libvirt" {\n  uri = nope.x\n}',
        'module "m" {\n  source = "./m"\n  count = nope.x\n}',
        'module "m" {\n  source = "./m"\n  depends_on = [nope.x]\n}',
        'module "m" {\n  source = "./m"\n  x = nope.x\n}',
        'resource "libvirt_thing" "a" {\n  name = "a"\n  for_each = nope.x\n}',
        'resource "libvirt_thing" "a" {\n  name = "a"\n  part {\n    name = nope.x\n  }\n}',
        'resource "libvirt_thing" "a" {\n  name = "a"\n  lifecycle {\n    replace_triggered_by = [nope.x]\n  }\n}',
        (
            'resource "libvirt_thing" "a" {\n  name = "a"\n  lifecycle {\n    postcondition {\n'
            '      condition = self.name == nope.x\n      error_message = ""\n    }\n  }\n}'
        ),
    ],
)
def test_references_are_checked_wherever_they_stand(text: str) -> None:
    found = problems_of(lambda: validated({"main.tf": text, "m/main.tf": 'variable "x" { default = 1 }'}))
    assert [told(d).split(" ", 1)[1] for d in found] == ["nope.x: Reference to undeclared resource"]


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("var.sise", 'Did you mean "size"?'),
        ("local.sise", 'Did you mean "size"?'),
        ("module.sise.x", 'Did you mean "size"?'),
        ("libvirt_thing.sise.id", 'Did you mean "libvirt_thing.size"?'),
        ("libvirt_ting.size.id", 'Did you mean "libvirt_thing.size"?'),
        ("data.libvirt_thing.sise.id", 'Did you mean "libvirt_thing.size"?'),
        ("path.modul", 'Did you mean "module"?'),
    ],
)
def test_the_nearest_name_is_offered(reference: str, hint: str) -> None:
    files = {
        "main.tf": f"""
            variable "size" {{ default = 1 }}
            locals {{
              size  = 1
              wrong = {reference}
            }}
            module "size" {{ source = "./m" }}
            resource "libvirt_thing" "size" {{ name = "a" }}
            data "libvirt_thing" "size" {{ name = "a" }}
        """,
        "m/main.tf": "",
    }
    (diagnostic,) = problems_of(lambda: validated(files))
    assert hint in diagnostic.detail


def test_names_that_are_there_in_some_places() -> None:
    validated(
        {
            "main.tf": """
                resource "libvirt_thing" "a" {
                  count = 2
                  name  = "a${count.index}"
                  lifecycle {
                    precondition {
                      condition     = count.index < 2
                      error_message = "${count.index}"
                    }
                    postcondition {
                      condition     = self.name == "a${count.index}"
                      error_message = self.name
                    }
                    replace_triggered_by = [libvirt_thing.b[count.index]]
                  }
                }
                resource "libvirt_thing" "b" {
                  for_each = toset(["x"])
                  name     = each.key
                }
                module "m" {
                  source   = "./m"
                  for_each = toset([path.module, path.root, path.cwd, terraform.workspace])
                  x        = each.value
                }
            """,
            "m/main.tf": 'variable "x" {}',
        }
    )


@pytest.mark.parametrize(("repetition", "word"), [("count = count.index", "count"), ("for_each = each.value", "each")])
def test_they_are_not_there_in_the_repetition_itself(repetition: str, word: str) -> None:
    (problem,) = errors_of(f'resource "libvirt_thing" "a" {{\n  name = "a"\n  {repetition}\n}}')
    assert f'Reference to "{word}"' in problem


def test_a_resource_type_that_kvmform_does_not_have() -> None:
    found = problems_of(lambda: validated('resource "libvirt_ting" "a" {}\ndata "aws_vpc" "b" {}'))
    assert [told(d) for d in found] == [
        'main.tf:1,10 "libvirt_ting": Invalid resource type',
        'main.tf:2,6 "aws_vpc": Invalid data source',
    ]
    assert 'Did you mean "libvirt_thing"?' in found[0].detail


@pytest.mark.parametrize(("kind", "meant"), [("libvrt_thing", True), ("libvirt_ignition", False), ("aws_thing", False)])
def test_a_type_is_proposed_where_provider_and_name_are_alike(kind: str, meant: bool) -> None:
    (found,) = problems_of(lambda: validated(f'resource "{kind}" "a" {{}}'))
    assert ('Did you mean "libvirt_thing"?' in found.detail) == meant


def test_a_provider_that_kvmform_does_not_have_is_only_warned_of() -> None:
    module = load(
        """
        terraform {
          required_providers { virt = { source = "dmacvicar/libvirt" } }
        }
        provider "libvirt" {}
        provider "virt" { alias = "x" }
        provider "aws" {}
        """
    )
    problems = Diagnostics()
    validate_module(module, SCHEMAS, PROVIDERS, problems)
    assert [told(d) for d in problems] == ['main.tf:7,1 provider "aws": Unknown provider']
    assert not problems.has_errors


@pytest.mark.parametrize(
    ("declared", "summary"),
    [
        ('type = number\ndefault = "x"', "Invalid default value for variable"),
        ("type = list(string)\ndefault = {}", "Invalid default value for variable"),
        ("default = null\nnullable = false", "Invalid default value for variable"),
        ("default = var.y", "Variables not allowed"),
        ('default = upper("x")', "Function calls not allowed"),
        (
            'validation {\ncondition = true\nerror_message = "m"\n}',
            "Invalid variable validation condition",
        ),
    ],
)
def test_a_variable_that_is_wrong_whatever_its_value(declared: str, summary: str) -> None:
    found = problems_of(lambda: validated(f'variable "x" {{\n{declared}\n}}'))
    assert found[-1].summary == summary


def test_arguments_of_a_module() -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  sise = 1\n}',
        "m/main.tf": 'variable "size" {}\nvariable "other" { default = 1 }',
    }
    found = problems_of(lambda: validated(files))
    assert [told(d) for d in found] == [
        "main.tf:3,3 sise: Unsupported argument",
        "main.tf:1,12 {: Missing required argument",
    ]
    assert 'Did you mean "size"?' in found[0].detail
    assert '"size" is required' in found[1].detail


def test_an_attribute_to_ignore_that_there_is_not() -> None:
    lifecycle = "lifecycle {\n    ignore_changes = [size, sise, part[0].x]\n  }"
    text = f'resource "libvirt_thing" "a" {{\n  name = "a"\n  {lifecycle}\n}}'
    (diagnostic,) = problems_of(lambda: validated(text))
    assert told(diagnostic) == "main.tf:4,29 sise: Unsupported attribute"
    assert 'ignore_changes names "sise"' in diagnostic.detail


def test_messages_say_in_which_module_something_is_missing() -> None:
    files = {
        "main.tf": 'module "a" { source = "./a" }',
        "a/main.tf": 'module "b" { source = "../b" }',
        "b/main.tf": "locals {\n  x = var.y\n}",
    }
    (diagnostic,) = problems_of(lambda: validated(files))
    assert "has not been declared in module.a.module.b." in diagnostic.detail
