"""`validate -json` beside a real Terraform's: the same errors, at the same places, shown the same way.

What is said in the details is our own. Each group is one directory, with a file for each mistake.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

DECLARATIONS = [
    'resource "terraform_data" "N" {\n  input = 1\n  input = 2\n}',
    'resorce "terraform_data" "N" {\n}',
    'resource "terraform_data" {\n}',
    'resource "terraform_data" "N" "more" {\n}',
    'resource "terraform_data" "1N" {\n}',
    'resource "terraform_data" "N" {\n  count    = 1\n  for_each = {}\n}',
    'resource "terraform_data" "N" {\n  lifecycle {\n    colour = 1\n  }\n}',
    'resource "terraform_data" "N" {\n  lifecycle {\n    prevent_destroy = "x"\n  }\n}',
    'resource "terraform_data" "N" {\n  lifecycle {\n    precondition {\n      condition = true\n    }\n  }\n}',
    'resource "terraform_data" "N" {}\nresource "terraform_data" "N" {}',
    "locals {\n  N = 1\n}\nlocals {\n  N = 2 + 2\n}",
    'output "N" {\n}',
    'output "N" {\n  value = 1\n}\noutput "N" {\n  value = 1\n}',
    'variable "N" {\n  type = strnig\n}',
    'variable "N" {\n  type    = number\n  default = "x"\n}',
    'variable "N" {\n  nullable = "x"\n}',
    'variable "N" {\n  type = map(string, number)\n}',
    'variable "N" {\n  validation {\n    condition     = true\n    error_message = "Bad."\n  }\n}',
    'variable "count" {\n}',
    'variable "N" {}\nvariable "N" {}',
    "moved {\n  from = terraform_data.N\n}",
    "import {\n  to = terraform_data.N\n}",
    'check "N" {\n}',
]
EXPRESSIONS = [
    'resource "terraform_data" "N" {\n  input = var.nope\n}',
    'resource "terraform_data" "N" {\n  inptu = 1\n}',
    'resource "terraform_data" "N" {\n  foo {\n  }\n}',
    'resource "terraform_data" "N" {\n  dynamic "foo" {\n    for_each = [1]\n    content {}\n  }\n}',
    'resource "terraform_data" "N" {\n  input = upper(5, 5)\n}',
    'resource "terraform_data" "N" {\n  input = count.index\n}',
    'resource "terraform_data" "N" {\n  input = each.key\n}',
    'resource "terraform_data" "N" {\n  count = 1\n  input = count.idx\n}',
    'resource "terraform_data" "N" {\n  for_each = {}\n  input    = each.valu.x\n}',
    'resource "terraform_data" "N" {\n  count = -1\n}',
    'resource "terraform_data" "N" {\n  count = "x"\n}',
    'resource "terraform_data" "N" {\n  for_each = [1]\n}',
    'resource "terraform_data" "N" {\n  depends_on = [terraform_data.b]\n}',
    'resource "terraform_data" "N" {\n  lifecycle {\n    ignore_changes = [input, nope]\n  }\n}',
    'resource "terraform_data" "N" {\n  count = 2\n}\noutput "N" {\n  value = terraform_data.N.id\n}',
    'output "N" {\n  value = terraform_data.nope.id\n}',
    'variable "N" {\n  sensitive = true\n}\noutput "N" {\n  value = var.N\n}',
    "locals {\n  N = local.b\n}",
    'locals {\n  N = uper("x")\n}',
    "locals {\n  N = upper()\n}",
    'locals {\n  N = upper("a", "b")\n}',
    "locals {\n  N = upper([1])\n}",
    'locals {\n  Nx = "zz"\n  N  = local.Nx + 1\n}',
    "locals {\n  Nx = { a = 1 }\n  N  = local.Nx.b\n}",
    "locals {\n  Nx = [1]\n  N  = local.Nx[3]\n}",
    "locals {\n  N = path.nope\n}",
    'locals {\n  N = "x" ? 1 : 2\n}',
    "locals {\n  N = true ? [1] : { a = 1 }\n}",
    'locals {\n  N = "x${null}"\n}',
    "locals {\n  N = [for x in 5 : x]\n}",
    "locals {\n  N = max(5...)\n}",
    'locals {\n  N = regex("(", "x")\n}',
    'locals {\n  N = file("nope.txt")\n}',
    'locals {\n  Nx = "{"\n  N  = jsondecode(local.Nx)\n}',
    'locals {\n  N = { for k in ["a", "a"] : k => 1 }\n}',
    'locals {\n  Nx = { a = 1, b = "x" }\n  Ny = "text"\n  N  = local.Nx.a + local.Ny\n}',
    'locals {\n  Nx = "text"\n  Ny = 5\n  Nz = null\n  N  = cidrsubnet(local.Nx, local.Ny, local.Nz)\n}',
    "locals {\n  N = merge({\n    a = 1\n    }, [\n    2\n  ])\n}",
    'locals {\n  Né = "日本 ${var.nope}"\n}',
    "locals {\n  N = <<EOT\nhello ${var.nope}\nEOT\n}",
    "locals {\n\tN\t=\tvar.nope\r\n}",
]


def run(program, directory):
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    result = subprocess.run(
        [*program, "validate", "-json"], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    document = json.loads(result.stdout)
    assert document["format_version"] == "1.0"
    assert result.returncode == (0 if document["valid"] else 1)
    told = {}
    for diagnostic in document["diagnostics"]:
        assert diagnostic.pop("detail") is not None
        # Terraform tells what functions take in words of its own.
        (diagnostic.get("snippet") or {}).pop("function_call", None)
        name = diagnostic["range"]["filename"] if "range" in diagnostic else ""
        told.setdefault(name, []).append(diagnostic)
    counts = {name: document[name] for name in ("valid", "error_count", "warning_count")}
    return counts, told


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no Terraform to compare with")
@pytest.mark.parametrize("group", [DECLARATIONS, EXPRESSIONS], ids=["declarations", "expressions"])
def test_the_same_is_told_as_by_terraform(tmp_path, group):
    for number, text in enumerate(group):
        (tmp_path / f"{number:02}.tf").write_text(text.replace("N", f"n{number}") + "\n", newline="")
    counts, told = run([sys.executable, "-m", "kvmform"], tmp_path)
    their_counts, theirs = run(["terraform"], tmp_path)
    assert told == theirs
    assert counts == their_counts


def test_an_empty_directory_is_valid(tmp_path):
    counts, told = run([sys.executable, "-m", "kvmform"], tmp_path)
    assert counts == {"valid": True, "error_count": 0, "warning_count": 0}
    assert told == {}
