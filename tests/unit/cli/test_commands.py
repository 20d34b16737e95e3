"""Commands as a user types them, on a simulated host: output and exit codes."""

import json
import os
import subprocess
import sys

import pytest

LAB = """
provider "libvirt" { uri = "test+file:host.xml" }
variable "size" { default = 1048576 }
resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  path = "/nonexistent/lab"
}
resource "libvirt_volume" "disk" {
  name = "disk"
  pool = libvirt_pool.lab.name
  size = var.size
}
output "pool" { value = libvirt_pool.lab.name }
output "secret" {
  value     = "hunter2"
  sensitive = true
}
"""


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "main.tf").write_text(LAB)
    return tmp_path


def kvmform(directory, *words, code=0, environment=None):
    """Run a command; its output and errors, after checking its exit code."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "KVMFORM_", "LIBVIRT_"))}
    result = subprocess.run(
        [sys.executable, "-m", "kvmform", *words],
        cwd=directory,
        env={**clean, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    return result


def test_a_lab_goes_up_stays_and_comes_down(lab):
    kvmform(lab, "plan", "-detailed-exitcode", code=2)
    assert (
        "Apply complete! Resources: 2 added, 0 changed, 0 destroyed." in kvmform(lab, "apply", "-auto-approve").stdout
    )
    nothing = kvmform(lab, "plan", "-detailed-exitcode").stdout
    assert "No changes. Your infrastructure matches the configuration." in nothing
    listed = kvmform(lab, "state", "list").stdout.split()
    assert listed == ["libvirt_pool.lab", "libvirt_volume.disk"]
    assert "Destroy complete! Resources: 2 destroyed." in kvmform(lab, "destroy", "-auto-approve").stdout
    assert kvmform(lab, "state", "list").stdout == ""


def test_plan_and_apply_in_two_processes_name_the_same_id(lab):
    """The plan is the truth, also before there is a state."""
    planned = [line for line in kvmform(lab, "plan").stdout.splitlines() if " id " in line]
    applied = json.loads((kvmform(lab, "apply", "-auto-approve"), kvmform(lab, "show", "-json"))[1].stdout)
    pool = applied["values"]["root_module"]["resources"][0]["values"]["id"]
    assert pool in "".join(planned)


def test_a_saved_plan_is_applied_without_asking_and_only_once(lab):
    assert "Saved the plan to: p.plan" in kvmform(lab, "plan", "-out=p.plan").stdout
    shown = json.loads(kvmform(lab, "show", "-json", "p.plan").stdout)
    actions = {c["address"]: c["change"]["actions"] for c in shown["resource_changes"]}
    assert actions == {"libvirt_pool.lab": ["create"], "libvirt_volume.disk": ["create"]}
    kvmform(lab, "apply", "-input=false", "p.plan")
    assert "Saved plan is stale" in kvmform(lab, "apply", "p.plan", code=1).stderr


def test_warnings_are_listed_by_their_summaries_if_wanted_unless_something_is_wrong(lab):
    (lab / "terraform.tfvars").write_text("old = 1\nolder = 2\n")
    assert "no variable named" in kvmform(lab, "plan").stdout
    listed = "- Value for undeclared variable\n  on terraform.tfvars line 1 (and 1 more)\n"
    for command in (("plan",), ("apply", "-auto-approve")):
        said = kvmform(lab, *command, "-compact-warnings").stdout
        assert listed in said
        assert "no variable named" not in said


def test_a_saved_plan_takes_no_other_values_of_variables(lab):
    kvmform(lab, "plan", "-var", "size=2097152", "-out=p.plan")
    (lab / "other.tfvars").write_text("size = 1048576\n")
    for flags in (("-var", "size=1"), ("-var-file", "other.tfvars")):
        failed = kvmform(lab, "apply", *flags, "p.plan", code=1)
        assert "Can't change variable when applying a saved plan" in failed.stderr
    kvmform(lab, "apply", "-var", "size=2097152", "p.plan")


def test_apply_without_approval_where_nobody_can_be_asked_changes_nothing(lab):
    failed = kvmform(lab, "apply", "-input=false", code=1)
    assert "Approval needed" in failed.stderr
    assert "No state file was found!" in kvmform(lab, "state", "list", code=1).stderr


def test_output_forms(lab):
    kvmform(lab, "apply", "-auto-approve")
    assert kvmform(lab, "output", "-raw", "pool").stdout == "lab"
    assert kvmform(lab, "output", "-json", "pool").stdout == '"lab"\n'
    document = json.loads(kvmform(lab, "output", "-json").stdout)
    assert document["secret"] == {"sensitive": True, "type": "string", "value": "hunter2"}
    assert "hunter2" not in kvmform(lab, "output").stdout
    assert 'Output "nothing" not found' in kvmform(lab, "output", "nothing", code=1).stderr
    assert "Output name required" in kvmform(lab, "output", "-raw", code=1).stderr
    assert "Invalid output format" in kvmform(lab, "output", "-raw", "-json", "pool", code=1).stderr
    listed = "size = tolist([\n  1048576,\n])\n"
    (lab / "more.tf").write_text('output "size" { value = tolist([var.size]) }')
    assert listed in kvmform(lab, "apply", "-auto-approve").stdout
    assert listed in kvmform(lab, "output").stdout
    assert kvmform(lab, "output", "-json", "size").stdout == "[1048576]\n"


def test_a_file_that_is_neither_plan_nor_state_is_not_called_a_damaged_state(lab):
    said = kvmform(lab, "show", "main.tf", code=1).stderr
    assert "Failed to read the given file as a state or plan file" in said
    assert "main.tf is neither a plan that plan -out saved nor a state file." in said


@pytest.mark.parametrize(
    ("words", "summary"),
    [
        (["-destroy", "-refresh-only"], "Incompatible plan mode options"),
        (["-refresh-only", "-refresh=false"], "Incompatible refresh options"),
        (["-refresh-only", "-replace=libvirt_pool.lab"], "Unsupported plan mode"),
        (["-destroy", "-replace=libvirt_pool.lab"], "Unsupported plan mode"),
    ],
)
def test_flags_that_contradict_each_other_are_refused_in_the_words_of_terraform(lab, words, summary):
    assert summary in kvmform(lab, "plan", *words, code=1).stderr


def test_output_and_show_without_state(lab):
    assert json.loads(kvmform(lab, "output", "-json").stdout) == {}
    assert json.loads(kvmform(lab, "show", "-json").stdout) == {"format_version": "1.0"}


def test_a_grown_volume_is_live_and_a_shrunk_one_costs_data(lab):
    kvmform(lab, "apply", "-auto-approve")
    shrunk = kvmform(lab, "plan", "-var", "size=1024")
    assert "Disruption: data-loss." in shrunk.stdout
    refused = kvmform(lab, "plan", "-max-disruption=live", "-var", "size=1024", code=1)
    assert "Change refused" in refused.stderr
    assert "libvirt_volume.disk" in refused.stderr


def test_validate_reports_every_problem_with_its_place(lab):
    (lab / "broken.tf").write_text('resource "libvirt_pool" "b" {\n  nmae = "x"\n  type = var.nothing\n}\n')
    document = json.loads(kvmform(lab, "validate", "-json", code=1).stdout)
    assert document["valid"] is False
    places = {(d["summary"], d["range"]["filename"], d["range"]["start"]["line"]) for d in document["diagnostics"]}
    assert ("Reference to undeclared input variable", "broken.tf", 3) in places


def test_validate_shows_unknown_arguments_with_a_suggestion(lab):
    (lab / "broken.tf").write_text('resource "libvirt_pool" "b" {\n  nmae = "x"\n  type = "dir"\n}\n')
    failed = kvmform(lab, "validate", code=1)
    assert 'Did you mean "name"?' in failed.stderr
    assert "broken.tf line 2" in failed.stderr
    assert "^^^^" in failed.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "-bogus"], "Wrong usage"),
        (["frobnicate"], "Wrong usage"),
        (["plan", "-target=what is this"], "Invalid address"),
        (["plan", "-target=libvirt_pool.nothing"], "Target not found"),
        (["plan", "-var", "nothing=1"], "Value for undeclared variable"),
        (["plan", "-max-disruption=awful"], "Invalid disruption class"),
        (["plan", "-deny=delete,boom"], "Invalid action or disruption class"),
        (["apply", "-max-delete=half"], "Invalid number of deletions"),
        (["plan", "-lock-timeout=soon"], "Invalid duration"),
        (["apply", "no-such.plan"], "Failed to load plan file"),
        (["-chdir=nowhere", "plan"], "Can't change directory"),
        (["state", "show", "libvirt_pool.nothing"], "No instance found"),
    ],
)
def test_wrong_usage_is_an_error_with_exit_code_1(lab, words, said):
    assert said in kvmform(lab, *words, code=1).stderr


def test_an_empty_directory_has_no_configuration(tmp_path):
    assert "No configuration files" in kvmform(tmp_path, "plan", code=1).stderr


def test_the_version_is_machine_readable(tmp_path):
    document = json.loads(kvmform(tmp_path, "version", "-json").stdout)
    assert document["terraform_version"].startswith("1.")
    assert kvmform(tmp_path, "-version").stdout.startswith("kvmform v")


def test_the_version_imports_nothing_heavy(tmp_path):
    """A command pays only for what it uses."""
    code = (
        "import sys\nfrom kvmform.cli.app import main\n"
        "try:\n    main(['version'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'libvirt', 'networkx', 'jinja2', 'lxml', 'regex', 'yaml', 'hcl2', 'pycdlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, capture_output=True)


def test_targets_leave_the_rest_alone(lab):
    said = kvmform(lab, "apply", "-auto-approve", "-target=libvirt_pool.lab")
    assert "Warning: Resource targeting is in effect" in said.stdout + said.stderr
    assert kvmform(lab, "state", "list").stdout.split() == ["libvirt_pool.lab"]


def test_replace_makes_an_instance_anew(lab):
    kvmform(lab, "apply", "-auto-approve")
    text = kvmform(lab, "plan", "-replace=libvirt_volume.disk").stdout
    assert "will be replaced, as requested" in text
    assert "Plan: 1 to add, 0 to change, 1 to destroy." in text


def test_drift_is_shown_and_undone(lab):
    kvmform(lab, "apply", "-auto-approve")
    (lab / "host.xml").write_text((lab / "host.xml").read_text().replace(">1048576<", ">2097152<"))
    text = kvmform(lab, "plan", "-detailed-exitcode", code=2).stdout
    assert "Objects have changed outside of kvmform" in text
    assert "libvirt_volume.disk has changed" in text


def test_what_is_gone_is_planned_again(lab):
    kvmform(lab, "apply", "-auto-approve")
    (lab / "host.xml").unlink()
    text = kvmform(lab, "plan").stdout
    assert "libvirt_pool.lab has been deleted" in text
    assert "Plan: 2 to add, 0 to change, 0 to destroy." in text
    kvmform(lab, "apply", "-auto-approve", "-refresh-only")
    assert kvmform(lab, "state", "list").stdout == ""


def test_the_json_stream_is_one_object_a_line(lab):
    lines = [json.loads(line) for line in kvmform(lab, "apply", "-auto-approve", "-json").stdout.splitlines()]
    kinds = [line["type"] for line in lines]
    assert kinds[0] == "version"
    assert kinds.count("apply_start") == kinds.count("apply_complete") == 2
    summary = next(
        line for line in lines if line["type"] == "change_summary" and line["changes"]["operation"] == "apply"
    )
    assert summary["changes"]["add"] == 2
    assert lines[-1]["outputs"]["pool"]["value"] == "lab"
    assert lines[-1]["outputs"]["secret"] == {"sensitive": True, "type": "string"}
    gone = kvmform(lab, "destroy", "-auto-approve", "-json").stdout.splitlines()
    assert json.loads(gone[-1])["outputs"] == {}


def test_errors_in_the_json_stream_are_diagnostics(lab):
    lines = kvmform(lab, "plan", "-json", "-var", "nothing=1", code=1).stdout.splitlines()
    told = [json.loads(line) for line in lines]
    assert any(line["type"] == "diagnostic" and line["diagnostic"]["severity"] == "error" for line in told)


def test_graph_draws_the_resources(lab):
    text = kvmform(lab, "graph").stdout
    assert text.startswith("digraph G {")
    assert '"libvirt_volume.disk" -> "libvirt_pool.lab";' in text
