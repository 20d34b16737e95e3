"""Standard streams that are closed, full, read no further or of another encoding: nothing is lost by it."""

import json
import subprocess

import pytest
from lab import KVMFORM, environment_for

LAB = """
resource "terraform_data" "a" {
  count = 3
}
output "umlaut" { value = "ü" }
"""
SLOW = """
resource "terraform_data" "slow" {
  count = 3
  provisioner "local-exec" {
    command = "sleep 0.5"
  }
}
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "main.tf").write_text(LAB)

    def run(script, **variables):
        """A shell runs a script in which $K is kvmform; its exit code, and what came to its outputs."""
        environment = environment_for("test:///default") | {"K": str(KVMFORM)} | variables
        ran = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in ran.stderr
        assert "This is a bug" not in ran.stderr
        return ran.returncode, ran.stdout, ran.stderr

    run.directory = tmp_path
    return run


def test_an_apply_with_all_streams_closed_does_its_work_and_writes_into_no_file_of_its_own(run):
    assert run("exec $K apply -auto-approve <&- >&- 2>&-") == (0, "", "")
    state = json.loads((run.directory / "terraform.tfstate").read_text())
    assert len(state["resources"][0]["instances"]) == 3


def test_an_error_is_told_where_standard_output_is_closed(run):
    code, _, errors = run("exec $K plan -nonsense >&-")
    assert code == 1
    assert "There is no flag -nonsense." in errors


@pytest.mark.parametrize("command", ["plan", "apply -auto-approve", "providers schema -json"])
def test_a_full_disk_behind_standard_output_is_told(run, command):
    code, _, errors = run(f"exec $K {command} > /dev/full")
    assert code == 1
    assert "Error: Output can't be written" in errors
    assert "No space left on device" in errors


def test_an_apply_whose_reader_goes_away_stops_as_after_an_interrupt(run):
    """What was begun is recorded, and the next apply does the rest."""
    (run.directory / "slow.tf").write_text(SLOW)
    code, _, errors = run(
        "set -o pipefail; $K apply -auto-approve -parallelism=1 | grep -m1 -q 'slow.*Creation complete'"
    )
    assert (code, errors) == (1, "")
    _, listed, _ = run("$K state list")
    assert listed.split()
    assert run("$K apply -auto-approve > said; $K plan -detailed-exitcode > said")[0] == 0


def test_a_reader_of_data_may_go_away(run):
    assert run("set -o pipefail; $K providers schema -json | head -c 10") == (1, '{"format_v', "")


def test_what_an_encoding_has_not_is_written_otherwise(run):
    _, said, _ = run("$K apply -auto-approve -no-color; $K output -raw umlaut", PYTHONIOENCODING="ascii")
    assert said.endswith("\\xfc")


def test_words_of_the_environment_that_are_none_are_told_of(run):
    code, _, errors = run("exec $K plan", TF_CLI_ARGS_plan="-var 'a=b")
    assert code == 1
    assert "TF_CLI_ARGS_plan can't be read as words of a shell" in errors


def test_a_current_directory_that_is_gone_is_told_of(run):
    code, _, errors = run("mkdir gone; cd gone; rmdir ../gone; exec $K plan")
    assert code == 1
    assert "Error: No current directory" in errors
