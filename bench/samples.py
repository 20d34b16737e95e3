"""Configurations to measure with: only what both kvmform and a bare Terraform can run, which has no plugins.

Each is a function of its size that gives the files of a directory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["SAMPLES", "calls", "chain", "elements", "mixed", "star"]

Files = Mapping[str, str]

_GROUP = """\
variable "size_{n}" {{
  type        = number
  description = "Size of group {n}"
  default     = {n}
}}

locals {{
  name_{n}   = "group-${{var.size_{n}}}"
  ports_{n}  = [for port in range(3) : 8000 + port * {n}]
  labels_{n} = {{ for index, port in local.ports_{n} : "port-${{index}}" => port if port > 8000 }}
  user_{n}   = <<-EOT
    #cloud-config
    hostname: ${{local.name_{n}}}
    %{{ for port in local.ports_{n} ~}}
    - ${{port}}
    %{{ endfor ~}}
  EOT
}}

resource "terraform_data" "web_{n}" {{
  input = {{
    name   = upper(local.name_{n})
    size   = var.size_{n} > 10 ? "large" : "small"
    ports  = local.ports_{n}
    labels = merge(local.labels_{n}, {{ extra = "{n}" }})
    data   = jsonencode({{ user = local.user_{n}, before = {before} }})
  }}
}}

output "group_{n}" {{
  description = "Group {n}"
  value = {{
    name = terraform_data.web_{n}.output.name
    text = join(",", [for label in keys(local.labels_{n}) : format("%s=%s", label, local.name_{n})])
  }}
}}

"""


def mixed(lines: int) -> Files:
    """Variables, locals, templates, for expressions, functions, resources and outputs: that many lines."""
    text = ""
    count = _GROUP.count("\n")
    for n in range(1, lines // count + 1):
        before = f"terraform_data.web_{n - 1}.output.name" if n > 1 else '"nothing"'
        text += _GROUP.format(n=n, before=before)
    return {"main.tf": text + "# the end\n" * (lines % count)}


def elements(count: int) -> Files:
    """One resource with so many elements, by for_each."""
    return {
        "main.tf": f"""\
locals {{
  names = {{ for pair in setproduct(range({count // 100}), range(100)) : "n${{pair[0]}}-${{pair[1]}}" => pair[1] }}
}}

resource "terraform_data" "each" {{
  for_each = local.names
  input    = {{ name = each.key, size = each.value }}
}}

output "names" {{ value = [for key, each in terraform_data.each : each.output.name] }}
"""
    }


def calls(count: int) -> Files:
    """One module, called so many times."""
    call = 'module "m{n}" {{\n  source = "./m"\n  name   = "x{n}"\n}}\n\n'
    module = """\
variable "name" { type = string }

resource "terraform_data" "it" { input = upper(var.name) }

output "name" { value = terraform_data.it.output }
"""
    return {"main.tf": "".join(call.format(n=n) for n in range(count)), "m/main.tf": module}


def chain(count: int) -> Files:
    """Resources that each need the one before."""
    first = 'resource "terraform_data" "r0" { input = "a" }\n\n'
    return {"main.tf": first + "".join(_resource(n, n - 1) for n in range(1, count))}


def star(count: int) -> Files:
    """Resources that all need the same one."""
    first = 'resource "terraform_data" "r0" { input = "a" }\n\n'
    return {"main.tf": first + "".join(_resource(n, 0) for n in range(1, count))}


def _resource(number: int, needed: int) -> str:
    return f'resource "terraform_data" "r{number}" {{\n  input = terraform_data.r{needed}.output\n}}\n\n'


SAMPLES: Mapping[str, Callable[[int], Files]] = {
    "lines": mixed,
    "elements": elements,
    "calls": calls,
    "chain": chain,
    "star": star,
}
"""By what they are many of."""
