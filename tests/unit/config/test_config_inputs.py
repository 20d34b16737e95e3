"""Values for input variables: where they come from, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from configurations import evaluation, load_directory, problems_of, told

from kvmform.config.files import DirectoryFiles
from kvmform.config.inputs import Ask, Input, VariableArgument, collect_inputs
from kvmform.config.module import Variable
from kvmform.diagnostics import Diagnostic
from kvmform.values.model import SENSITIVE, Marked, Unknown
from kvmform.values.plain import to_plain
from kvmform.values.types import STRING

DECLARED = """
variable "x" { type = string }
"""


def collected(
    directory: Path,
    text: str = DECLARED,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    ask: Ask | None = None,
    **files: str,
) -> tuple[dict[str, Input], list[Diagnostic]]:
    """Inputs of a directory; an argument that begins with @ is a -var-file."""
    (directory / "main.tf").write_text(text)
    for name, content in files.items():
        (directory / name.replace("__", "-").replace("_", ".")).write_text(content)
    module, _ = load_directory(directory, DirectoryFiles())
    given = [VariableArgument(a.removeprefix("@"), a.startswith("@")) for a in arguments]
    return collect_inputs(module, given, environment or {}, ask, directory)


SOURCES: list[tuple[dict[str, str], list[str], dict[str, str]]] = [
    ({}, [], {"TF_VAR_x": "environment"}),
    ({"terraform_tfvars": 'x = "terraform.tfvars"'}, [], {}),
    ({"terraform_tfvars_json": '{"x": "terraform.tfvars.json"}'}, [], {}),
    ({"a_auto_tfvars": 'x = "a.auto.tfvars"'}, [], {}),
    ({"b_auto_tfvars_json": '{"x": "b.auto.tfvars.json"}'}, [], {}),
    ({"c_auto_tfvars": 'x = "c.auto.tfvars"'}, [], {}),
    ({}, ["x=argument"], {}),
    ({"given_tfvars": 'x = "file"'}, ["@given.tfvars"], {}),
    ({}, ["x=last"], {}),
]
WINNERS = [
    "environment",
    "terraform.tfvars",
    "terraform.tfvars.json",
    "a.auto.tfvars",
    "b.auto.tfvars.json",
    "c.auto.tfvars",
    "argument",
    "file",
    "last",
]


@pytest.mark.parametrize("highest", range(len(SOURCES)))
def test_a_higher_source_hides_all_lower_ones(tmp_path: Path, highest: int) -> None:
    files: dict[str, str] = {}
    arguments: list[str] = []
    environment: dict[str, str] = {}
    for more_files, more_arguments, more_environment in SOURCES[: highest + 1]:
        files |= more_files
        arguments += more_arguments
        environment |= more_environment
    inputs, warnings = collected(tmp_path, DECLARED, *arguments, environment=environment, **files)
    assert inputs["x"].value == WINNERS[highest]
    assert not warnings


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        ("type = string", "5", "5"),
        ("type = number", "5", 5),
        ("type = bool", "true", True),
        ("", "[1]", "[1]"),
        ("type = any", "[1]", [1]),
        ("type = list(number)", "[1, 2]", [1, 2]),
        ("type = map(string)", '{ a = "b" }', {"a": "b"}),
        ("type = object({ a = optional(number, 3) })", "{}", {"a": 3}),
        ("type = string", "null", "null"),
        ("type = list(string)", "null", None),
        ("type = string", "", ""),
        ("type = string", "a=b", "a=b"),
    ],
)
@pytest.mark.parametrize("by_environment", [False, True])
def test_text_is_taken_as_the_type_says(
    tmp_path: Path, declared: str, text: str, value: object, by_environment: bool
) -> None:
    block = f'variable "x" {{\n{declared}\n}}'
    if by_environment:
        inputs, _ = collected(tmp_path, block, environment={"TF_VAR_x": text, "TF_VAR_nope": "1"})
    else:
        inputs, _ = collected(tmp_path, block, f"x={text}")
    assert to_plain(evaluation(block, {"x": inputs["x"].value}).variables()["x"])[0] == value


def test_missing_values_are_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(variable: Variable) -> str:
        asked.append(variable.name)
        return "[1]"

    text = 'variable "a" { type = list(number) }\nvariable "b" { default = 1 }\nvariable "c" {}'
    inputs, _ = collected(tmp_path, text, "c=given", ask=ask)
    assert asked == ["a"]
    assert inputs["a"].origin == "the answer to the prompt"


def test_what_is_missing_is_told_with_the_ways_to_give_it(tmp_path: Path) -> None:
    found = problems_of(lambda: collected(tmp_path, 'variable "a" {}\nvariable "b" {}'))
    assert [told(d) for d in found] == [
        'main.tf:1,1 variable "a": No value for required variable',
        'main.tf:2,1 variable "b": No value for required variable',
    ]
    assert "-var 'a=…'" in found[0].detail
    assert "TF_VAR_a" in found[0].detail


@pytest.mark.parametrize(
    ("argument", "summary", "detail"),
    [
        ("x", "Invalid -var option", '"x" is not written as name=value'),
        ("xx=1", "Value for undeclared variable", 'Did you mean "x"?'),
        ("y=[", "Unterminated tuple constructor expression", ""),
        ("@gone.tfvars", "Failed to read file", "gone.tfvars can't be read"),
        ("@bad.tfvars", 'Unexpected "block" block', "blocks are not allowed"),
        ("@bad.json", "Invalid JSON", "line 1, column"),
        ("@list.json", "Invalid JSON", "must hold one object"),
        ("@reference.tfvars", "Variables not allowed", ""),
    ],
)
def test_what_is_wrong_with_an_argument(tmp_path: Path, argument: str, summary: str, detail: str) -> None:
    (tmp_path / "bad.tfvars").write_text('x = "x"\nblock {}')
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "reference.tfvars").write_text("x = var.y")
    text = 'variable "x" { default = "" }\nvariable "y" {\n type = list(string)\n default = []\n}'
    found = problems_of(lambda: collected(tmp_path, text, argument))
    assert summary in {d.summary for d in found}
    assert any(detail in d.detail for d in found)


def test_an_undeclared_name_in_a_file_is_only_warned_of(tmp_path: Path) -> None:
    inputs, (warning,) = collected(tmp_path, terraform_tfvars='x = "1"\nxy = 2')
    assert inputs["x"].value == "1"
    assert told(warning) == "terraform.tfvars:2,6 2: Value for undeclared variable"


# What becomes of a value.


def value_of(declared: str, *given: Any) -> Any:
    found = evaluation(f'variable "x" {{\n{declared}\n}}', {"x": given[0]} if given else {})
    return found.variables()["x"]


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ("default = 3", (), 3),
        ("default = 3", (4,), 4),
        ("default = 3", (None,), None),
        ("default = 3\nnullable = false", (None,), 3),
        ("type = number\ndefault = 3", ("4",), 4),
        ("type = list(string)", ((1, True),), ["1", "true"]),
        ('type = object({ a = optional(string, "x"), b = optional(string) })', ({},), {"a": "x", "b": None}),
        ("type = object({ a = string })\ndefault = { a = 1, b = 2 }", (), {"a": "1"}),
        ("type = string", (Unknown(STRING),), Unknown(STRING)),
    ],
)
def test_value_of_a_variable(declared: str, given: tuple[Any, ...], value: object) -> None:
    assert to_plain(value_of(declared, *given))[0] == value


def test_a_sensitive_variable_is_marked() -> None:
    assert value_of("sensitive = true", "s").marks == {SENSITIVE}
    assert isinstance(value_of("sensitive = true", "s"), Marked)


@pytest.mark.parametrize(
    ("declared", "given", "summary", "detail"),
    [
        ("type = number", ("x",), "Invalid value for input variable", "var.x from a test: a number is required"),
        ("type = list(number)", (("x",),), "Invalid value for input variable", "a number is required"),
        ("nullable = false", (None,), "Required variable not set", "may not be null"),
        ("", (), "Missing required argument", "is required, but no value is set"),
    ],
)
def test_a_value_that_does_not_fit(declared: str, given: tuple[Any, ...], summary: str, detail: str) -> None:
    (diagnostic,) = problems_of(lambda: value_of(declared, *given))
    assert diagnostic.summary == summary
    assert detail in diagnostic.detail
    assert diagnostic.subject is not None


def test_every_wrong_variable_is_told() -> None:
    found = evaluation('variable "a" { type = number }\nvariable "b" { type = bool }', {"a": "x", "b": "y"})
    assert [told(d) for d in problems_of(found.variables)] == [
        'main.tf:1,1 variable "a": Invalid value for input variable',
        'main.tf:2,1 variable "b": Invalid value for input variable',
    ]


# Validation.

LONG = """
condition     = length(var.x) > 2
error_message = "Too short: ${var.x}."
"""


def test_a_value_that_a_validation_rejects() -> None:
    (diagnostic,) = problems_of(lambda: value_of(f"validation {{{LONG}}}", "ab"))
    assert diagnostic.summary == "Invalid value for variable"
    assert diagnostic.detail.startswith("Too short: ab.\n\nThis was checked by the validation rule at main.tf:2,1")
    assert told(diagnostic).startswith('main.tf:1,1 variable "x"')
    assert diagnostic.values == (("var.x", 'is "ab"'),)


@pytest.mark.parametrize("given", ["abc", Unknown(STRING)])
def test_a_value_that_passes_or_is_not_known_yet(given: object) -> None:
    assert value_of(f"validation {{{LONG}}}", given) == given


def test_all_validations_that_fail_are_told() -> None:
    second = 'validation {\ncondition = var.x != "ab"\nerror_message = "Not ab."\n}'
    found = problems_of(lambda: value_of(f"validation {{{LONG}}}\n{second}", "ab"))
    assert [d.detail.split("\n")[0] for d in found] == ["Too short: ab.", "Not ab."]


def test_a_secret_is_never_in_a_message() -> None:
    (diagnostic,) = problems_of(lambda: value_of(f"sensitive = true\nvalidation {{{LONG}}}", "ab"))
    assert "ab." not in diagnostic.detail
    assert diagnostic.detail.startswith("The error message of this condition refers to sensitive values")
    assert diagnostic.values == ()


@pytest.mark.parametrize(
    ("condition", "summary"),
    [
        ("var.x == 1 ? null : true", "Invalid variable validation result"),
        ("[var.x]", "Invalid variable validation result"),
        ('"maybe${var.x}"', "Invalid variable validation result"),
        ("var.x.y", "Unsupported attribute"),
        ('"${var.x == 2}"', "Invalid value for variable"),
    ],
)
def test_a_condition_that_is_no_condition(condition: str, summary: str) -> None:
    block = f'validation {{\ncondition = {condition}\nerror_message = "m"\n}}'
    assert problems_of(lambda: value_of(block, 1))[0].summary == summary


def test_an_error_message_that_is_no_text() -> None:
    block = "validation {\ncondition = var.x == 2\nerror_message = [var.x]\n}"
    assert problems_of(lambda: value_of(block, 1))[0].summary == "Invalid error message"


def test_a_validation_may_look_at_other_values() -> None:
    text = """
        variable "x" {
          validation {
            condition     = var.x < local.limit
            error_message = "Not below ${local.limit}."
          }
        }
        variable "y" {
          validation {
            condition     = var.y > var.x
            error_message = "Not above."
          }
        }
        locals {
          limit = var.y * 2
        }
    """
    assert evaluation(text, {"x": 1, "y": 2}).variables() == {"x": 1, "y": 2}
    found = problems_of(evaluation(text, {"x": 9, "y": 2}).variables)
    assert [d.detail.split("\n")[0] for d in found] == ["Not below 4.", "Not above."]


def test_in_a_module_the_message_points_at_the_argument() -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  x = "ab"\n}',
        "m/main.tf": f'variable "x" {{\nvalidation {{{LONG}}}\n}}',
    }
    found = evaluation(files)
    (child,) = found.module_instances(("m",))
    (diagnostic,) = problems_of(lambda: found.check(child, "var", "x"))
    assert told(diagnostic) == 'main.tf:3,7 "ab": Invalid value for variable'
    assert "m/main.tf:2,1" in diagnostic.detail
