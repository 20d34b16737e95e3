"""Modules and conditions: what they mean to the values of a configuration."""

from __future__ import annotations

import pytest
from configurations import decoded, evaluation, problems_of, put, reads_of, told

from kvmform.address import parse_instance
from kvmform.config.evaluation import Evaluation
from kvmform.schema import Object
from kvmform.values.model import Unknown
from kvmform.values.plain import to_plain


def thing(found: Evaluation, address: str) -> Object:
    return decoded(found, address)[0].object


def output(found: Evaluation, name: str = "o") -> object:
    return to_plain(found.outputs()[name][0])[0]


# Modules.


def test_a_block_of_arguments_whose_names_mean_something_else() -> None:
    call = 'module "m" {\n  source = "./m"\n  a = 1\n  _ {\n    b = 2\n  }\n}\noutput "o" { value = module.m.sum }'
    module = 'variable "a" {}\nvariable "b" {}\noutput "sum" { value = var.a + var.b }'
    assert output(evaluation({"main.tf": call, "m/main.tf": module})) == 3


@pytest.mark.parametrize("kind", ["lifecycle", "locals", "provider"])
def test_blocks_that_are_reserved_in_a_call(kind: str) -> None:
    call = f'module "m" {{\n  source = "./m"\n  {kind} {{}}\n}}'
    (problem,) = problems_of(lambda: evaluation({"main.tf": call, "m/main.tf": ""}))
    assert problem.summary == "Reserved block type name in module block"


MODULES = {
    "main.tf": """
        resource "libvirt_thing" "root" { name = "root" }
        module "one" {
          source = "./m"
          name   = libvirt_thing.root.id
        }
        module "two" {
          source = "./m"
          count  = 2
          name   = "two${count.index}"
        }
        module "each" {
          source     = "./m"
          for_each   = toset(["x", "y"])
          name       = each.value
          depends_on = [module.two]
        }
        output "o" { value = module.one.name }
        output "two" { value = module.two[1].name }
        output "all" { value = module.two[*].name }
        output "each" { value = { for key, m in module.each : key => m.name } }
        output "whole" { value = keys(module.one) }
        output "none" { value = module.two[2].name }
        output "nope" { value = module.one.nope }
    """,
    "m/main.tf": """
        variable "name" {}
        variable "size" { default = 7 }
        resource "libvirt_thing" "t" {
          name = "thing ${var.name}"
          size = var.size
        }
        module "inner" { source = "../inner" }
        output "name" { value = libvirt_thing.t.name }
        output "secret" {
          value     = "s"
          sensitive = true
        }
    """,
    "inner/main.tf": 'resource "libvirt_thing" "deep" { name = "deep" }',
}


def with_modules(wanted: str) -> Evaluation:
    """The evaluation with only one of the outputs."""
    lines = [line for line in MODULES["main.tf"].split("\n") if "output" not in line or f'output "{wanted}"' in line]
    found = evaluation({**MODULES, "main.tf": "\n".join(lines)})
    put(found, "libvirt_thing.root", {"id": "r"})
    for prefix in ("module.one", "module.two[0]", "module.two[1]", 'module.each["x"]', 'module.each["y"]'):
        address = f"{prefix}.libvirt_thing.t"
        put(found, address, {"name": thing(found, address)["name"]})
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("o", "thing r"),
        ("two", "thing two1"),
        ("all", ["thing two0", "thing two1"]),
        ("each", {"x": "thing x", "y": "thing y"}),
        ("whole", ["name", "secret"]),
    ],
)
def test_outputs_of_modules(name: str, value: object) -> None:
    assert output(with_modules(name), name) == value


@pytest.mark.parametrize(
    ("name", "problem"), [("none", "[2]: Invalid index"), ("nope", ".nope: Unsupported attribute")]
)
def test_outputs_that_modules_do_not_have(name: str, problem: str) -> None:
    (diagnostic,) = problems_of(with_modules(name).outputs)
    assert told(diagnostic).split(" ", 1)[1] == problem


def test_a_sensitive_output_of_a_module_stays_so() -> None:
    files = {
        "main.tf": 'module "m" { source = "./m" }\noutput "o" { value = module.m.s }',
        "m/main.tf": 'output "s" {\n  value = "s"\n  sensitive = true\n}',
    }
    (diagnostic,) = problems_of(evaluation(files).outputs)
    assert diagnostic.summary == "Output refers to sensitive values"


def test_what_a_module_reads_goes_through_its_arguments() -> None:
    found = with_modules("o")
    assert reads_of(found, "module.one.libvirt_thing.t") == ["libvirt_thing.root"]
    assert reads_of(found, "module.two[0].libvirt_thing.t") == []


def test_depends_on_of_a_module_counts_for_all_that_is_in_it() -> None:
    found = with_modules("o")
    wanted = [
        f"module.two[{n}].{rest}*" for n in (0, 1) for rest in ("libvirt_thing.t", "module.inner.libvirt_thing.deep")
    ]
    assert reads_of(found, 'module.each["x"].libvirt_thing.t') == wanted
    assert reads_of(found, 'module.each["x"].module.inner.libvirt_thing.deep') == wanted


def test_instances_of_a_module() -> None:
    found = with_modules("o")
    assert [str(i.address) for i in found.module_instances(("each", "inner"))] == [
        'module.each["x"].module.inner',
        'module.each["y"].module.inner',
    ]
    assert found.module_instances(()) == [found.root]


def test_how_often_a_module_is_there_may_depend_on_a_resource() -> None:
    files = {
        "main.tf": """
            resource "libvirt_thing" "a" { name = "a" }
            module "m" {
              source   = "./m"
              for_each = toset([libvirt_thing.a.label])
              name     = each.value
            }
        """,
        "m/main.tf": 'variable "name" {}\nresource "libvirt_thing" "t" { name = var.name }',
    }
    found = evaluation(files)
    (diagnostic,) = problems_of(lambda: found.module_instances(("m",)))
    assert diagnostic.summary == "Invalid for_each argument"
    put(found, "libvirt_thing.a", {"label": "known"})
    assert reads_of(found, 'module.m["known"].libvirt_thing.t') == ["libvirt_thing.a"]
    put(found, "libvirt_thing.a", {"label": "other"})
    assert thing(found, 'module.m["other"].libvirt_thing.t')["name"] == "other"


# Conditions.

CONDITIONS = """
variable "limit" { default = 5 }
resource "libvirt_thing" "a" {
  count = 2
  name  = "a${count.index}"
  lifecycle {
    precondition {
      condition     = count.index < var.limit
      error_message = "Number ${count.index} is too high."
    }
    postcondition {
      condition     = self.size > 1
      error_message = "${self.name} has size ${self.size}."
    }
  }
}
"""


def test_preconditions_are_checked_before_anything_else_of_a_block() -> None:
    (diagnostic,) = problems_of(lambda: decoded(evaluation(CONDITIONS, {"limit": 1}), "libvirt_thing.a[1]"))
    assert told(diagnostic) == "main.tf:8,23 count.index < var.limit: Resource precondition failed"
    assert diagnostic.detail == "Number 1 is too high."
    assert diagnostic.values == (("count.index", "is 1"), ("var.limit", "is 1"))


def test_a_precondition_that_is_not_known_yet_passes() -> None:
    assert thing(evaluation(CONDITIONS, {"limit": Unknown()}), "libvirt_thing.a[1]")["name"] == "a1"


def test_postconditions_look_at_the_object() -> None:
    found = evaluation(CONDITIONS)
    where = found.locate(parse_instance("libvirt_thing.a[1]"))
    put(found, "libvirt_thing.a[1]", {"size": 2})
    found.check_postconditions(*where)
    put(found, "libvirt_thing.a[1]", {"size": Unknown()})
    found.check_postconditions(*where)
    put(found, "libvirt_thing.a[1]", {"name": "a1", "size": 1})
    (diagnostic,) = problems_of(lambda: found.check_postconditions(*where))
    assert told(diagnostic) == "main.tf:12,23 self.size > 1: Resource postcondition failed"
    assert diagnostic.detail == "a1 has size 1."


def test_preconditions_of_outputs() -> None:
    text = """
        output "o" {
          value = 1
          precondition {
            condition     = path.cwd == "elsewhere"
            error_message = "Not here."
          }
        }
    """
    (diagnostic,) = problems_of(evaluation(text).outputs)
    assert (diagnostic.summary, diagnostic.detail) == ("Module output value precondition failed", "Not here.")
