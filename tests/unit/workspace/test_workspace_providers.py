"""Providers beside libvirt: their blocks, their names in state, and types of providers that nobody knows."""

from pathlib import Path

import pytest
from command_line import CommandLine

NULL = 'provider["registry.terraform.io/hashicorp/null"]'
ONE = 'resource "null_resource" "n" {}\n'


@pytest.fixture
def here(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.mark.parametrize(
    "written",
    [
        "",
        'provider "null" {}',
        'provider "null" {\n  version = "~> 3.0"\n}',
        'terraform {\n  required_providers {\n    null = { source = "hashicorp/null", version = ">= 3" }\n  }\n}',
        'terraform {\n  required_providers {\n    null = "~> 3.0"\n  }\n}',
        'terraform {\n  required_providers {\n    null = { source = "registry.opentofu.org/hashicorp/null" }\n  }\n}',
    ],
)
def test_their_blocks_are_taken_without_a_word(here: CommandLine, written: str) -> None:
    assert "Warning" not in here.write(f"{written}\n{ONE}").run("apply", "-auto-approve")
    assert here.state()["null_resource.n"]["provider"] == NULL


def test_an_alias_is_in_the_name(here: CommandLine) -> None:
    here.applied(
        """
        provider "null" { alias = "other" }
        resource "null_resource" "n" {
          provider = null.other
        }
        """
    )
    assert here.state()["null_resource.n"]["provider"] == f"{NULL}.other"
    here.write("").run("destroy", "-auto-approve")


def test_another_local_name_is_still_that_provider(here: CommandLine) -> None:
    here.applied(
        """
        terraform {
          required_providers {
            nothing = { source = "hashicorp/null" }
          }
        }
        resource "null_resource" "n" {
          provider = nothing
        }
        """
    )
    assert here.state()["null_resource.n"]["provider"] == NULL


def test_an_alias_that_is_not_there(here: CommandLine) -> None:
    said = here.write('resource "null_resource" "n" {\n  provider = null.gone\n}').run("plan", code=1)
    assert "Provider configuration not present" in said
    assert 'provider "null" block with alias = "gone"' in " ".join(said.replace("│", "").split())


def test_a_module_may_configure_one_of_its_own(here: CommandLine) -> None:
    (here.directory / "m").mkdir()
    here.write(f'provider "null" {{}}\n{ONE}', "m/main.tf")
    here.applied('module "m" {\n  source = "./m"\n}')
    assert here.state()["null_resource.n"]["provider"] == f"module.m.{NULL}"
    here.write("").run("apply", "-auto-approve")
    assert here.state() == {}


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (
            'resource "null_resorce" "n" {}',
            'Of the provider null, kvmform has no resource type "null_resorce". Did',
        ),
        ('resource "aws_instance" "n" {}', 'The resource type "aws_instance" is of the provider aws, of which kvmform'),
        (
            'data "aws_ami" "n" {}',
            'The data source "aws_ami" is of the provider aws, of which kvmform has no data source.',
        ),
    ],
)
def test_a_type_that_nobody_knows(here: CommandLine, block: str, said: str) -> None:
    found = " ".join(here.write(block).run("plan", code=1).replace("│", "").split())
    assert said in found
    assert f"on main.tf line 1, in {block.removesuffix(' {}')}: 1: {block}" in found
    assert "null" in found
