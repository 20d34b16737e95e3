"""Provider configurations that modules pass on: what is refused, and where, is what Terraform refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from configurations import load, problems_of, validated
from module_sources import needs_terraform, run_terraform, write_files

from kvmform.config.module import ProviderReference

NAMED = """terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
    }
  }
}
"""
ALIASES = NAMED.replace('libvirt"\n', 'libvirt"\n      configuration_aliases = [libvirt.x, libvirt.y]\n')
HOSTS = """provider "libvirt" {
  uri = "fake:///a"
}
provider "libvirt" {
  alias = "b"
  uri   = "fake:///b"
}
"""
CALL = NAMED + HOSTS + 'module "m" {\n  source = "./m"\n  PASSED\n}\n'

RIGHT = {
    "the default one is inherited": ("", NAMED),
    "an alias as the default one": ("providers = { libvirt = libvirt.b }", NAMED),
    "aliases": ("providers = {\n    libvirt.x = libvirt.b\n    libvirt.y = libvirt\n  }", ALIASES),
    "an empty block": ("providers = { libvirt.x = libvirt.b }", NAMED + 'provider "libvirt" {\n  alias = "x"\n}\n'),
    "with count": ("count = 2\n  providers = { libvirt = libvirt.b }", NAMED),
    "a configuration of its own": ("", NAMED + HOSTS),
}

WRONG = {
    "an alias that is not declared": (
        "providers = { libvirt.x = libvirt.b }",
        NAMED,
        "Reference to undefined provider",
    ),
    "aliases that are not passed": (
        "providers = { libvirt.x = libvirt.b }",
        ALIASES,
        "Missing required provider configuration",
    ),
    "the default one, where it is asked for": (
        "",
        NAMED.replace('libvirt"\n', 'libvirt"\n      configuration_aliases = [libvirt]\n'),
        "Missing required provider configuration",
    ),
    "another provider": (
        "providers = { libvirt = random }",
        'terraform {\n  required_providers {\n    libvirt = {\n      source = "a/b"\n    }\n  }\n}\n',
        "Provider type mismatch",
    ),
    "what the module configures itself": (
        "providers = { libvirt = libvirt.b }",
        NAMED + HOSTS,
        "Cannot override provider configuration",
    ),
    "a configuration of its own, with count": (
        "count = 1",
        NAMED + HOSTS,
        "Module is incompatible with count, for_each, and depends_on",
    ),
    "a configuration of its own, with for_each": (
        "for_each = {}",
        NAMED + HOSTS,
        "Module is incompatible with count, for_each, and depends_on",
    ),
    "the same twice": (
        "providers = {\n    libvirt = libvirt.b\n    libvirt = libvirt\n  }",
        NAMED,
        "Duplicate provider address",
    ),
    "a list": ("providers = [libvirt]", NAMED, "Invalid expression"),
    "a word": ("providers = libvirt", NAMED, "Invalid expression"),
    "more than a name": (
        "providers = { libvirt = libvirt.b.c }",
        NAMED,
        "Invalid provider configuration reference",
    ),
    "an alias of something else": (
        "",
        NAMED.replace('libvirt"\n', 'libvirt"\n      configuration_aliases = [random.x]\n'),
        "Invalid configuration_aliases value",
    ),
}


def files(passed: str, module: str) -> dict[str, str]:
    return {"main.tf": CALL.replace("PASSED", passed), "m/main.tf": module}


@pytest.mark.parametrize(("passed", "module"), RIGHT.values(), ids=RIGHT)
def test_what_may_be_passed(passed: str, module: str) -> None:
    validated(files(passed, module))


@pytest.mark.parametrize(("passed", "module", "summary"), WRONG.values(), ids=WRONG)
def test_what_may_not(passed: str, module: str, summary: str) -> None:
    (problem,) = problems_of(lambda: validated(files(passed, module)))
    assert problem.summary == summary
    assert problem.subject is not None


@needs_terraform
def test_terraform_refuses_the_same(tmp_path: Path) -> None:
    """`terraform providers` loads the configuration without any plug-in."""
    for name, (passed, module, summary) in {**{k: (*v, None) for k, v in RIGHT.items()}, **WRONG}.items():
        lab = write_files(tmp_path / name, files(passed, module))
        said = "".join(run_terraform(lab, word, "-no-color").stderr for word in ("get", "providers"))
        errors = [line.removeprefix("Error: ") for line in said.splitlines() if line.startswith("Error: ")]
        if "random" not in passed:  # of a name that it doesn't know, Terraform finds out later
            assert summary in errors if summary else not errors, name


def test_a_module_deep_inside_with_a_configuration_of_its_own() -> None:
    deep = {"main.tf": 'module "m" {\n  source = "./m"\n  count = 1\n}', "m/main.tf": 'module "n" { source = "./n" }'}
    (problem,) = problems_of(lambda: validated({**deep, "m/n/main.tf": HOSTS}))
    assert problem.summary == "Module is incompatible with count, for_each, and depends_on"


def test_aliases_that_a_module_declares() -> None:
    assert load(ALIASES).provider_aliases == {ProviderReference("libvirt", "x"), ProviderReference("libvirt", "y")}
