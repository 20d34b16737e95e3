"""What a user and a program see of provisioners: the words and messages that Terraform has for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lab import environment_for
from quick_lab import QuickLab

POOL = """
provider "libvirt" {{}}

resource "libvirt_pool" "lab" {{
  name = "lab"
  type = "dir"

  target {{
    path = "/images"
  }}
{}
}}
"""
LOCAL = """
  provisioner "local-exec" {
    command = "%s"
    %s
  }
"""


@pytest.fixture
def lab(tmp_path: Path) -> QuickLab:
    return QuickLab(tmp_path, environment_for(f"test+file:{tmp_path}/host.xml"))


def write(lab: QuickLab, *provisioners: str) -> QuickLab:
    (lab.directory / "main.tf").write_text(POOL.format("".join(provisioners)))
    return lab


def messages(lab: QuickLab, *words: str, code: int = 0) -> list[dict[str, object]]:
    """The messages of a run's JSON stream that are about provisioners."""
    said = lab.kvmform(*words, "-auto-approve", "-json", code=code).stdout
    return [m for m in map(json.loads, said.splitlines()) if m["type"].startswith("provision_")]


def test_in_words(lab: QuickLab) -> None:
    text = write(lab, LOCAL % ("echo hello", ""), LOCAL % ("echo bye", "when = destroy")).apply()
    before, _, after = text.partition("libvirt_pool.lab: Creating...")
    assert "provisioner" not in before
    assert after.splitlines()[1:4] == [
        "libvirt_pool.lab: Provisioning with 'local-exec'...",
        'libvirt_pool.lab (local-exec): Executing: ["/bin/sh" "-c" "echo hello"]',
        "libvirt_pool.lab (local-exec): hello",
    ]
    assert after.splitlines()[4].startswith("libvirt_pool.lab: Creation complete after 0s [id=")
    assert lab.plan_is_empty()
    lines = lab.destroy().partition("libvirt_pool.lab: Destroying...")[2].splitlines()
    assert lines[3] == "libvirt_pool.lab (local-exec): bye"
    assert lines[4].startswith("libvirt_pool.lab: Destruction complete after 0s")


def test_a_failure(lab: QuickLab) -> None:
    text = write(lab, LOCAL % ("echo why; exit 3", "")).apply(code=1)
    assert "Error: local-exec provisioner error" in text
    assert 'on main.tf line 12, in resource "libvirt_pool" "lab":' in text
    assert "The command ended with exit status 3." in text
    assert "# libvirt_pool.lab is tainted, so must be replaced" in lab.plan()
    assert lab.state()["resources"][0]["instances"][0]["status"] == "tainted"
    text = write(lab, LOCAL % ("exit 4", "on_failure = continue")).apply()
    assert "libvirt_pool.lab (local-exec): failed, going on: The command ended with exit status 4." in text
    assert lab.plan_is_empty()


def test_the_messages_for_programs(lab: QuickLab) -> None:
    write(lab, LOCAL % ("echo hello", ""), LOCAL % ("exit 1", "on_failure = continue"))
    found = messages(lab, "apply")
    assert [message["type"] for message in found] == [
        "provision_start",
        "provision_progress",
        "provision_progress",
        "provision_complete",
        "provision_start",
        "provision_progress",
        "provision_errored",
    ]
    assert [message["@message"] for message in found][:4] == [
        "libvirt_pool.lab: Provisioning with 'local-exec'...",
        'libvirt_pool.lab: (local-exec): Executing: ["/bin/sh" "-c" "echo hello"]',
        "libvirt_pool.lab: (local-exec): hello",
        "libvirt_pool.lab: (local-exec) Provisioning complete",
    ]
    hook = found[2]["hook"]
    assert isinstance(hook, dict)
    assert hook["resource"]["addr"] == "libvirt_pool.lab"
    assert (hook["provisioner"], hook["output"]) == ("local-exec", "hello")


def test_a_secret_is_in_no_message(lab: QuickLab) -> None:
    write(lab, LOCAL % ("echo ${var.s}", ""))
    lab.add('variable "s" {\n  sensitive = true\n  default = "hidden"\n}\n', "variables.tf")
    said = lab.kvmform("apply", "-auto-approve", "-json").stdout
    assert "(output suppressed due to sensitive value in config)" in said
    assert "hidden" not in said


def test_the_plan_for_programs_has_them_in_the_configuration(lab: QuickLab) -> None:
    write(lab, LOCAL % ("echo ${self.id}", "")).plan("-out=p")
    document = json.loads(lab.kvmform("show", "-json", "p").stdout)
    (resource,) = document["configuration"]["root_module"]["resources"]
    assert resource["provisioners"] == [
        {"type": "local-exec", "expressions": {"command": {"references": ["self.id", "self"]}}}
    ]


def test_what_is_wrong_is_told_by_validate_and_nothing_is_made(lab: QuickLab) -> None:
    write(lab, '  connection {\n    type = "winrm"\n    host = self.id\n  }\n  provisioner "remote-exec" {}\n')
    text = lab.fails("validate")
    assert "Error: Invalid remote-exec provisioner configuration" in text
    assert "Error: WinRM connections are not supported" in text
    assert 'on main.tf line 12, in resource "libvirt_pool" "lab":' in text
    assert "WinRM connections are not supported" in lab.fails("apply", "-auto-approve")
    assert not (lab.directory / "terraform.tfstate").exists()
