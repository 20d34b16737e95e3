"""Gates on the command line and in the environment, and applies that are verified."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lab import unboxed
from quick_lab import QuickLab

LAB = """
resource "terraform_data" "kept" {
  input            = var.input
  triggers_replace = var.trigger
}
resource "terraform_data" "many" {
  count = var.count_of
}
variable "input" { default = 1 }
variable "trigger" { default = 1 }
variable "count_of" { default = 4 }
"""


@pytest.fixture
def lab(tmp_path: Path) -> QuickLab:
    lab = QuickLab.of_text(LAB, tmp_path / "lab", {"PATH": "/usr/bin:/bin"})
    lab.apply()
    return lab


def test_a_refused_plan_is_shown_and_ends_with_an_error(lab: QuickLab) -> None:
    said = lab.kvmform("plan", "-deny=delete,replace", "-detailed-exitcode", "-var=count_of=3", code=1)
    assert "# terraform_data.many[3] will be destroyed" in said.stdout
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in said.stdout
    told = unboxed(said.stderr)
    assert "Error: Change refused" in told
    assert "with terraform_data.many[3], on main.tf line 6:" in told
    assert "-deny=delete does not allow that" in told


def test_the_flag_may_be_given_several_times_and_what_it_does_not_name_goes_through(lab: QuickLab) -> None:
    lab.plan("-deny=delete", "-deny", "replace", "-var=input=2")
    lab.kvmform("plan", "-deny=delete", "-deny", "replace", "-var=trigger=2", code=1)
    lab.kvmform("plan", "-deny=delete", "-deny", "replace", "-var=count_of=3", code=1)


def test_a_word_that_names_nothing_is_told_with_those_that_do(lab: QuickLab) -> None:
    told = lab.fails("plan", "-deny=delet")
    assert "create, update, delete, replace, forget" in told
    assert "live, next-boot, interrupt, reboot, data-loss" in told
    assert 'Did you mean "delete"?' in told
    assert "Invalid action or disruption class" in lab.fails("plan", "-deny=")
    assert "Invalid number of deletions" in lab.fails("plan", "-max-delete=-1")


def test_apply_and_destroy_ask_nobody_about_what_is_refused(lab: QuickLab) -> None:
    before = lab.state()
    for words in (("apply", "-var=count_of=0"), ("apply", "-destroy"), ("destroy",)):
        told = lab.fails(*words, "-max-delete=50%")
        assert "Too many deletions" in told
        assert "Approval" not in told
    assert lab.state() == before
    lab.apply("-var=count_of=3", "-max-delete=1")


def test_the_environment_sets_gates_that_no_flag_opens(lab: QuickLab) -> None:
    lab.environment |= {"KVMFORM_DENY": "replace", "KVMFORM_MAX_DELETE": "20%", "KVMFORM_MAX_DISRUPTION": "data-loss"}
    lab.plan("-var=count_of=3")
    assert "KVMFORM_DENY=replace does not allow" in lab.fails("plan", "-deny=create", "-var=trigger=2")
    assert "KVMFORM_MAX_DELETE=20% does not allow" in lab.fails("destroy", "-auto-approve", "-max-delete=100%")
    lab.environment["KVMFORM_DENY"] = "everything"
    assert "KVMFORM_DENY takes actions" in lab.fails("plan")


def test_a_refused_plan_is_saved_to_be_shown_and_never_applied(lab: QuickLab) -> None:
    lab.plan("-out=saved", "-var=input=2")
    said = lab.kvmform("plan", "-out=saved", "-deny=delete", "-var=count_of=3", code=1)
    assert "It is refused, so it can be shown, and not applied." in said.stdout
    assert "terraform_data.many[3] will be destroyed" in lab.kvmform("show", "saved").stdout
    told = lab.kvmform("apply", "saved", code=1)
    assert "terraform_data.many[3] will be destroyed" in told.stdout
    assert "-deny=delete does not allow that" in unboxed(told.stderr)
    assert "terraform_data.many[3]" in lab.addresses()


def test_the_json_of_a_refused_plan_says_so(lab: QuickLab) -> None:
    lab.kvmform("plan", "-out=saved", "-deny=delete,replace", "-max-delete=10%", "-var=count_of=3", code=1)
    document = json.loads(lab.kvmform("show", "-json", "saved").stdout)
    assert document["applyable"] is False
    assert document["refusals"] == [
        {
            "gates": ["-max-delete=10%"],
            "reason": "This plan deletes or replaces 1 of the 5 objects in the state (20%).",
        },
        {
            "address": "terraform_data.many[3]",
            "gates": ["-deny=delete"],
            "reason": "terraform_data.many[3] would be deleted: its index is out of range for count.",
        },
    ]
    lab.plan("-out=saved", "-deny=delete", "-var=input=2")
    document = json.loads(lab.kvmform("show", "-json", "saved").stdout)
    assert document["applyable"] is True
    assert "refusals" not in document


def test_a_saved_plan_is_checked_against_the_gates_of_who_applies_it(lab: QuickLab) -> None:
    lab.plan("-out=saved", "-var=count_of=2")
    assert "-max-delete=1 does not allow" in lab.fails("apply", "-max-delete=1", "saved")
    lab.environment["KVMFORM_DENY"] = "delete"
    assert "KVMFORM_DENY=delete does not allow" in lab.fails("apply", "saved")
    del lab.environment["KVMFORM_DENY"]
    lab.kvmform("apply", "-max-delete=2", "saved")


def test_programs_are_told_of_the_plan_and_of_what_is_refused(lab: QuickLab) -> None:
    said = lab.kvmform("plan", "-json", "-deny=delete", "-var=count_of=3", code=1).stdout
    messages = [json.loads(line) for line in said.splitlines()]
    kinds = [message["type"] for message in messages]
    assert kinds.index("planned_change") < kinds.index("change_summary") < kinds.index("diagnostic")
    (diagnostic,) = [message["diagnostic"] for message in messages if message["type"] == "diagnostic"]
    assert diagnostic["address"] == "terraform_data.many[3]"
    assert diagnostic["range"]["start"]["line"] == 6


# Applies that are verified.

PROVISIONED = """
resource "local_file" "note" {
  filename = "note"
  content  = "written"
}
resource "terraform_data" "spoiler" {
  input = local_file.note.id
  provisioner "local-exec" { command = "rm note" }
}
"""


def test_a_verified_apply_says_that_everything_is_as_planned(lab: QuickLab) -> None:
    assert "Verified: everything is as planned." in lab.apply("-verify", "-var=count_of=2")
    assert "Verified" not in lab.apply("-var=count_of=1")
    lab.plan("-out=saved", "-var=count_of=3")
    assert "Verified: everything" in lab.kvmform("apply", "-verify", "saved").stdout
    assert "Verified: everything" in lab.kvmform("apply", "-verify", "-auto-approve", "-refresh-only").stdout
    assert "Verified: everything" in lab.kvmform("destroy", "-verify", "-auto-approve").stdout


def test_what_a_plan_leaves_out_is_not_verified(lab: QuickLab) -> None:
    for words in (["-target=terraform_data.kept"], ["-exclude=terraform_data.many"]):
        said = lab.apply("-verify", *words, "-var=count_of=2", "-var=trigger=2")
        assert "Verified: everything is as planned." in said
    lab.plan("-var=count_of=2", "-var=trigger=2")


def test_an_apply_after_which_something_differs_fails_and_names_it(tmp_path: Path) -> None:
    lab = QuickLab.of_text(PROVISIONED, tmp_path / "lab", {"PATH": "/usr/bin:/bin"})
    said = lab.kvmform("apply", "-verify", "-auto-approve", code=1)
    assert "Apply complete! Resources: 2 added" in said.stdout
    assert "# local_file.note will be created" in said.stdout.partition("Apply complete!")[2]
    told = unboxed(said.stderr)
    assert "Error: Not as planned after apply" in told
    assert "main.tf line 2" in told
    assert "local_file.note is not there, and would be created." in told
    assert set(lab.addresses()) == {"local_file.note", "terraform_data.spoiler"}


def test_a_saved_plan_is_verified_too_and_programs_are_told(tmp_path: Path) -> None:
    lab = QuickLab.of_text(PROVISIONED, tmp_path / "lab", {"PATH": "/usr/bin:/bin"})
    lab.plan("-out=saved")
    said = lab.kvmform("apply", "-verify", "-json", "saved", code=1).stdout
    messages = [json.loads(line) for line in said.splitlines()]
    operations = [m["changes"]["operation"] for m in messages if m["type"] == "change_summary"]
    assert operations == ["apply", "plan"]
    assert {m["diagnostic"]["address"] for m in messages if m["type"] == "diagnostic"} == set(lab.addresses())


def test_what_never_comes_to_rest_is_told(tmp_path: Path) -> None:
    text = (
        'resource "terraform_data" "restless" {\n  input = timestamp()\n}\noutput "when" {\n  value = timestamp()\n}\n'
    )
    lab = QuickLab.of_text(text, tmp_path / "lab", {"PATH": "/usr/bin:/bin"})
    told = lab.apply("-verify", code=1)
    assert "terraform_data.restless would be changed again: input, output." in told
    assert 'The output "when" would have another value.' in told


def test_a_failed_apply_is_not_verified(tmp_path: Path) -> None:
    text = 'resource "terraform_data" "bad" {\n  provisioner "local-exec" {\n    command = "false"\n  }\n}\n'
    lab = QuickLab.of_text(text, tmp_path / "lab", {"PATH": "/usr/bin:/bin"})
    assert "Verified" not in lab.apply("-verify", code=1)
