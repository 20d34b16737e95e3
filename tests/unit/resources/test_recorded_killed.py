"""Types that need no host, killed at each instant of an apply: the next run makes of it what was wanted."""

from pathlib import Path

import pytest
from labs import Lab, actions

from kvmform.plan.change import Mode
from kvmform.workspace.catalogue import installed

TEXT = """
resource "random_pet" "name" {
  keepers = { for_version = "%s" }
}
resource "random_bytes" "secret" {
  length = 12
}
resource "terraform_data" "used" {
  input            = { name = random_pet.name.id, secret = random_bytes.secret.hex }
  triggers_replace = random_pet.name.id
}
resource "time_sleep" "pause" {
  create_duration = "1ms"
  triggers        = { name = random_pet.name.id }
}
output "name" { value = terraform_data.used.output.name }
"""
INSTANTS = 60
"""More than there are in one apply."""


def killed_everywhere(directory: Path, first: str, then: str, mode: Mode = Mode.NORMAL) -> int:
    """Kill an apply at each instant in a lab of its own, check what the next run makes of it; how often."""
    for instant in range(1, INSTANTS):
        lab = Lab(directory / str(instant), catalogue=installed())
        if first:
            lab.applied(first)
        lab.write(then)
        if not lab.killed_at(instant, mode=mode):
            return instant
        check(lab, mode)
    pytest.fail("there are more instants than that")


def check(lab: Lab, mode: Mode) -> None:
    recorded = lab.recorded()
    assert not lab.apply(mode=mode).diagnostics
    found = lab.recorded()
    if mode is Mode.DESTROY:
        assert found == {}
        return
    assert actions(lab.plan()) == {}
    used = found["terraform_data.used"]["output"]["value"]
    assert used["name"] == found["random_pet.name"]["id"] == lab.outputs()["name"]
    assert found["time_sleep.pause"]["triggers"]["name"] == used["name"]
    # What was made is not made again: something may use it already.
    before = recorded.get("random_bytes.secret", {}).get("hex")
    assert before in {None, used["secret"]}


def test_a_create(tmp_path: Path) -> None:
    assert killed_everywhere(tmp_path, "", TEXT % 1) > 10


def test_a_replacement(tmp_path: Path) -> None:
    assert killed_everywhere(tmp_path, TEXT % 1, TEXT % 2) > 10


def test_a_destroy(tmp_path: Path) -> None:
    assert killed_everywhere(tmp_path, TEXT % 1, TEXT % 1, Mode.DESTROY) > 10


def test_a_null_resource_that_becomes_a_terraform_data(tmp_path: Path) -> None:
    first = 'resource "null_resource" "n" {\n  triggers = { a = "1" }\n}\n'
    then = """
        moved {
          from = null_resource.n
          to   = terraform_data.d
        }
        resource "terraform_data" "d" {
          triggers_replace = { a = "1" }
        }
        """
    for instant in range(1, INSTANTS):
        lab = Lab(tmp_path / str(instant), catalogue=installed()).applied(first)
        before = lab.recorded()["null_resource.n"]["id"]
        was_killed = lab.write(then).killed_at(instant)
        assert not lab.apply().diagnostics
        assert lab.recorded().keys() == {"terraform_data.d"}
        assert lab.recorded()["terraform_data.d"]["id"] == before
        assert lab.recorded()["terraform_data.d"].keys() == {"id", "input", "output", "triggers_replace"}
        if not was_killed:
            assert instant > 5
            return
    pytest.fail("there are more instants than that")
