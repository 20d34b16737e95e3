"""What a plan, a state and outputs are told as: the same as by the real Terraform, line by line.

`tests/cases/plan_text` has the configurations, and what kvmform says. Where a Terraform is installed it is asked too.
"""

import sys
from pathlib import Path

import pytest
from command_line import CommandLine
from plan_reading import CASES, Terraform, likened, without_ids, words_of
from terraform import has_terraform

LIKE_TERRAFORM = pytest.mark.skipif(not has_terraform(), reason="needs Terraform 1.11")


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request):
    return request.param


def kvmform(case: Path, directory: Path, monkeypatch) -> CommandLine:
    monkeypatch.setenv("COLUMNS", "")
    here = CommandLine(directory).write((case / "before.tf").read_text())
    here.run("apply", "-auto-approve")
    return here


def plan_of(case: Path, here: CommandLine) -> str:
    here.write((case / "after.tf").read_text())
    for words in words_of(case, "first"):
        here.run(*words)
    return here.run("plan", *(word for words in words_of(case, "plan") for word in words))


def test_a_plan_is_told_as_it_was(case, tmp_path, monkeypatch):
    assert without_ids(plan_of(case, kvmform(case, tmp_path, monkeypatch))) == (case / "plan.txt").read_text()


@LIKE_TERRAFORM
def test_a_plan_a_state_and_outputs_are_told_as_terraform_tells_them(case, tmp_path, monkeypatch):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()
    ours, theirs = kvmform(case, tmp_path / "ours", monkeypatch), Terraform(tmp_path / "theirs")
    (theirs.directory / "main.tf").write_text((case / "before.tf").read_text())
    theirs.run("apply", "-auto-approve")
    monkeypatch.setattr(sys, "argv", ["terraform"])
    instances = theirs.run("state", "list").splitlines()
    for words in (["show"], ["output"], *(["state", "show", address] for address in instances[:1])):
        told = likened(theirs.run(*words))
        assert not told or likened(ours.run(*words)) == told, words
    plan = plan_of(case, ours)
    (theirs.directory / "main.tf").write_text((case / "after.tf").read_text())
    for words in words_of(case, "first"):
        theirs.run(*words)
    assert likened(plan) == likened(theirs.run("plan", *(word for words in words_of(case, "plan") for word in words)))
