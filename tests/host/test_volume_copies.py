"""Volumes that are copies of others, on a real host; and a fleet of guests whose disks are."""

import subprocess

import pytest
from guest_lab import GuestLab
from inventory import EMPTY, wipe
from lab import environment_for

pytestmark = pytest.mark.libvirt

DIRECTORY = "/var/lib/libvirt/images/copies"
LAB = """
resource "libvirt_pool" "lab" {
  name = "copies"
  type = "dir"
  target { path = "/var/lib/libvirt/images/copies" }
}

resource "libvirt_volume" "golden" {
  for_each = toset(["one", "two"])
  name     = "${each.key}.qcow2"
  pool     = libvirt_pool.lab.name
  format   = "qcow2"
  size     = 8388608
}

resource "libvirt_domain" "golden" {
  name             = "golden"
  memory           = 32
  shutdown_timeout = 0
  running          = false
  disk { volume_id = libvirt_volume.golden["one"].id }
}
"""
FLEET = """
resource "libvirt_volume" "disk" {
  count    = 2
  name     = "disk${count.index}"
  pool     = libvirt_pool.lab.name
  clone_of = libvirt_volume.golden["one"].id
  format   = count.index == 0 ? "raw" : null
  size     = count.index == 0 ? 16777216 : null
}

resource "libvirt_domain" "web" {
  count            = 2
  name             = "web${count.index}"
  memory           = 32
  shutdown_timeout = 0
  running          = false
  disk { volume_id = libvirt_volume.disk[count.index].id }
}
"""


@pytest.fixture(scope="module")
def lab(lab_host, domain_type, tmp_path_factory):
    environment = environment_for(lab_host.uri, domain_type)
    lab = GuestLab.of_text(LAB, tmp_path_factory.mktemp("copies"), environment, lab_host)
    lab.apply()
    for name, pattern in (("one", 1), ("two", 2)):
        command = f"write -P {pattern} 1M 64k"
        lab.in_host("qemu-io", "-f", "qcow2", "-c", command, f"{DIRECTORY}/{name}.qcow2")
    yield lab
    wipe(lab_host)


def holds(lab, name, pattern, format_="qcow2"):
    """Whether a volume has what was written to one of the originals."""
    command = ["qemu-io", "-r", "-f", format_, "-c", f"read -P {pattern} 1M 64k", f"{DIRECTORY}/{name}"]
    try:
        return "Pattern verification failed" not in lab.host.exec_(command)
    except subprocess.CalledProcessError:
        return False


def test_copies_have_what_the_original_has_in_a_format_and_size_of_their_own(lab):
    lab.add(FLEET, "fleet.tf")
    lab.apply()
    assert holds(lab, "disk0", 1, "raw")
    assert holds(lab, "disk1", 1)
    disks = {
        each["attributes"]["name"]: (each["attributes"]["format"], each["attributes"]["size"])
        for resource in lab.state()["resources"]
        if resource["name"] == "disk"
        for each in resource["instances"]
    }
    assert disks == {"disk0": ("raw", 16777216), "disk1": ("qcow2", 8388608)}
    assert lab.plan_is_empty()


def test_an_original_that_is_made_again_leaves_its_copies_alone(lab):
    said = lab.apply('-replace=libvirt_volume.golden["one"]')
    assert "libvirt_volume.disk[0] must be replaced" not in said
    assert not holds(lab, "one.qcow2", 1)
    assert holds(lab, "disk1", 1)
    assert lab.plan_is_empty()


@pytest.mark.changes("libvirt_volume.clone_of")
def test_another_original_means_another_volume(lab):
    lab.edit('clone_of = libvirt_volume.golden["one"].id', 'clone_of = libvirt_volume.golden["two"].id', "fleet.tf")
    said = lab.plan()
    assert "another original means a new volume, and the old one is deleted" in said
    assert "Disruption: data-loss." in said
    lab.apply()
    assert holds(lab, "disk0", 2, "raw")
    assert holds(lab, "disk1", 2)
    assert lab.plan_is_empty()


def test_what_a_guest_runs_with_is_not_copied(lab):
    lab.edit("  running          = false\n", "")
    lab.edit("count    = 2", "count    = 3", "fleet.tf")
    lab.edit('golden["two"].id', 'golden["one"].id', "fleet.tf")
    said = lab.fails("plan")
    assert "Volume is in use" in said
    assert 'The guest "golden" runs with the volume' in said
    lab.edit('golden["one"].id', 'golden["two"].id', "fleet.tf")
    lab.edit("count    = 3", "count    = 2", "fleet.tf")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('clone_of = "/nowhere/disk"', 'The host has no volume "/nowhere/disk", and none is planned.'),
        ('clone_of = libvirt_volume.golden["two"].id\n size = 1024', "size is 1024 bytes, and the volume"),
        (
            'clone_of = libvirt_volume.golden["two"].id\n base_volume_id = libvirt_volume.golden["one"].id',
            "`clone_of` and `base_volume_id` both say what the volume is made of.",
        ),
    ],
)
def test_a_copy_that_can_not_be_made_is_refused(lab, arguments, expected):
    lab.add(f'resource "libvirt_volume" "odd" {{\n name = "odd"\n pool = "copies"\n {arguments}\n}}\n', "odd.tf")
    assert expected in lab.fails("plan")
    lab.remove("odd.tf")


def test_a_fleet_goes_as_it_came(lab):
    lab.destroy()
    assert lab.inventory() == EMPTY
