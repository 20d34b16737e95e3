"""Ephemeral values: where they may be used, and where they must not be."""

from __future__ import annotations

import pytest
from configurations import decoded, errors_of, evaluation, problems_of

from kvmform.values.kinds import is_null

VARIABLE = 'variable "e" {\n ephemeral = true\n}\n'
CHILD = """
variable "n" { default = 1 }
variable "e" {
  ephemeral = true
  default   = null
}
output "e" {
  value     = var.e
  ephemeral = true
}
"""


def thing(rest: str, name: str = '"a"') -> str:
    return f'resource "libvirt_thing" "a" {{\n name = {name}\n {rest}\n}}\n'


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        (thing("label = var.e"), "Invalid use of ephemeral value", 'not valid for "label"'),
        (thing('label = "x-${var.e}"'), "Invalid use of ephemeral value", 'not valid for "label"'),
        (thing("label = sensitive(var.e)"), "Invalid use of ephemeral value", 'not valid for "label"'),
        (thing("part {\n name = var.e\n}"), "Invalid use of ephemeral value", 'not valid for "name"'),
        (
            thing("label = module.m.e") + 'module "m" {\n source = "./m"\n e = var.e\n}\n',
            "Invalid use of ephemeral value",
            "label",
        ),
        (thing('dynamic "part" {\n for_each = [var.e]\n content {\n name = "x"\n}\n}'), None, ""),
    ],
)
def test_what_is_recorded_can_not_be_ephemeral(text: str, summary: str | None, detail: str) -> None:
    found = evaluation({"main.tf": VARIABLE + text, "m/main.tf": CHILD}, {"e": "secret"})
    if summary is None:
        decoded(found, "libvirt_thing.a")
        return
    problems = problems_of(lambda: decoded(found, "libvirt_thing.a"))
    assert [problem.summary for problem in problems] == [summary]
    assert detail in problems[0].detail
    assert problems[0].subject is not None


@pytest.mark.parametrize(
    ("argument", "summary"),
    [("count = length(var.e)", "Invalid count argument"), ("for_each = toset([var.e])", "Invalid for_each argument")],
)
def test_which_instances_there_are_can_not_be_ephemeral(argument: str, summary: str) -> None:
    found = evaluation(VARIABLE + thing(argument), {"e": "secret"})
    block = found.root.module.resources["managed", "libvirt_thing", "a"]
    (problem,) = problems_of(lambda: found.expand(block, found.root))
    assert problem.summary == summary
    assert "ephemeral" in problem.detail


def test_a_variable_takes_ephemeral_values_only_if_it_says_so() -> None:
    call = 'module "m" {\n source = "./m"\n n = var.e\n}\n'
    found = evaluation({"main.tf": VARIABLE + call, "m/main.tf": CHILD}, {"e": "secret"})
    (within,) = found.module_instances(("m",))
    (problem,) = problems_of(lambda: found.check(within, "var", "n"))
    assert problem.summary == "Ephemeral value not allowed"
    assert "secret" not in problem.detail


def test_an_output_returns_ephemeral_values_only_if_it_says_so() -> None:
    found = evaluation(VARIABLE + 'output "o" { value = [var.e] }\n', {"e": "secret"})
    (problem,) = problems_of(found.outputs)
    assert problem.summary == "Ephemeral value not allowed"


def test_where_ephemeral_values_may_be_used() -> None:
    text = (
        VARIABLE
        + 'locals { l = "${var.e}!" }\n'
        + 'output "o" { value = ephemeralasnull(local.l) }\n'
        + 'provider "libvirt" { uri = "fake:///${var.e}" }\n'
        + thing('lifecycle {\n precondition {\n condition = var.e == "secret"\n error_message = "no"\n}\n}')
    )
    found = evaluation(text, {"e": "secret"})
    assert is_null(found.outputs()["o"][0])
    decoded(found, "libvirt_thing.a")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('output "o" {\n value = 1\n ephemeral = true\n}\n', "Ephemeral output not allowed"),
        ('ephemeral "random_password" "p" {\n}\n', "Invalid ephemeral resource type"),
        ('ephemeral "random_password" {\n}\n', "Missing name for ephemeral"),
    ],
)
def test_what_is_wrong_before_anything_is_evaluated(text: str, problem: str) -> None:
    assert errors_of(text)[0].endswith(problem)
