"""What programs look for in text, by their own regular expressions: those of Atlantis, dflook, tfcmt, terratest.

They read the answers of a program that is called terraform.
"""

import re
import signal
import subprocess
import time

import pytest
from lab import KVMFORM, Lab, environment_for
from quick_lab import QuickLab

POOL = """
variable "name" { default = "a" }
resource "libvirt_pool" "p" {
  name = var.name
  type = "dir"
  target {
    path = "/srv/${var.name}"
  }
}
"""
DATA = """
variable "input" { default = "x" }
resource "terraform_data" "a" {
  input = var.input
}
resource "terraform_data" "triggered" {
  triggers_replace = var.input
}
output "o" {
  value = terraform_data.a.output
}
"""
PLAN = r"^Plan:(?: (\d+) to import,)? (\d+) to add, (\d+) to change, (\d+) to destroy\.$"
UUID = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"


@pytest.fixture
def lab(tmp_path):
    return QuickLab.of_text(
        DATA,
        tmp_path,
        environment_for(f"test+file:{tmp_path}/host.xml") | {"KVMFORM_COMPAT": "terraform", "COLUMNS": ""},
    )


def found(pattern, text):
    """The groups of the first line that fits."""
    match = re.search(pattern, text, re.MULTILINE)
    assert match is not None, f"{pattern!r} is not in:\n{text}"
    return match.groups()


def plan(lab, *words, code=2):
    return lab.kvmform("plan", "-no-color", "-detailed-exitcode", *words, code=code).stdout


def test_a_plan_that_creates(lab):
    said = plan(lab, "-out=saved")
    assert found(r"^ *# (.*) will be created$", said) == ("terraform_data.a",)
    assert found(PLAN, said) == (None, "2", "0", "0")
    assert "\nTerraform will perform the following actions:\n" in said
    assert re.search(r"^Changes to Outputs:$", said, re.MULTILINE)
    assert re.search(r"^  \+ resource ", said, re.MULTILINE), "Atlantis moves the signs at two blanks to the margin"
    assert found(r"Saved the plan to: (\S+)$", said) == ("saved",)
    assert found(r"^(─+)$", said) == ("─" * 77,)
    lab.environment["TF_IN_AUTOMATION"] = "1"
    assert "Saved the plan" not in plan(lab, "-out=saved")


def test_an_apply_and_what_comes_after(lab):
    said = lab.kvmform("apply", "-no-color", "-auto-approve").stdout
    assert found(r"^Apply complete! Resources: (\d+) added, (\d+) changed, (\d+) destroyed\.", said) == ("2", "0", "0")
    assert found(r"^(No changes\.) Your infrastructure matches the configuration\.$", plan(lab, code=0)) == (
        "No changes.",
    )
    said = lab.kvmform("apply", "-no-color", "-auto-approve").stdout
    assert found(r"^Apply complete! Resources: (\d+) added", said) == ("0",)
    said = lab.kvmform("destroy", "-no-color", "-auto-approve").stdout
    assert found(r"^Destroy complete! Resources: (\d+) destroyed\.", said) == ("2",)
    assert "\n  - destroy\n" in said, "Ansible's check_destroy"


def test_titles_of_changes_end_with_what_is_done(lab):
    lab.apply()
    lab.give(input="y")
    said = plan(lab)
    assert found(r"^ *# (.*) will be updated in-place$", said) == ("terraform_data.a",)
    assert found(r"^ *# (.*?)(?: is tainted, so)? must be replaced$", said) == ("terraform_data.triggered",)
    assert found(PLAN, said) == (None, "1", "1", "1")
    lab.kvmform("taint", "terraform_data.a")
    assert found(r"^ *# (.*?)( is tainted, so) must be replaced$", plan(lab))[0] == "terraform_data.a"
    said = plan(lab, "-replace=terraform_data.triggered", "-var", "input=x")
    assert found(r"^ *# (.*?) will be replaced, as requested$", said) == ("terraform_data.triggered",)
    said = plan(lab, "-destroy")
    assert found(r"^ *# (.*) will be destroyed$", said) == ("terraform_data.a",)
    assert found(r"([1-9][0-9]* to destroy\.)", said) == ("2 to destroy.",)


def test_titles_of_what_disrupts_too(lab):
    lab.add(POOL, "main.tf")
    lab.apply()
    lab.give(name="b")
    said = plan(lab)
    assert found(r"^ *# (.*) will be updated in-place$", said) == ("libvirt_pool.p",)
    assert found(r"^  # \(disruption: (\S+)\)$", said) == ("live",)


def test_what_moves_is_imported_or_let_go(lab):
    lab.apply()
    moved = "\nmoved {\n  from = terraform_data.triggered\n  to = terraform_data.b\n}\n"
    lab.edit('"triggered"', '"b"')
    lab.add(moved, "moved.tf")
    lab.add(f'import {{\n  to = terraform_data.c\n  id = "{UUID}"\n}}\nresource "terraform_data" "c" {{}}\n', "c.tf")
    said = plan(lab)
    assert found(r"^ *# (.*?) has moved to (.*?)$", said) == ("terraform_data.triggered", "terraform_data.b")
    assert found(r"^ *# (.*?) will be imported$", said) == ("terraform_data.c",)
    assert found(PLAN, said) == ("1", "0", "0", "0")
    lab.give(input="y")
    assert found(r"^ *# (.*) must be replaced\n *# \(moved from (.*)\)$", plan(lab)) == (
        "terraform_data.b",
        "terraform_data.triggered",
    )


def test_what_has_changed_outside(lab):
    lab.edit(DATA, 'resource "local_file" "f" {\n  filename = "f"\n  content = "x"\n}\n')
    lab.apply()
    (lab.directory / "f").unlink()
    said = plan(lab)
    assert "\nNote: Objects have changed outside of Terraform\n" in said
    assert re.search(r"^Unless you have made equivalent changes to your configuration", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-no-color"], r"^(Error: )"),
        ([], r"^([│|] )?(Error: )"),
    ],
)
def test_errors_begin_a_line(lab, words, expected):
    lab.add("resource nothing {\n", "broken.tf")
    found(expected, lab.kvmform("plan", *words, code=1).stderr)


def test_a_lock_that_another_holds_is_told_with_its_fields(lab):
    lab.edit(DATA, 'resource "terraform_data" "a" {\n  provisioner "local-exec" {\n    command = "sleep 60"\n  }\n}\n')
    holder = Lab(lab.directory, lab.environment).begin("apply", "-auto-approve")
    try:
        while "Provisioning with" not in holder.stdout.readline():
            assert holder.poll() is None
        said = lab.kvmform("plan", "-no-color", code=1).stderr
        assert found(r"^(Error: Error acquiring the state lock)$", said)
        fields = dict(re.findall(r"^\s+(\w+):\s+(\S.*)$", said, re.MULTILINE))
        assert set(fields) >= {"ID", "Path", "Operation", "Who", "Version", "Created"}
        assert fields["Operation"] == "OperationTypeApply"
    finally:
        holder.send_signal(signal.SIGINT)
        holder.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_apply_that_is_interrupted_ends_with_1_and_without_a_lock(lab, number):
    one = 'resource "terraform_data" "{}" {{\n  depends_on = [{}]\n  provisioner "local-exec" {{\n    {}\n  }}\n}}\n'
    first = one.format("first", "", 'command = "sleep 60"')
    lab.edit(DATA, first + one.format("second", "terraform_data.first", 'command = "true"'))
    running = Lab(lab.directory, lab.environment).begin("apply", "-auto-approve", "-no-color", "-input=false")
    while "Provisioning with" not in running.stdout.readline():
        assert running.poll() is None
    began = time.monotonic()
    running.send_signal(number)
    output, errors = running.communicate(timeout=40)
    assert time.monotonic() - began < 30
    assert running.returncode == 1
    assert "Interrupt received." in output
    assert re.search(r"^Error: ", errors, re.MULTILINE)
    assert not list(lab.directory.glob(".terraform.tfstate.lock.info"))
    assert found(PLAN, plan(lab)) == (None, "2", "0", "1"), "what was begun is in state, tainted"


@pytest.mark.parametrize("words", [["plan"], ["apply", "-auto-approve"], ["destroy", "-auto-approve"]])
def test_nobody_is_asked_where_standard_input_is_closed(lab, words):
    lab.add('variable "needed" {}\n', "needed.tf")
    ran = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", KVMFORM, *words, "-input=false", "-no-color"],
        cwd=lab.directory,
        env=lab.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "Error: No value for required variable" in ran.stderr
