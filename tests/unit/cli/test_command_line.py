"""Terraform's ways of writing flags, read against the signature of a command."""

from pathlib import Path
from typing import Annotated

import pytest

from kvmform.cli import flags
from kvmform.cli.app import COMMANDS, GROUPS, command
from kvmform.cli.command_line import from_environment, parameters, read
from kvmform.cli.flags import Argument, Flag
from kvmform.diagnostics import DiagnosticError


def sample(
    path: Annotated[Path | None, Argument("[PATH]")] = None,
    *,
    variables: flags.Variables = (),
    targets: flags.Targets = (),
    refresh: flags.Refresh = True,
    json: flags.Json = False,
    parallelism: flags.Parallelism = 10,
    out: Annotated[Path | None, Flag("-out")] = None,
) -> None:
    """A command with a flag of each kind."""


def named(name: Annotated[str, Argument("NAME")], *, json: flags.Json = False) -> None:
    """A command that needs an argument."""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {}),
        (["-json"], {"json": True}),
        (["--json"], {"json": True}),
        (["-json=true"], {"json": True}),
        (["-refresh=false"], {"refresh": False}),
        (["-refresh=0"], {"refresh": False}),
        (["-out", "x"], {"out": Path("x")}),
        (["--out=x"], {"out": Path("x")}),
        (["-parallelism=3"], {"parallelism": 3}),
        (["-target", "a.b", "--target=c.d"], {"targets": [("-target", "a.b"), ("-target", "c.d")]}),
        (["p.plan", "-json"], {"path": Path("p.plan"), "json": True}),
        (["-json", "p.plan"], {"path": Path("p.plan"), "json": True}),
        (["--", "-json"], {"path": Path("-json")}),
        (["-"], {"path": Path("-")}),
        (["-out=a", "-out=b"], {"out": Path("b")}),
    ],
)
def test_flags_are_accepted_in_each_of_terraforms_forms(words, expected):
    assert read(sample, words, "sample") == expected


def test_variables_keep_the_order_of_the_command_line():
    """-var and -var-file override each other in the order in which they are given."""
    given = read(sample, ["-var", "a=1", "-var-file=f.tfvars", "--var=a=2"], "sample")
    assert given == {"variables": [("-var", "a=1"), ("-var-file", "f.tfvars"), ("-var", "a=2")]}


def test_a_value_may_hold_dashes_colons_and_equals_signs():
    assert read(sample, ["-var", 'x={"a" = "-b:c"}'], "sample") == {"variables": [("-var", 'x={"a" = "-b:c"}')]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-jsn"], 'There is no flag -jsn. Did you mean "-json"? See kvmform sample -help.'),
        (["-json=perhaps"], '-json is true or false, not "perhaps".'),
        (["-out"], "-out needs a value."),
        (["-parallelism=many"], '-parallelism takes a whole number from 1; "many" is none.'),
        (["-parallelism=0"], '-parallelism takes a whole number from 1; "0" is none.'),
        (["one", "two"], 'There is one word too many: "two".'),
    ],
)
def test_wrong_usage_is_told_with_what_is_wrong(words, said):
    with pytest.raises(DiagnosticError) as caught:
        read(sample, words, "sample")
    assert said in caught.value.diagnostics[0].detail


def test_an_argument_without_a_default_must_be_given():
    assert read(named, ["x"], "named") == {"name": "x"}
    with pytest.raises(DiagnosticError) as caught:
        read(named, ["-json"], "named")
    assert "NAME is missing." in caught.value.diagnostics[0].detail


def test_the_environment_adds_arguments_to_every_command_and_to_one():
    environment = {"TF_CLI_ARGS": "-no-color", "TF_CLI_ARGS_plan": "-lock=false", "TF_CLI_ARGS_state_list": "'a b'"}
    assert from_environment("plan", environment) == ["-lock=false", "-no-color"]
    assert from_environment("state list", environment) == ["a b", "-no-color"]
    assert from_environment("apply", environment) == ["-no-color"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_describes_its_flags(name):
    function = command(name)
    assert function.__doc__
    assert len(parameters(function)) == function.__code__.co_argcount + function.__code__.co_kwonlyargcount
    for parameter in parameters(function):
        assert all(flag.hidden or flag.help for flag in parameter.flags), parameter.name
    assert " " not in name or name.split()[0] in GROUPS
