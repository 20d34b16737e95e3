"""python-hcl2 is a second, independent reader of the language: where it reads well, both see the same structure.

Left out is what it is known to read wrongly: templates in heredocs, splats with more behind
them, and unusual blanks.
"""

from __future__ import annotations

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
