"""Override files change blocks of other files."""

from __future__ import annotations

import pytest
from configurations import decoded, errors_of, evaluation, load

from kvmform.config.override import is_override_file


@pytest.mark.parametrize(
    ("name", "is_override"),
    [
        ("override.tf", True),
        ("lab_override.tf", True),
        ("override.tf.json", True),
        ("x_override.kvm.hcl", True),
        ("overrides.tf", False),
        ("myoverride.tf", False),
        ("override.txt", False),
    ],
)
def test_names_of_override_files(name: str, is_override: bool) -> None:
    assert is_override_file(name) is is_override


BASE = """
variable "size" {
  type    = number
  default = 1
}
locals {
  label = "base"
  kept  = "kept"
}
resource "libvirt_thing" "a" {
  name  = "a"
  size  = var.size
  label = local.label
  tags  = { kept = local.kept }
  part { name = "one" }
  part { name = "two" }
  frame { kind = "base" }
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [size]
  }
}
output "o" {
  value       = local.label
  description = "kept"
}
"""


def test_arguments_are_replaced_one_by_one_and_blocks_by_type() -> None:
    found = evaluation(
        {
            "main.tf": BASE,
            "override.tf": """
                locals {
                  label = "over"
                }
                variable "size" { default = 5 }
                resource "libvirt_thing" "a" {
                  name = "b"
                  part { name = "three" }
                  lifecycle { ignore_changes = [label] }
                }
                output "o" { value = local.kept }
            """,
        }
    )
    thing = decoded(found, "libvirt_thing.a")[0].object
    assert (thing["name"], thing["size"], thing["label"], thing["tags"]) == ("b", 5, "over", {"kept": "kept"})
    assert [part["name"] for part in thing["part"]] == ["three"]
    assert [frame["kind"] for frame in thing["frame"]] == ["base"]
    lifecycle = found.root.module.resources["managed", "libvirt_thing", "a"].lifecycle
    assert lifecycle.prevent_destroy
    assert lifecycle.ignored == (("label",),)
    assert found.outputs()["o"][0] == "kept"


def test_later_override_files_win() -> None:
    files = {
        "main.tf": BASE,
        "a_override.tf": 'resource "libvirt_thing" "a" {\n name = "first"\n size = 7\n}',
        "b_override.tf": 'resource "libvirt_thing" "a" {\n name = "second"\n}',
    }
    thing = decoded(evaluation(files), "libvirt_thing.a")[0].object
    assert (thing["name"], thing["size"]) == ("second", 7)


def test_a_dynamic_block_is_replaced_by_blocks_of_its_type() -> None:
    files = {
        "main.tf": """
            resource "libvirt_thing" "a" {
              name = "a"
              dynamic "part" {
                for_each = ["x", "y"]
                content { name = part.value }
              }
            }
        """,
        "override.tf": 'resource "libvirt_thing" "a" {\n part { name = "z" }\n}',
    }
    thing = decoded(evaluation(files), "libvirt_thing.a")[0].object
    assert [part["name"] for part in thing["part"]] == ["z"]


def test_json_overrides_blocks_too() -> None:
    files = {"main.tf": BASE, "override.tf.json": '{"resource": {"libvirt_thing": {"a": {"part": [{"name": "j"}]}}}}'}
    thing = decoded(evaluation(files), "libvirt_thing.a")[0].object
    assert [part["name"] for part in thing["part"]] == ["j"]


def test_provider_blocks_are_told_apart_by_alias_and_may_be_new() -> None:
    module = load(
        {
            "main.tf": 'provider "libvirt" { uri = "a" }\nprovider "libvirt" {\n alias = "x"\n uri = "b"\n}',
            "override.tf": 'provider "libvirt" {\n alias = "x"\n uri = "c"\n}\nprovider "libvirt" { alias = "new" }\n'
            'terraform {\n required_providers {\n libvirt = { source = "my/libvirt" }\n }\n}',
        }
    )
    uris = {
        str(r): b.body.attributes["uri"].expression.range.text for r, b in module.providers.items() if b.alias != "new"
    }
    assert uris == {"libvirt": '"a"', "libvirt.x": '"c"'}
    assert "libvirt.new" in map(str, module.providers)
    assert module.local_providers == {"libvirt": "my/libvirt"}


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        (
            'resource "libvirt_thing" "b" {}',
            'override.tf:1,1 resource "libvirt_thing" "b": Missing resource to override',
        ),
        ('variable "x" {}', 'override.tf:1,1 variable "x": Missing base variable declaration to override'),
        ("locals {\n  nope = 1\n}", "override.tf:2,3 nope: Missing base local value definition to override"),
        (
            'resource "libvirt_thing" "a" {\n  depends_on = []\n}',
            "override.tf:2,3 depends_on: Unsupported override",
        ),
    ],
)
def test_what_cannot_be_overridden(override: str, problem: str) -> None:
    assert errors_of({"main.tf": BASE, "override.tf": override}) == [problem]


def test_two_primary_declarations_are_still_duplicates() -> None:
    files = {"main.tf": 'variable "x" {}\nvariable "x" {}', "override.tf": 'variable "x" { default = 1 }'}
    assert errors_of(files) == ['main.tf:2,1 variable "x": Duplicate variable declaration']
