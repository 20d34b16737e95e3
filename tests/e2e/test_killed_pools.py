"""SIGKILL while a storage pool is renamed: its volumes are never taken for gone."""

from __future__ import annotations

import json

import pytest
from inventory import inventory
from killing import Killer
from lab import Lab

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

LAB = """
variable "name" {
  default = "images"
}

resource "libvirt_pool" "images" {
  name = var.name
  type = "dir"
  path = "/var/lib/libvirt/images/renamed"
}

resource "libvirt_volume" "data" {
  name = "data"
  pool = libvirt_pool.images.name
  size = 1048576
  keep = true
}

resource "libvirt_cloudinit_disk" "seed" {
  name      = "seed.iso"
  pool      = libvirt_pool.images.name
  user_data = "#cloud-config"
}
"""


def test_a_pool_that_is_killed_while_it_is_renamed_has_its_volumes_all_the_same(host, environment, tmp_path):
    lab = Lab.of_text(LAB, tmp_path / "lab", environment)
    names, points = ["images", "disks"], []
    with Killer(lab.directory, lab.environment) as killer:
        killer.must("apply", "-auto-approve")
        for number in range(1, 60, 2):
            state = json.loads((lab.directory / "terraform.tfstate").read_text())
            present = next(each for each in state["resources"] if each["type"] == "libvirt_pool")
            before = present["instances"][0]["attributes"]["name"]
            lab.give(name=names[1 - names.index(before)])
            ended = killer.run("apply", "-auto-approve", kill=(number, ("before", "after")[number // 2 % 2]))
            if ended == 0:
                break
            points.append(number)
            killer.must("apply", "-auto-approve")
            killer.must("plan", "-detailed-exitcode")
            there = inventory(host)
            wanted = names[1 - names.index(before)]
            assert there.pools == {wanted}, number
            assert there.volumes == {f"{wanted}/data", f"{wanted}/seed.iso"}, number
    assert len(points) > 8
    lab.destroy()


STOPPABLE = (
    LAB.replace('type = "dir"', 'type = "dir"\n  active = var.active')
    .replace("images/renamed", "images/stopped")
    .replace("  keep = true\n", "")
    + """
variable "active" {
  default = true
}
"""
)


def test_so_it_has_where_it_is_stopped_as_well(host, environment, tmp_path):
    lab = Lab.of_text(STOPPABLE, tmp_path / "lab", environment)
    names = ["images", "disks"]
    with Killer(lab.directory, lab.environment) as killer:
        killer.must("apply", "-auto-approve")
        for number in range(3, 40, 4):
            names.reverse()
            lab.give(name=names[0], active="false")
            ended = killer.run("apply", "-auto-approve", kill=(number, ("before", "after")[number // 4 % 2]))
            killer.must("apply", "-auto-approve")
            killer.must("plan", "-detailed-exitcode")
            assert inventory(host).pools == {names[0]}, number
            lab.give(name=names[0], active="true")
            killer.must("apply", "-auto-approve")
            assert inventory(host).volumes == {f"{names[0]}/data", f"{names[0]}/seed.iso"}, number
            if ended == 0:
                break
        assert number > 8
    lab.destroy()
