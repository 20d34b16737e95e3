"""Why something happens to an object: told to people, and to programs in Terraform's words."""

from __future__ import annotations

import json
from pathlib import Path

from lab import environment_for
from quick_lab import QuickLab

LAB = """
resource "terraform_data" "asked" {}
resource "terraform_data" "triggered" {
  lifecycle {
    replace_triggered_by = [terraform_data.asked]
  }
}
resource "terraform_data" "uses" {
  triggers_replace = terraform_data.asked.id
}
data "template_file" "open" {
  template = "$${id}"
  vars     = { id = terraform_data.asked.id }
}
data "template_file" "waits" {
  template   = "x"
  depends_on = [terraform_data.asked]
}
"""
LET_GO = """
removed {
  from = terraform_data.asked
  lifecycle {
    destroy = false
  }
}
"""


def lab_in(directory: Path) -> QuickLab:
    lab = QuickLab.of_text(LAB, directory, environment_for("test:///default"))
    lab.kvmform("apply", "-auto-approve")
    return lab


def planned(lab: QuickLab, *words: str) -> dict[str, tuple[str, str]]:
    """Action and reason by address, as the stream tells them."""
    messages = [json.loads(line) for line in lab.kvmform("plan", "-json", *words).stdout.splitlines()]
    changes = [message["change"] for message in messages if message["type"] == "planned_change"]
    return {change["resource"]["addr"]: (change["action"], change.get("reason", "")) for change in changes}


def test_reasons_are_told(tmp_path: Path) -> None:
    lab = lab_in(tmp_path)
    assert planned(lab, "-replace=terraform_data.asked") == {
        "terraform_data.asked": ("replace", "requested"),
        "terraform_data.triggered": ("replace", "replace_triggered_by"),
        "terraform_data.uses": ("replace", "cannot_update"),
        "data.template_file.open": ("read", "read_because_config_unknown"),
        "data.template_file.waits": ("read", "read_because_dependency_pending"),
    }
    text = lab.kvmform("plan", "-replace=terraform_data.asked").stdout
    assert "# terraform_data.asked will be replaced, as requested" in text
    assert "# terraform_data.triggered will be replaced due to changes in replace_triggered_by" in text
    assert "# (config refers to values not yet known)" in text
    assert "# (depends on a resource or a module with changes pending)" in text


def test_what_is_let_go_is_removed_in_the_stream(tmp_path: Path) -> None:
    lab = lab_in(tmp_path)
    (lab.directory / "main.tf").write_text(LET_GO)
    assert planned(lab)["terraform_data.asked"] == ("remove", "delete_because_no_resource_config")
