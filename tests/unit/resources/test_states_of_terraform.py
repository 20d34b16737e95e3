"""States that Terraform 1.11 wrote with HashiCorp's own providers are taken over: nothing is made again.

A case is a folder in tests/cases/terraform_states: a configuration, `state.json` as it stood behind
the apply, and the files that were made.
"""

import json
import shutil
from pathlib import Path

import pytest
from command_line import CommandLine

CASES = sorted((Path(__file__).parents[2] / "cases" / "terraform_states").iterdir())


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def taken_over(here: CommandLine, request: pytest.FixtureRequest) -> CommandLine:
    shutil.copytree(request.param, here.directory, dirs_exist_ok=True)
    (here.directory / "state.json").rename(here.directory / "terraform.tfstate")
    return here


def test_a_plan_is_empty(taken_over: CommandLine) -> None:
    said = taken_over.run("plan", "-detailed-exitcode")
    assert "No changes." in said
    assert "changed outside" not in said


def test_the_attributes_are_those_that_the_provider_recorded(taken_over: CommandLine) -> None:
    """What this version would record has the same names and versions."""
    before = taken_over.state()
    (taken_over.directory / "terraform.tfstate").unlink()
    taken_over.run("apply", "-auto-approve")
    after = taken_over.state()
    assert after.keys() == before.keys()
    for address, instance in before.items():
        # Terraform keeps a place for the argument that template_file once had.
        gone = {"filename"} if address.startswith("template_file.") else set()
        assert after[address]["attributes"].keys() == instance["attributes"].keys() - gone
        assert after[address]["provider"] == instance["provider"]
        assert after[address]["schema_version"] == instance["schema_version"]


def test_it_is_destroyed(taken_over: CommandLine) -> None:
    taken_over.run("destroy", "-auto-approve")
    assert json.loads((taken_over.directory / "terraform.tfstate").read_text())["resources"] == []
    left = {path.name for path in taken_over.directory.glob("out/**/*") if path.is_file()}
    # The provider leaves archives.
    assert left <= {"zip", "tar"}
