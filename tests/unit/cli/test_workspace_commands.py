"""Named workspaces, with Terraform's words and files."""

import pytest
from command_line import CommandLine

LAB = """
resource "terraform_data" "a" {
  input = terraform.workspace
}
"""


@pytest.fixture
def lab(tmp_path):
    return CommandLine(tmp_path).write(LAB)


def told(said):
    return " ".join(said.replace("│", " ").split())


def test_each_has_a_state_of_its_own(lab):
    assert lab.run("workspace", "list") == "* default\n\n"
    lab.run("apply", "-auto-approve")
    assert lab.run("workspace", "new", "dev").startswith(
        'Created and switched to workspace "dev"!\n\nYou\'re now on a new'
    )
    assert (lab.directory / ".terraform" / "environment").read_text() == "dev"
    assert lab.run("workspace", "list") == "  default\n* dev\n\n"
    assert "Plan: 1 to add" in lab.run("plan", "-detailed-exitcode", code=2)
    lab.run("apply", "-auto-approve")
    assert '"dev"' in lab.run("state", "show", "terraform_data.a")
    assert (lab.directory / "terraform.tfstate.d" / "dev" / "terraform.tfstate").exists()
    assert lab.run("workspace", "select", "default") == 'Switched to workspace "default".\n'
    assert lab.run("workspace", "select", "default") == ""
    assert lab.run("workspace", "show") == "default\n"
    assert '"default"' in lab.run("state", "show", "terraform_data.a")


def test_a_saved_plan_is_for_the_one_that_it_was_made_in(lab):
    lab.run("workspace", "new", "dev")
    lab.run("plan", "-out=p")
    lab.run("workspace", "select", "default")
    lab.run("apply", "p")
    assert not (lab.directory / "terraform.tfstate").exists()
    lab.run("workspace", "select", "dev")
    assert 'input  = "dev"' in lab.run("state", "show", "terraform_data.a")


def test_one_that_records_objects_is_deleted_by_force_alone(lab):
    lab.run("workspace", "select", "-or-create=true", "dev")
    lab.run("apply", "-auto-approve")
    assert "is your active workspace" in lab.run("workspace", "delete", "dev", code=1)
    lab.run("workspace", "select", "default")
    said = lab.run("workspace", "delete", "dev", code=1)
    assert "Error: Workspace is not empty" in said
    assert "- terraform_data.a" in said
    said = lab.run("workspace", "delete", "-force", "dev")
    assert said.startswith('Deleted workspace "dev"!\nWARNING: "dev" was non-empty.\n')
    assert not (lab.directory / "terraform.tfstate.d" / "dev").exists()


def test_what_is_not_there_and_what_can_not_be(lab):
    lab.run("workspace", "new", "dev")
    assert 'Workspace "dev" already exists' in lab.run("workspace", "new", "dev", code=1)
    assert 'Workspace "nope" doesn\'t exist.' in lab.run("workspace", "select", "nope", code=1)
    for name in ("a b", "a/b", "..", ""):
        assert "Invalid workspace name" in lab.run("workspace", "new", name, code=1)
    assert "Can't delete default state" in lab.run("workspace", "delete", "default", code=1)


def test_the_environment_selects_one_for_a_command(lab, monkeypatch):
    lab.run("workspace", "new", "dev")
    monkeypatch.setattr("kvmform.workspace.named.selected_by_environment", lambda _environment: "prod")
    assert lab.run("workspace", "show") == "prod\n"
    assert "overridden using the TF_WORKSPACE" in told(lab.run("workspace", "new", "x", code=1))
    lab.run("apply", "-auto-approve")
    assert '"prod"' in lab.run("state", "show", "terraform_data.a")
