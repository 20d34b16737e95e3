"""Variables of the environment: Terraform's, each also under kvmform's own name."""

import re
from pathlib import Path

import pytest
from lab import environment_for
from quick_lab import QuickLab

LAB = """
variable "name" { default = "none" }
output "name" { value = "${var.name} in ${terraform.workspace}" }
"""


@pytest.fixture
def lab(tmp_path):
    return QuickLab.of_text(LAB, tmp_path, environment_for("test:///default"))


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TF_VAR_name": "a"}, "a in default"),
        ({"KVMFORM_VAR_name": "b"}, "b in default"),
        ({"KVMFORM_VAR_name": "b", "TF_VAR_name": "a"}, "b in default"),
        ({"TF_WORKSPACE": "other"}, "none in other"),
        ({"KVMFORM_WORKSPACE": "mine", "TF_WORKSPACE": "other"}, "none in mine"),
        ({"TF_CLI_ARGS": "-var name=c"}, "c in default"),
        ({"TF_CLI_ARGS_apply": "-var name=c"}, "c in default"),
        ({"KVMFORM_CLI_ARGS_apply": "-var name=d", "TF_CLI_ARGS_apply": "-var name=c"}, "d in default"),
    ],
)
def test_each_variable_counts_under_both_names_kvmforms_first(lab, environment, said):
    lab.environment |= environment
    assert f'name = "{said}"' in lab.apply()


def test_arguments_for_all_commands_stand_behind_those_for_one_as_in_terraform(lab):
    """So a flag that is in both has the value of TF_CLI_ARGS, and the command line's own comes last."""
    lab.environment |= {"TF_CLI_ARGS": "-out=all", "TF_CLI_ARGS_plan": "-out=one"}
    lab.kvmform("plan")
    lab.kvmform("plan", "-out=typed")
    assert {path.name for path in lab.directory.iterdir()} - {".terraform"} == {"main.tf", "all", "typed"}


@pytest.mark.parametrize("variable", ["TF_DATA_DIR", "KVMFORM_DATA_DIR"])
def test_the_data_directory_may_have_another_name(lab, variable):
    lab.environment[variable] = "elsewhere"
    lab.kvmform("workspace", "new", "w")
    assert (lab.directory / "elsewhere" / "environment").read_text() == "w"
    assert not (lab.directory / ".terraform").exists()


@pytest.mark.parametrize("variable", ["TF_IN_AUTOMATION", "KVMFORM_IN_AUTOMATION"])
def test_programs_are_given_no_hints(lab, variable):
    assert "Try running" in lab.kvmform("init").stdout
    lab.environment[variable] = "1"
    assert "Try running" not in lab.kvmform("init").stdout


def test_what_is_terraforms_own_business_changes_nothing(lab):
    plain = lab.kvmform("plan").stdout
    lab.environment |= {
        "CHECKPOINT_DISABLE": "1",
        "TF_PLUGIN_CACHE_DIR": "/nowhere",
        "TF_CLI_CONFIG_FILE": "/nowhere/rc",
        "TF_APPEND_USER_AGENT": "x",
        "TF_REATTACH_PROVIDERS": "{}",
        "TF_STATE_PERSIST_INTERVAL": "20",
        "TF_LOG": "",
        "TF_LOG_CORE": "",
        "TF_LOG_PATH": "",
        "TF_LOG_PROVIDER": "",
    }
    said = lab.kvmform("plan")
    assert said.stdout == plain
    assert said.stderr == ""


def test_the_page_of_variables_has_those_that_the_code_asks_for_and_no_others():
    root = Path(__file__).parents[3]
    name = re.compile(r"\b(?:TF|KVMFORM|LIBVIRT|XDG)_[A-Z_]+[A-Z]\b")
    code = "\n".join(path.read_text() for path in (root / "kvmform").rglob("*.py"))
    asked = set(name.findall(code))
    table, _, without_meaning = (root / "docs/reference/environment.md").read_text().partition("These are known")
    documented = {each for line in table.splitlines() if line.startswith("| `") for each in name.findall(line)}
    assert documented - asked == set()
    assert {each for each in asked if each.replace("KVMFORM_", "TF_") not in documented} - documented == set()
    assert set(name.findall(without_meaning)) & asked == set()
