"""The configuration in plan JSON. The expectations are what Terraform 1.11 writes."""

from typing import Any

from configurations import load

from kvmform.view.configuration_json import configuration_form

ROOT = """
variable "name" {
  type        = object({ a = string, b = optional(number, 3) })
  default     = { a = "x" }
  description = "The name"
}
variable "secret" { sensitive = true }
variable "none" { default = null }
resource "terraform_data" "a" {
  count      = 2
  input      = [var.secret, var.secret, toset(["x"])]
  depends_on = [module.m, data.terraform_remote_state.r]
  provisioner "local-exec" {
    command = "echo ${self.id}"
  }
}
data "terraform_remote_state" "r" {
  backend = "local"
  config  = { path = terraform_data.a[0].output.x["y"] }
}
module "m" {
  source     = "./m"
  for_each   = toset(["x"])
  n          = each.key
  depends_on = [terraform_data.a]
}
output "o" {
  value       = module.m["x"].id
  description = "An id"
  sensitive   = true
  depends_on  = [terraform_data.a]
}
"""
MODULE = """
variable "n" {}
output "id" { value = [for x in [1, 2] : x] }
"""


def form() -> dict[str, Any]:
    found: dict[str, Any] = configuration_form(load({"main.tf": ROOT, "m/main.tf": MODULE}))["root_module"]
    return found


def test_variables_have_default_and_description_and_say_if_they_are_sensitive() -> None:
    assert form()["variables"] == {
        "name": {"default": {"a": "x", "b": 3}, "description": "The name"},
        "none": {"default": None},
        "secret": {"sensitive": True},
    }


def test_managed_resources_come_before_data_sources() -> None:
    first, second = form()["resources"]
    assert (first["address"], second["address"]) == ("terraform_data.a", "data.terraform_remote_state.r")
    assert first["count_expression"] == {"constant_value": 2}
    assert first["depends_on"] == ["module.m", "data.terraform_remote_state.r"]
    assert first["expressions"] == {"input": {"references": ["var.secret", "var.secret"]}}
    assert first["provisioners"] == [
        {"type": "local-exec", "expressions": {"command": {"references": ["self.id", "self"]}}}
    ]


def test_a_reference_is_told_down_to_the_resource() -> None:
    _, data = form()["resources"]
    assert data["expressions"]["config"]["references"] == [
        'terraform_data.a[0].output.x["y"]',
        "terraform_data.a[0].output.x",
        "terraform_data.a[0].output",
        "terraform_data.a[0]",
        "terraform_data.a",
    ]


def test_what_only_a_function_makes_is_neither_constant_nor_a_reference() -> None:
    call = form()["module_calls"]["m"]
    assert "for_each_expression" not in call
    assert call["depends_on"] == ["terraform_data.a"]
    assert call["module"]["outputs"] == {"id": {"expression": {"constant_value": [1, 2]}}}


def test_outputs_say_what_else_they_depend_on() -> None:
    assert form()["outputs"]["o"] == {
        "expression": {"references": ['module.m["x"].id', 'module.m["x"]']},
        "sensitive": True,
        "description": "An id",
        "depends_on": ["terraform_data.a"],
    }
