"""`required_providers`: what may stand there, and what not, as in Terraform."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import load, problems_of
from module_sources import needs_terraform, run_terraform, write_files

from kvmform.config.module import ProviderReference

RIGHT = (
    'x = "~> 1"',
    "x = 5",
    "x = {}",
    'x = { source = "a/b", version = ">= 1, < 2" }',
    'x = { "source" = "A/B" }',
    'x = { source = "b" }',
    'x = { source = "terraform-provider-x" }',
    'x = { source = "example.com:8080/a/b" }',
    'x = { source = "terraform.io/builtin/terraform" }',
    "x = { configuration_aliases = [x, x.a] }",
)

WRONG = {
    'x = ">>> 1"': "Invalid version constraint",
    "x = true": "Invalid version constraint",
    "x = []": "Invalid required_providers object",
    "x = local.y": "Invalid required_providers object",
    "x = { foo = 1 }": "Invalid required_providers object",
    'x = { source = "a/b/c/d" }': "Invalid provider source string",
    'x = { source = "" }': "Invalid provider source string",
    'x = { source = "-a/b" }': "Invalid provider namespace",
    'x = { source = "a_b/c" }': "Invalid provider namespace",
    'x = { source = "a/b_c" }': "Invalid provider type",
    'x = { source = "a/terraform-provider-x" }': "Invalid provider type",
    "x = { source = 5 }": "Invalid source",
    "x = { source = local.z }": "Invalid source",
    "x = { version = local.z }": "Invalid version constraint",
    'x = { version = "foo" }': "Invalid version constraint",
    'X = { source = "a/b" }': "Invalid provider local name",
    'x_y = { source = "a/b" }': "Invalid provider local name",
    "x {}": 'Unexpected "x" block',
    'x = { source = "a/b" }\n}\nrequired_providers {\ny = {}': "Duplicate required providers configuration",
    "x = { configuration_aliases = [y.a] }": "Invalid configuration_aliases value",
}


def lab(words: str) -> str:
    return f"terraform {{\nrequired_providers {{\n{words}\n}}\n}}\n"


@pytest.mark.parametrize("words", RIGHT)
def test_what_may_stand_there(words: str) -> None:
    assert set(load(lab(words)).local_providers) == {"x"}


@pytest.mark.parametrize(("words", "summary"), WRONG.items())
def test_what_may_not(words: str, summary: str) -> None:
    (problem,) = problems_of(lambda: load(lab(words)))
    assert problem.summary == summary
    assert problem.subject is not None


@needs_terraform
def test_terraform_takes_and_refuses_the_same(tmp_path: Path) -> None:
    for number, (words, summary) in enumerate({**dict.fromkeys(RIGHT), **WRONG}.items()):
        said = run_terraform(write_files(tmp_path / str(number), {"main.tf": lab(words)}), "providers", "-no-color")
        errors = [line.removeprefix("Error: ") for line in said.stderr.splitlines() if line.startswith("Error: ")]
        assert errors == ([summary] if summary else []), words


def test_an_override_file_says_it_again_and_wins() -> None:
    files = {"main.tf": lab('x = "1"\ny = "2"'), "main_override.tf": lab('x = { source = "a/b", version = "3" }')}
    module = load(files)
    assert module.local_providers == {"x": "a/b", "y": "hashicorp/y"}
    assert {name: str(versions) for name, versions in module.provider_versions.items()} == {"x": "3.0.0", "y": "2.0.0"}


def test_in_json() -> None:
    wanted = '{"source": "a/b", "version": "~> 1", "configuration_aliases": ["x.a"]}'
    module = load({"main.tf.json": f'{{"terraform": {{"required_providers": {{"x": {wanted}, "y": "2"}}}}}}'})
    assert module.local_providers == {"x": "a/b", "y": "hashicorp/y"}
    assert module.provider_aliases == {ProviderReference("x", "a")}
    assert str(module.provider_versions["x"]) == "~> 1.0"
