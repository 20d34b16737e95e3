"""Versions and constraints: which one of a registry's versions Terraform 1.11 would choose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from module_sources import ModuleServer, archive, module_server, needs_terraform, run_terraform, write_files

from kvmform.modules.version import Version, parse_constraints, parse_version

VERSIONS = ("1.0.0", "1.1.0", "1.2.0-beta", "2.0.0", "2.0.1", "0.9.9", "2.1.0-rc.1", "2.1.0-rc.10", "junk")

CHOICES = {
    "1.0.0": "1.0.0",
    "1.0": "1.0.0",
    "v1.0.0": "1.0.0",
    "= 1.0.0": "1.0.0",
    "1.0.0.0": "1.0.0",
    "1.0.0+x": "1.0.0",
    "1.2.0-beta": "1.2.0-beta",
    ">= 1.2.0-beta": "2.0.1",
    "~> 1.2.0-beta": None,
    "~> 1": "2.0.1",
    "~> 1.0": "1.1.0",
    "~> 1.0.0": "1.0.0",
    "~> 2.0": "2.0.1",
    "~> 1.0.0.0": None,
    "> 1.0.0": "2.0.1",
    "< 2.0.0": "1.1.0",
    "<= 1.1": "1.1.0",
    "!= 2.0.1": "2.0.0",
    " >=1.0 , <2 ": "1.1.0",
    "> 1.2.0-alpha": "2.0.1",
    "< 1.2.0-beta": "1.1.0",
    ">= 3": None,
    "!= 1.2.0-beta, > 1.1.0-x": "2.0.1",
}


@pytest.mark.parametrize(("text", "chosen"), CHOICES.items())
def test_the_newest_version_that_is_allowed(text: str, chosen: str | None) -> None:
    constraints = parse_constraints(text)
    assert constraints is not None
    versions = [version for version in map(parse_version, VERSIONS) if version is not None]
    allowed = [version for version in versions if constraints.selects(version)]
    assert (str(max(allowed)) if allowed else None) == chosen


@needs_terraform
def test_terraform_chooses_the_same(tmp_path) -> None:
    with module_server() as server:
        package = server.put("/m.tar.gz", archive("tar.gz", {"main.tf": ""}))
        server.versions["a/m/x"] = dict.fromkeys(VERSIONS, package)
        found = {}
        for number, text in enumerate(CHOICES):
            found[text] = _terraforms_choice(tmp_path / str(number), server, text)
    assert found == CHOICES


def _terraforms_choice(directory, server: ModuleServer, text: str) -> str | None:
    module = f'module "m" {{\n  source  = "mods.example/a/m/x"\n  version = "{text}"\n}}\n'
    write_files(directory, {"main.tf": module})
    environment = server.write_configuration(directory / "rc", "mods.example")
    said = run_terraform(directory, "get", "-no-color", **environment).stdout
    return said.split()[2] if said.startswith("Downloading") else None


@pytest.mark.parametrize("text", ["", ">=", "=> 1.0", "1.x", ">= 1.0,", "~~> 1", "latest", "1..0"])
def test_what_is_no_constraint(text: str) -> None:
    assert parse_constraints(text) is None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("~> 0.7.0, != 0.7.2", "~> 0.7.0, != 0.7.2"),
        (">= 3.0", ">= 3.0.0"),
        ("= 1", "1.0.0"),
        ("~>1", "~> 1.0"),
        ("~> 1.2", "~> 1.2"),
    ],
)
def test_constraints_in_words(text: str, form: str) -> None:
    assert str(parse_constraints(text)) == form


numbers = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
prereleases = st.sampled_from(["", "-alpha", "-alpha.1", "-alpha.2", "-beta", "-1", "-rc.10", "-rc.9"])
versions = st.builds(lambda number, pre: parse_version(number + pre), numbers, prereleases)


@given(versions, versions, versions)
def test_versions_have_one_order(one: Version, two: Version, three: Version) -> None:
    assert (one < two) + (one == two) + (one > two) == 1
    assert not (one < two < three) or one < three
    assert parse_version(str(one)) == one
