"""python-hcl2 is a second, independent reader of the language: where it reads well, both see the same structure.

Where python-hcl2 8.1 is known to read wrongly, Terraform says who is right; those places are listed here.
Beside them: a heredoc whose end marker has a blank behind it swallows what follows; templates in heredocs are
not read at all; `a.*.b[0]` is read as `a.*.(b[0])`; a comment becomes part of the operator behind it; of two
arguments of one name the last one wins in silence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hcl2
import pytest
from lark.exceptions import LarkError

from kvmform.lang.ast import Body, Expression, Literal, ObjectExpression, TupleExpression
from kvmform.lang.parse import parse_config

CONFIGURATION = """
# A small lab.
terraform {
  required_providers {
    libvirt = { source = "dmacvicar/libvirt", version = "~> 0.8" }
  }
}

variable "guests" {
  type    = map(object({ memory = number, tags = optional(list(string), []) }))
  default = { web = { memory = 512, tags = ["a", "b"] }, db = { memory = 1024 } }
}

locals {
  names  = [for name, guest in var.guests : name if guest.memory > 256]
  volume = { for name in local.names : name => libvirt_volume.root[name].id }
  uri    = var.remote ? "qemu+ssh://${var.host}/system" : "qemu:///system"
}

resource "libvirt_domain" "guest" {
  for_each = var.guests
  name     = "guest-${each.key}"
  memory   = each.value.memory * 2 + 128
  running  = !var.stopped

  disk {
    volume_id = libvirt_volume.root[each.key].id
    scsi      = true
  }
  disk {
    file = "/srv/${each.key}.iso"
  }

  dynamic "network_interface" {
    for_each = [for network in var.networks : network]
    content {
      network_name = network_interface.value
      addresses    = [cidrhost("10.17.3.0/24", 10)]
    }
  }

  lifecycle {
    ignore_changes = [disk, cloudinit]
  }
}

output "addresses" {
  value     = libvirt_domain.guest["web"].network_interface[0].addresses
  sensitive = false
}
"""


def plain(value: Any) -> Any:
    """What python-hcl2 says, without its marks, quotes and blanks; an expression as its text."""
    match value:
        case dict():
            return {plain(key): plain(item) for key, item in value.items() if not key.startswith("__")}
        case list():
            return [plain(item) for item in value]
        case str():
            text = value.removeprefix("${").removesuffix("}") if value.startswith("${") else value
            return "".join(text.split()).replace('"', "").replace(":", "=")
        case _:
            return value


def ours(body: Body) -> dict[str, Any]:
    """The same from our tree: blocks as lists of what is under their labels."""
    result: dict[str, Any] = {name: shown(item.expression) for name, item in body.attributes.items()}
    for block in body.blocks:
        inner = ours(block.body)
        for label in reversed(block.labels):
            inner = {label.value: inner}
        result.setdefault(block.type, []).append(inner)
    return result


def shown(expression: Expression) -> Any:
    match expression:
        case Literal(value=bool() | int() | None):
            return expression.value
        case TupleExpression():
            return [shown(item) for item in expression.items]
        case ObjectExpression():
            return {plain(item.key.range.text): shown(item.value) for item in expression.items}
        case _:
            return plain(expression.range.text)


def test_both_readers_see_the_same_structure() -> None:
    body, problems = parse_config(CONFIGURATION, "main.tf")
    assert problems == []
    assert ours(body) == plain(hcl2.loads(CONFIGURATION))


@pytest.mark.parametrize("text", ["a = [1, 2", "a {\n", "a = = 1\n", 'a "b\n', "a = {b c}\n"])
def test_both_readers_refuse(text: str) -> None:
    assert parse_config(text, "main.tf")[1]
    with pytest.raises(LarkError):
        hcl2.loads(text)


EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.tf"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-2:]))
def test_both_readers_see_the_same_structure_in_the_examples(path: Path) -> None:
    text = path.read_text()
    body, problems = parse_config(text, "main.tf")
    assert problems == []
    assert sorted(flat(ours(body))) == sorted(flat(plain(hcl2.loads(text))))


def flat(tree: Any, at: str = "") -> list[str]:
    """The places in a tree, without the texts of expressions, which the two cut differently."""
    match tree:
        case dict():
            return [place for name, inner in tree.items() for place in flat(inner, f"{at}.{name}")]
        case list():
            return [place for inner in tree for place in flat(inner, f"{at}[]")] or [f"{at}[]"]
        case _:
            return [at]


@pytest.mark.parametrize(
    "text",
    [
        "a = 10-10\n",
        "a = 1 -10\n",
        "a = x.n -10\n",
        "a = !!x\n",
        "a = - - 1\n",
        'a = "${~ x ~}"\n',
        "é = 1\n",
        "a = <<é\nx\né\n",
        "a = <<_X\nx\n_X\n",
        "\ufeffa = 1\n",
        'a = "$${"\n',
        "a = core::f()\n",
        "a = x[ * ]\n",
        "a /* c */ = 1\n",
        "a = (\nx\n[0]\n)\n",
        "a = {\nfor x in y : x => x }\n",
        "a = <<EOT\nx\nEOT  \n",
    ],
)
def test_what_only_the_second_reader_refuses(text: str) -> None:
    assert parse_config(text, "main.tf")[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "a = 1 b = 2\n",
        "a\n{}\n",
        "a { b = 1\n}\n",
        "a {} b {}\n",
        "a = 1 +\n2\n",
        "a = b\n? c : d\n",
        "a = { b = 1 c = 2 }\n",
        'a = "x\ny"\n',
        'a = "\\x41"\n',
        'a = "\\\'"\n',
        "a = 1.2.3\n",
        'a = "%{ else }"\n',
        "a = x.0.1\n",
        "a = x.*.y.*\n",
        'a "${b}" {}\n',
        "a = { for = 1 }\n",
        "a = <<EOT\nx\nEOT",
        "a = <<EOT\n${\nEOT\n",
        "a = 1\na = 2\n",
        "a = 1\rb = 2\n",
    ],
)
def test_what_only_the_second_reader_takes(text: str) -> None:
    assert parse_config(text, "main.tf")[1] != []
