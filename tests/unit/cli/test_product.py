"""As what kvmform speaks: its own name, or Terraform's or OpenTofu's for programs that look for it."""

import json
import re
import subprocess

import pytest
from lab import KVMFORM, environment_for
from quick_lab import QuickLab

from kvmform import __version__
from kvmform.diagnostics import DiagnosticError
from kvmform.product import product

LAB = 'resource "terraform_data" "a" {\n  input = 1\n}\n'
OURS = (f"kvmform v{__version__}", "kvmform will perform the following actions:", "kvmform apply saved")
THEIRS = {
    "terraform": ("Terraform v1.11.4", "Terraform will perform the following actions:", "terraform apply saved"),
    "tofu": ("OpenTofu v1.11.4", "OpenTofu will perform the following actions:", "tofu apply saved"),
}


@pytest.mark.parametrize(
    ("program", "environment", "name"),
    [
        ("/usr/bin/kvmform", {}, "kvmform"),
        ("/opt/bin/terraform", {}, "Terraform"),
        ("tofu", {}, "OpenTofu"),
        ("/usr/lib/python3/kvmform/__main__.py", {}, "kvmform"),
        ("kvmform", {"KVMFORM_COMPAT": "terraform"}, "Terraform"),
        ("/opt/bin/terraform", {"KVMFORM_COMPAT": "kvmform"}, "kvmform"),
        ("/opt/bin/terraform", {"KVMFORM_COMPAT": ""}, "Terraform"),
    ],
)
def test_the_name_is_that_of_the_program_unless_the_environment_says_another(program, environment, name):
    assert product(program, environment).name == name


def test_a_name_that_nothing_has_is_refused_by_each_command(tmp_path):
    with pytest.raises(DiagnosticError, match="Invalid KVMFORM_COMPAT"):
        product("kvmform", {"KVMFORM_COMPAT": "pulumi"})
    lab = QuickLab.of_text(LAB, tmp_path, environment_for("test:///default") | {"KVMFORM_COMPAT": "pulumi"})
    for command in ("plan", "version"):
        assert 'KVMFORM_COMPAT is kvmform, terraform, tofu, or is not set; "pulumi" is none of them.' in lab.fails(
            command
        )


@pytest.mark.parametrize("name", ["kvmform", *THEIRS])
def test_version_plan_and_hints_have_the_name(tmp_path, name):
    lab = QuickLab.of_text(LAB, tmp_path, environment_for("test:///default") | {"KVMFORM_COMPAT": name})
    version, performs, hint = THEIRS.get(name, OURS)
    assert re.fullmatch(rf"{re.escape(version)}\non linux_\w+\n", lab.kvmform("version").stdout)
    said = lab.kvmform("plan", "-out=saved").stdout
    assert f"\n{performs}\n" in said
    assert f"\n    {hint}\n" in said
    begin = json.loads(lab.kvmform("plan", "-json").stdout.splitlines()[0])
    assert begin["@module"] == f"{name}.ui"
    assert begin["@message"] == (version if name == "kvmform" else version.replace(" v", " "))
    document = json.loads(lab.kvmform("version", "-json").stdout)
    assert document["terraform_version"] == "1.11.4"
    assert document["kvmform_version"] == __version__


@pytest.mark.parametrize("name", THEIRS)
def test_a_link_of_that_name_is_enough(tmp_path, name):
    link = tmp_path / name
    link.symlink_to(KVMFORM)
    said = subprocess.run([link, "version"], capture_output=True, text=True, check=True, env=environment_for(""))
    assert said.stdout.startswith(f"{THEIRS[name][0]}\n")
