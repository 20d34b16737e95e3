"""SIGKILL while a domain is cloned: at whichever point, the next apply has all of it, and nothing is left over."""

import pytest
from inventory import EMPTY, inventory
from killing import Killer
from lab import Lab

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

LAB = """
resource "libvirt_pool" "images" {
  name = "images"
  type = "dir"
  path = "/var/lib/libvirt/images/killed"
}

resource "libvirt_volume" "golden" {
  count  = 2
  name   = "golden-${count.index}.img"
  pool   = libvirt_pool.images.name
  size   = 1048576
  format = "raw"
}

resource "libvirt_domain" "golden" {
  name    = "golden"
  memory  = 32
  running = false

  dynamic "disk" {
    for_each = libvirt_volume.golden
    content {
      volume_id = disk.value.id
    }
  }
}
"""

CLONE = """
resource "libvirt_domain" "clone" {
  name     = "clone"
  clone_of = libvirt_domain.golden.id
  running  = false
}
"""

BASES = {"images/golden-0.img", "images/golden-1.img"}
CLONES = {"images/clone-vda.img", "images/clone-vdb.img"}


@pytest.fixture
def lab(host, environment, tmp_path):
    lab = Lab.of_text(LAB, tmp_path / "lab", environment)
    lab.apply()
    yield lab
    lab.destroy()
    assert inventory(host) == EMPTY


def test_a_clone_whose_making_is_killed_is_made_by_the_next_apply(host, lab):
    lab.add(CLONE, "clone.tf")
    points = 0
    with Killer(lab.directory, lab.environment) as killer:
        for number in range(1, 60):
            ended = killer.run("apply", "-auto-approve", kill=(number, ("before", "after")[number % 2]))
            killer.must("apply", "-auto-approve")
            killer.must("plan", "-detailed-exitcode")
            there = inventory(host)
            assert there.domains == {"golden", "clone"}, number
            assert there.volumes == BASES | CLONES, number
            killer.must("destroy", "-auto-approve", "-target=libvirt_domain.clone")
            assert inventory(host).volumes == BASES, number
            if ended == 0:
                break
            points += 1
    assert points > 8


def test_a_clone_that_was_begun_and_is_not_wanted_any_more_leaves_nothing(host, lab):
    points = 0
    with Killer(lab.directory, lab.environment) as killer:
        for number in range(1, 60, 2):
            lab.add(CLONE, "clone.tf")
            ended = killer.run("apply", "-auto-approve", kill=(number, "after"))
            lab.remove("clone.tf")
            killer.must("apply", "-auto-approve")
            killer.must("plan", "-detailed-exitcode")
            assert inventory(host).volumes == BASES, number
            assert inventory(host).domains == {"golden"}, number
            if ended == 0:
                break
            points += 1
    assert points > 5


def test_a_clone_whose_end_is_killed_is_gone_after_the_next(host, lab):
    lab.add(CLONE, "clone.tf")
    points = 0
    with Killer(lab.directory, lab.environment) as killer:
        for number in range(1, 60, 2):
            killer.must("apply", "-auto-approve")
            ended = killer.run("destroy", "-auto-approve", "-target=libvirt_domain.clone", kill=(number, "before"))
            killer.must("destroy", "-auto-approve", "-target=libvirt_domain.clone")
            assert inventory(host).volumes == BASES, number
            assert inventory(host).domains == {"golden"}, number
            if ended == 0:
                break
            points += 1
    assert points > 3
