"""Terraform's ways of writing flags."""

import pytest

from kvmform.cli.arguments import normalised, ordered_variables


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["plan", "-no-color"], ["plan", "--no-color"]),
        (["plan", "--no-color"], ["plan", "--no-color"]),
        (["plan", "-refresh=false"], ["plan", "--no-refresh"]),
        (["plan", "-refresh=true"], ["plan", "--refresh"]),
        (["plan", "-out", "x"], ["plan", "--out=x"]),
        (["plan", "-out=x"], ["plan", "--out=x"]),
        (["apply", "--parallelism=3"], ["apply", "--parallelism=3"]),
        (["apply", "-auto-approve=true", "p.plan"], ["apply", "--auto-approve", "p.plan"]),
        (["-chdir=lab", "plan"], ["--chdir=lab", "plan"]),
        (["output", "name", "-json"], ["output", "name", "--json"]),
        (["plan", "-h"], ["plan", "-h"]),
        (["plan", "-help"], ["plan", "--help"]),
        (["-version"], ["--version"]),
    ],
)
def test_flags_are_accepted_in_each_of_terraforms_forms(words, expected):
    assert normalised(words, {}) == expected


def test_variables_keep_the_order_of_the_command_line():
    """-var and -var-file override each other in the order in which they are given."""
    words = normalised(["plan", "-var", "a=1", "-var-file=f.tfvars", "--var=a=2"], {})
    values = [word.removeprefix("--var=") for word in words if word.startswith("--var=")]
    files = [word.removeprefix("--var-file=") for word in words if word.startswith("--var-file=")]
    assert ordered_variables(values, files) == [("a=1", False), ("f.tfvars", True), ("a=2", False)]


def test_a_value_may_hold_dashes_colons_and_equals_signs():
    words = normalised(["plan", "-var", 'x={"a" = "-b:c"}'], {})
    assert ordered_variables([words[1].removeprefix("--var=")], []) == [('x={"a" = "-b:c"}', False)]


def test_the_environment_adds_arguments_behind_the_command():
    environment = {"TF_CLI_ARGS": "-no-color", "TF_CLI_ARGS_plan": "-lock=false", "TF_CLI_ARGS_apply": "-json"}
    assert normalised(["plan", "-lock=true"], environment) == ["plan", "--no-color", "--no-lock", "--lock"]
