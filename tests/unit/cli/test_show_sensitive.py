"""Sensitive values in `show`: hidden, in every form and place, unless asked for."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

LAB = """
variable "secret" {
  default   = "hunter1"
  sensitive = true
}
variable "open" { default = "seen" }
resource "terraform_data" "a" {
  triggers_replace = { text = var.secret, list = ["seen", var.secret], none = null, map = tomap({ k = var.secret }) }
}
resource "null_resource" "n" { triggers = { k = terraform_data.a.triggers_replace.text } }
resource "random_password" "p" { length = 20 }
module "m" {
  source = "./m"
  secret = var.secret
}
output "whole" {
  value     = terraform_data.a.triggers_replace
  sensitive = true
}
"""
MODULE = """
variable "secret" {
  default   = "hunter0"
  sensitive = true
}
resource "terraform_data" "in" { triggers_replace = "x${var.secret}" }
"""


@pytest.fixture
def lab(tmp_path: Path) -> CommandLine:
    (tmp_path / "m").mkdir()
    here = CommandLine(tmp_path).write(MODULE, "m/main.tf").write(LAB)
    here.run("init")
    here.run("apply", "-auto-approve")
    here.write(LAB.replace("hunter1", "hunter2"))
    return here


def secrets(lab: CommandLine) -> set[str]:
    """Everything that must not be seen: both values of the variable, a default, and the password."""
    return {"hunter0", "hunter1", "hunter2", lab.attributes("random_password.p")["result"]}


def test_plan_json_has_none_of_them(lab: CommandLine) -> None:
    hidden = secrets(lab)
    for words in ((), ("-destroy",), ("-replace=random_password.p",)):
        lab.run("plan", "-out=p", *words)
        said = lab.run("show", "-json", "p")
        assert not [each for each in hidden if each in said]
        assert "seen" in said


def test_what_is_beside_a_secret_stays(lab: CommandLine) -> None:
    lab.run("plan", "-out=p")
    change = changes(json.loads(lab.run("show", "-json", "p")))["terraform_data.a"]
    word = "REDACTED_SENSITIVE"
    shown = {"text": word, "list": ["seen", word], "none": None, "map": {"k": word}}
    assert change["before"]["triggers_replace"] == change["after"]["triggers_replace"] == shown
    assert change["after_sensitive"]["triggers_replace"] == {"text": True, "list": [False, True], "map": {"k": True}}
    assert {edit["after"] for edit in change["edits"] if edit["sensitive"] and edit["after"]} == {word}


def test_state_json_has_none_of_them(lab: CommandLine) -> None:
    said = lab.run("show", "-json")
    assert not [each for each in secrets(lab) if each in said]
    values = json.loads(said)["values"]
    assert values["outputs"]["whole"]["value"] == "REDACTED_SENSITIVE"
    assert values["root_module"]["resources"][0]["values"]["id"] != "REDACTED_SENSITIVE"


def test_who_asks_for_them_gets_them(lab: CommandLine) -> None:
    lab.run("plan", "-out=p")
    change = changes(json.loads(lab.run("show", "-json", "-show-sensitive", "p")))["terraform_data.a"]
    assert (change["before"]["triggers_replace"]["text"], change["after"]["triggers_replace"]["text"]) == (
        "hunter1",
        "hunter2",
    )
    assert json.loads(lab.run("show", "-json", "-show-sensitive"))["values"]["outputs"]["whole"]["value"]["list"] == [
        "seen",
        "hunter1",
    ]


def test_so_it_is_with_the_text(lab: CommandLine) -> None:
    lab.run("plan", "-out=p")
    for words in (("show", "-no-color", "p"), ("show", "-no-color")):
        said = lab.run(*words)
        assert "hunter" not in said
        assert "(sensitive value)" in said
        assert "hunter" in lab.run(*words, "-show-sensitive")


def test_a_password_that_is_written_out_is_hidden_in_the_configuration_too(tmp_path: Path) -> None:
    here = CommandLine(tmp_path).write(
        """
        provider "libvirt" { uri = "test:///default" }
        resource "libvirt_domain" "d" {
          name = "d"
          graphics {
            type     = "vnc"
            password = "hunter3"
          }
        }
        resource "local_sensitive_file" "f" {
          filename = "f"
          content  = "hunter4"
        }
        """
    )
    here.run("plan", "-out=p")
    said = here.run("show", "-json", "p")
    assert "hunter" not in said
    domain, file = json.loads(said)["configuration"]["root_module"]["resources"]
    assert domain["expressions"]["graphics"][0]["password"] == {"constant_value": "REDACTED_SENSITIVE"}
    assert file["expressions"]["filename"] == {"constant_value": "f"}
    assert "hunter3" in here.run("show", "-json", "-show-sensitive", "p")


def test_outputs_that_are_asked_for_by_name_or_for_programs_are_real(lab: CommandLine) -> None:
    assert lab.outputs()["whole"]["text"] == "hunter1"
    assert "hunter1" in lab.run("state", "pull")


def changes(document: dict[str, Any]) -> dict[str, Any]:
    return {each["address"]: each["change"] for each in document["resource_changes"]}
