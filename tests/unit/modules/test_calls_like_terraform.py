"""What calls of modules mean, compared with a real Terraform: instances, values, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lab import environment_for
from module_sources import needs_terraform, run_terraform, write_files
from quick_lab import QuickLab

pytestmark = needs_terraform

MODULES = {
    "m/main.tf": """
variable "n" { default = "d" }
resource "terraform_data" "r" { input = var.n }
output "o" { value = terraform_data.r.output }
output "i" { value = "in-${var.n}" }
""",
    "nested/main.tf": """
module "b" {
  source = "../m"
  count  = 2
  n      = "b${count.index}"
}
output "bs" { value = module.b[*].i }
""",
    "typed/main.tf": """
variable "number" { type = number }
variable "set" { type = set(string) }
variable "object" {
  type = object({ a = string, b = optional(list(number), [7]) })
}
variable "never_null" {
  default  = "d"
  nullable = false
}
variable "null" { default = "d" }
output "all" { value = [var.number, var.set, var.object, var.never_null, var.null == null] }
""",
    "both/main.tf": """
variable "x" {}
variable "y" {}
output "x" { value = var.x }
output "y" { value = var.y }
""",
    "paths/main.tf": """
output "paths" { value = [path.module, path.root, path.cwd == abspath(path.root), terraform.workspace] }
""",
}

CALLS = """
module "one" { source = "./m" }
module "counted" {
  source = "./m"
  count  = "3"
  n      = "x${count.index}"
}
module "secretly_counted" {
  source = "./m"
  count  = sensitive(1)
}
module "none" {
  source = "./m"
  count  = 0
}
module "each" {
  source   = "./m"
  for_each = { a = "1", b = "2" }
  n        = "${each.key}${each.value}"
}
module "set" {
  source   = "./nested"
  for_each = toset(["q", "p"])
}
module "empty" {
  source   = "./m"
  for_each = {}
}
module "typed" {
  source     = "./typed"
  number     = "12"
  set        = [2, 1, 2]
  object     = { a = 1 }
  never_null = null
  null       = null
}
module "first" {
  source = "./both"
  x      = "1"
  y      = module.second.x
}
module "second" {
  source = "./both"
  x      = module.first.x
  y      = "2"
}
module "paths" { source = "./paths" }
module "later" {
  source     = "./m"
  n          = module.one.o
  depends_on = [module.set, terraform_data.r]
}
module "escaped" {
  source = "./m"
  _ {
    n = "in a block"
  }
}
resource "terraform_data" "r" { input = module.counted }
output "one" { value = module.one }
output "counted" { value = [module.counted, module.counted[*].o, module.counted.*.i, module.counted.1.o] }
output "length" { value = [length(module.counted), length(module.none), length(module.secretly_counted)] }
output "none" { value = [module.none, try(module.none[0].o, "nothing")] }
output "no_value" { value = one(module.none[*].o) }
output "each" { value = [module.each, module.each["a"].o, { for key, each in module.each : key => each.i }] }
output "set" { value = module.set }
output "empty" { value = module.empty }
output "typed" { value = module.typed }
output "both_ways" { value = [module.first.y, module.second.x] }
output "paths" { value = module.paths }
output "later" { value = module.later.o }
output "escaped" { value = module.escaped.i }
output "of_resource" { value = terraform_data.r.output }
"""


def test_instances_and_values_are_the_same(tmp_path: Path) -> None:
    theirs = write_files(tmp_path / "theirs", {"main.tf": CALLS, **MODULES})
    ours = QuickLab(write_files(tmp_path / "ours", {"main.tf": CALLS, **MODULES}), environment_for("test+file:x.xml"))
    run_terraform(theirs, "init")
    applied = run_terraform(theirs, "apply", "-auto-approve", "-no-color")
    assert applied.returncode == 0, applied.stderr
    ours.apply()
    assert ours.addresses() == run_terraform(theirs, "state", "list").stdout.split()
    outputs = json.loads(ours.kvmform("output", "-json").stdout)
    assert outputs == json.loads(run_terraform(theirs, "output", "-json").stdout)
    assert ours.plan_is_empty()


WRONG = {
    "count and for_each": "count = 1\n  for_each = {}",
    "count that is not known": "count = terraform_data.u.output",
    "for_each that is not known": "for_each = toset([terraform_data.u.output])",
    "for_each of a list": 'for_each = ["a"]',
    "for_each of null": "for_each = null",
    "for_each of a secret": "for_each = sensitive({ a = 1 })",
    "negative count": "count = -1",
    "half a count": "count = 1.5",
    "count of null": "count = null",
    "an argument that there is not": "nn = 1",
    "a variable in count": "count = count.index",
    "count without count": "n = count.index",
    "each without for_each": "n = each.key",
    "a dependency that there is not": "depends_on = [module.zz]",
    "a block of the future": "lifecycle {\n    prevent_destroy = true\n  }",
    "a block that there is not": "foo {\n  }",
    "an output that there is not": 'n = "x"\n}\noutput "o" {\n  value = module.m.zip',
    "an output of all": 'count = 1\n}\noutput "o" {\n  value = module.m.o',
    "an index beyond": 'count = 1\n}\noutput "o" {\n  value = module.m[3].o',
    "an index of one": 'n = 1\n}\noutput "o" {\n  value = module.m[0].o',
    "a key that there is not": 'for_each = { a = 1 }\n}\noutput "o" {\n  value = module.m["b"].o',
    "a module that there is not": 'n = 1\n}\noutput "o" {\n  value = module.zz.o',
    "the same name twice": 'n = 1\n}\nmodule "m" {\n  source = "./m"',
}


def test_the_same_is_refused(tmp_path: Path) -> None:
    environment = environment_for("test+file:x.xml")
    for name, words in WRONG.items():
        text = f'resource "terraform_data" "u" {{\n  input = 1\n}}\nmodule "m" {{\n  source = "./m"\n  {words}\n}}\n'
        lab = write_files(tmp_path / name, {"main.tf": text, **MODULES})
        run_terraform(lab, "get")
        theirs = run_terraform(lab, "plan", "-no-color").stderr
        ours = QuickLab(lab, environment).kvmform("plan", code=1).stderr
        assert _refusals(ours) == _refusals(theirs), name
        assert _refusals(theirs), name


def _refusals(text: str) -> list[tuple[str, ...]]:
    return re.findall(r"Error: ([^\n]*)\n\s*\n\s*on (\S+) line (\d+)", text.replace("│", ""))


@pytest.mark.parametrize("words", ["depends_on = [module.m]", "n = module.m.o", "count = module.m[0].o"])
def test_what_needs_itself_is_refused(tmp_path: Path, words: str) -> None:
    text = f'module "m" {{\n  source = "./m"\n  {words}\n}}\n'
    lab = write_files(tmp_path, {"main.tf": text, **MODULES})
    run_terraform(lab, "get")
    assert "Error: Cycle" in run_terraform(lab, "plan", "-no-color").stderr
    assert "Error: Cycle" in QuickLab(lab, environment_for("test+file:x.xml")).kvmform("plan", code=1).stderr
