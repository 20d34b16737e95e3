"""Each call to libvirt fails once, carried out or not: the next apply completes it, and destroy leaves nothing."""

import os

import pytest
from failing import failing, writes
from inventory import EMPTY, inventory, wipe
from lab import environment_for
from quick_lab import QuickLab

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

EVERY = int(os.environ.get("KVMFORM_FAIL_EVERY", "6"))
"""Every how manyth call fails; 1 for all of them, which takes minutes."""

LAB = """
locals {
  changed = CHANGED
}

resource "libvirt_pool" "lab" {
  name = "failing"
  type = "dir"
  target { path = "/var/lib/libvirt/images/failing" }
}

resource "libvirt_volume" "disk" {
  count = 2
  name  = "disk${count.index}.qcow2"
  pool  = libvirt_pool.lab.name
  size  = local.changed ? 16777216 : 8388608
}

resource "libvirt_cloudinit_disk" "seed" {
  name      = "seed.iso"
  pool      = libvirt_pool.lab.name
  user_data = local.changed ? "#cloud-config\\nx: 1" : "#cloud-config"
}

resource "libvirt_network" "lab" {
  name      = "failing"
  addresses = ["10.17.93.0/24"]

  dhcp {
    dynamic "hosts" {
      for_each = local.changed ? [1] : []
      content {
        mac = "52:54:00:00:93:50"
        ip  = "10.17.93.50"
      }
    }
  }
}

resource "libvirt_domain" "guest" {
  name             = "failing"
  description      = local.changed ? "changed" : null
  machine          = "q35"
  memory           = local.changed ? 48 : 32
  cloudinit        = libvirt_cloudinit_disk.seed.id
  shutdown_timeout = 0

  disk {
    volume_id = libvirt_volume.disk[0].id
  }

  dynamic "disk" {
    for_each = local.changed ? [1] : []
    content { volume_id = libvirt_volume.disk[1].id }
  }

  dynamic "network_interface" {
    for_each = local.changed ? [8, 9] : [8]
    content {
      network_id = libvirt_network.lab.id
      hostname   = "failing${network_interface.value}"
      addresses  = ["10.17.93.${network_interface.value}"]
    }
  }
}

resource "libvirt_snapshot" "clean" {
  count     = local.changed ? 0 : 1
  name      = "clean"
  domain_id = libvirt_domain.guest.id
}
"""

FIRST, CHANGED = (LAB.replace("CHANGED", word) for word in ("false", "true"))


class Round:
    """The lab, one command of it, and what must come of it."""

    def __init__(self, lab, host):
        self.lab = lab
        self.host = host

    def write(self, text):
        (self.lab.directory / "main.tf").write_text(text)

    def apply(self, text):
        """Apply, after which a plan has nothing to do; what is there then."""
        self.write(text)
        self.lab.kvmform("apply", "-auto-approve")
        self.lab.kvmform("plan", "-detailed-exitcode")
        return inventory(self.host)

    def destroy(self):
        self.lab.kvmform("destroy", "-auto-approve")
        assert inventory(self.host) == EMPTY

    def fails_everywhere(self, before, wanted, *words):
        """Let each call of a command fail that goes from one configuration to another."""

        def begin():
            self.apply(before)
            self.write(wanted)

        begin()
        calls = writes(lambda: self.lab.kvmform(*words))
        assert calls
        for number in range(1, calls + 1, EVERY):
            for made in (False, True):
                begin()
                with failing(number, made=made) as seen:
                    said = self.lab.kvmform(*words, code=None)
                # What is only tried may fail; whatever else does is told.
                assert said.returncode == 0 or "No such luck" in said.stderr, seen
                yield seen[number - 1]


@pytest.fixture
def round_(host, domain_type, tmp_path):
    lab = QuickLab(tmp_path, environment_for(host.uri, domain_type))
    yield Round(lab, host)
    wipe(host)


def test_a_creation_that_fails_is_completed_or_taken_back(round_):
    for number, call in enumerate(round_.fails_everywhere("", FIRST, "apply", "-auto-approve")):
        if number % 2:
            assert round_.apply(FIRST).domains == {"failing"}, call
        round_.destroy()


def test_an_update_that_fails_is_completed(round_):
    for call in round_.fails_everywhere(FIRST, CHANGED, "apply", "-auto-approve"):
        assert round_.apply(CHANGED).domains == {"failing"}, call
    round_.destroy()


def test_a_destruction_that_fails_is_completed(round_):
    for _ in round_.fails_everywhere(FIRST, FIRST, "destroy", "-auto-approve"):
        round_.destroy()
