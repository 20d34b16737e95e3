"""What is asked at the terminal or answered through a pipe: approval, and variables without a value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lab import environment_for
from quick_lab import QuickLab
from terminal import Terminal

POOL = """
provider "libvirt" {}

variable "name" {
  description = "What the pool is called."
}

resource "libvirt_pool" "lab" {
  name = var.name
  type = "dir"
  path = "/images"
}
"""
APPROVAL = """
Do you want to perform these actions?
  kvmform will perform the actions described above.
  Only 'yes' will be accepted to approve.
"""
DESTRUCTION = """
Do you really want to destroy all resources?
  kvmform will delete everything shown above.
  There is no undo. Only 'yes' will be accepted to confirm.
"""


@pytest.fixture
def lab(tmp_path: Path) -> QuickLab:
    return QuickLab.of_text(POOL, tmp_path, environment_for(f"test+file:{tmp_path}/host.xml"))


@pytest.fixture
def at_terminal(lab: QuickLab) -> Callable[..., Terminal]:
    return lambda *words: Terminal(lab.directory, lab.environment, *words)


def names(lab: QuickLab) -> list[str]:
    return lab.kvmform("state", "list", code=None).stdout.split()


def test_variables_and_approval_are_asked_for_at_a_terminal(
    lab: QuickLab, at_terminal: Callable[..., Terminal]
) -> None:
    with at_terminal("apply", "-no-color") as terminal:
        terminal.sees("var.name\n  What the pool is called.\n\n  Enter a value: ")
        terminal.type("lab")
        terminal.sees(f"{APPROVAL}\n  Enter a value: ")
        terminal.type("yes")
        assert "Apply complete! Resources: 1 added" in terminal.ends(0)
    assert names(lab) == ["libvirt_pool.lab"]


def test_any_other_answer_cancels(lab: QuickLab, at_terminal: Callable[..., Terminal]) -> None:
    with at_terminal("apply", "-no-color", "-var", "name=lab") as terminal:
        terminal.sees("Enter a value: ")
        terminal.type("y")
        assert terminal.ends(1).endswith("\nApply cancelled.\n")
    assert names(lab) == []


def test_a_secret_is_not_shown_as_it_is_typed(lab: QuickLab, at_terminal: Callable[..., Terminal]) -> None:
    (lab.directory / "main.tf").write_text(
        'variable "key" {\n  sensitive = true\n}\noutput "length" {\n  value = nonsensitive(length(var.key))\n}\n'
    )
    with at_terminal("apply", "-auto-approve", "-no-color") as terminal:
        terminal.sees("var.key\n  Enter a value: ")
        terminal.type("hunter2")
        assert "hunter2" not in terminal.ends(0)
    assert lab.output("length") == 7


def test_answers_may_come_through_a_pipe(lab: QuickLab) -> None:
    said = lab.kvmform("apply", answers="lab\nyes\n").stdout
    assert APPROVAL in said
    assert "Apply complete! Resources: 1 added" in said
    said = lab.kvmform("destroy", "-var", "name=lab", answers="no\n", code=1).stdout
    assert DESTRUCTION in said
    assert said.endswith("Enter a value: \n\nDestroy cancelled.\n")
    assert lab.kvmform("destroy", "-var", "name=lab", answers="yes\n").stdout.endswith("1 destroyed.\n")


def test_the_question_names_the_workspace_and_what_the_plan_disrupts(lab: QuickLab) -> None:
    lab.kvmform("workspace", "new", "w")
    lab.apply("-var", "name=lab")
    lab.edit('type = "dir"\n  path = "/images"', 'type = "dir"\n  path = "/others"')
    said = lab.kvmform("apply", "-var", "name=lab", answers="no\n", code=1).stdout
    assert 'Do you want to perform these actions in workspace "w"?' in said
    assert "Their disruption goes up to: " in said
    assert 'destroy all resources in workspace "w"?' in lab.kvmform("destroy", answers="x\ny\n", code=1).stdout


def test_what_a_refresh_found_is_written_after_asking(lab: QuickLab) -> None:
    lab.apply("-var", "name=lab")
    (lab.directory / "host.xml").unlink()
    said = lab.kvmform("apply", "-refresh-only", "-var", "name=lab", answers="no\n", code=1).stdout
    assert "Would you like to update the state to reflect these detected changes?" in said
    assert names(lab) == ["libvirt_pool.lab"]
    lab.kvmform("apply", "-refresh-only", "-var", "name=lab", answers="yes\n")
    assert names(lab) == []


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (("-input=false",), {}, "No value for required variable"),
        (("-input=false", "-var", "name=lab"), {}, "Approval needed"),
        (("-var", "name=lab"), {"TF_INPUT": "0"}, "Approval needed"),
        ((), {"TF_INPUT": "false"}, "No value for required variable"),
    ],
)
def test_nothing_is_asked_where_that_is_said(
    lab: QuickLab, words: tuple[str, ...], environment: dict[str, str], told: str
) -> None:
    lab.environment |= environment
    said = lab.kvmform("apply", *words, answers="lab\nyes\n", code=1)
    assert told in said.stderr
    assert "Enter a value" not in said.stdout
    assert names(lab) == []


def test_where_nobody_answers_nothing_is_done(lab: QuickLab) -> None:
    assert "No value for required variable" in lab.fails("apply")
    assert "the standard input has ended" in lab.fails("apply", "-var", "name=lab")
    assert names(lab) == []


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_a_program_has_to_approve_beforehand(lab: QuickLab, command: str) -> None:
    said = lab.kvmform(command, "-json", "-var", "name=lab", answers="yes\n", code=1).stdout
    assert "Plan file or auto-approve required" in said
    assert "planned_change" not in said
