"""Values that no host could take are told by `validate`, with their place, before any host is asked."""

from pathlib import Path

import pytest
from command_line import CommandLine

NAME = "Invalid name"
CHARACTER = "Invalid character"
VALUE = "Invalid Attribute Value"
ODD = [
    ("libvirt_pool", 'name = ""\n  type = "dir"', NAME, 'name = ""'),
    ("libvirt_pool", 'name = "a/b"\n  type = "dir"', NAME, 'name = "a/b"'),
    ("libvirt_pool", 'name = ".."\n  type = "dir"', NAME, 'name = ".."'),
    ("libvirt_pool", 'name = "p"\n  type = "dir"\n  target { path = "/p\\u0001" }', CHARACTER, "U+0001"),
    ("libvirt_network", 'name = "a\\nb"', NAME, "line ends"),
    ("libvirt_network", 'name = "n"\n  domain = "lab\\u0000"', CHARACTER, "U+0000"),
    ("libvirt_domain", 'name = "x/y"', NAME, 'name = "x/y"'),
    ("libvirt_domain", 'name = "x"\n  description = "\\u000b"', CHARACTER, "U+000B"),
    ("libvirt_domain", 'name = "x"\n  memory = 1e20', VALUE, "at most"),
    ("libvirt_domain", 'name = "x"\n  vcpu = 1e10', VALUE, "at most 65535"),
    ("libvirt_volume", 'name = "x"\n  size = 1e30', VALUE, "at most 9223372036854775807"),
    ("libvirt_volume", 'name = "x"\n  size = -5', VALUE, "at least 0"),
    ("libvirt_volume", 'name = "x"\n  size = 1.5', VALUE, "a whole number"),
]


@pytest.mark.parametrize(("kind", "body", "summary", "words"), ODD)
def test_a_value_that_no_host_takes(tmp_path: Path, kind: str, body: str, summary: str, words: str) -> None:
    lab = CommandLine(tmp_path).write(f'resource "{kind}" "odd" {{\n  {body}\n}}\n')
    said = lab.run("validate", "-no-color", code=1)
    assert f"Error: {summary}" in said
    assert words in said
    assert "on main.tf line" in said


def test_a_state_file_has_a_name(tmp_path: Path) -> None:
    lab = CommandLine(tmp_path).write("output x { value = 1 }")
    assert "Invalid state path" in lab.run("plan", "-state=/", code=1)


def test_a_name_that_nobody_may_see_is_not_quoted(tmp_path: Path) -> None:
    block = 'resource "libvirt_pool" "%s" {\n  name = var.name\n  type = "dir"\n  target { path = "/%s" }\n}\n'
    host = f'provider "libvirt" {{ uri = "test+file:{tmp_path}/host.xml" }}\n'
    variable = 'variable "name" {\n  default = "hush-hush"\n  sensitive = true\n}\n'
    lab = CommandLine(tmp_path).write(host + variable + block % ("a", "a") + block % ("b", "b"))
    said = lab.run("plan", code=1)
    assert "is named (sensitive value) too" in " ".join(said.replace("│", "").split())
    assert "hush-hush" not in said
