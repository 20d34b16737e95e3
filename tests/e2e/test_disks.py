"""A lab as it was written for the providers 0.6 and 0.8, whose disks they would not change: here they change."""

import pytest
from guest_lab import GuestLab

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

LAB = """
terraform {
  required_providers {
    libvirt = { source = "dmacvicar/libvirt" }
  }
}

variable "base_image" {}

resource "libvirt_pool" "lab" {
  name = "disks"
  type = "dir"
  path = "@POOL@"
}

resource "libvirt_volume" "root" {
  for_each = toset(["blue", "green"])
  name     = "${each.key}.qcow2"
  pool     = libvirt_pool.lab.name
  source   = var.base_image
}

resource "libvirt_volume" "data" {
  name = "data.qcow2"
  pool = libvirt_pool.lab.name
  size = 16777216
}

resource "libvirt_network" "lab" {
  name      = "disks"
  addresses = ["10.17.77.0/24"]
  dnsmasq_options {
    options {
      option_name = "no-ping"
    }
  }
}

resource "libvirt_domain" "guest" {
  name    = "guest"
  machine = "q35"
  memory  = "160"
  disk = [
    { volume_id = libvirt_volume.root["blue"].id },
  ]
  network_interface {
    network_id     = libvirt_network.lab.id
    wait_for_lease = true
  }
  console {
    type        = "pty"
    target_port = "0"
    target_type = "serial"
  }
}
"""


@pytest.fixture(scope="module")
def lab(host, environment, tmp_path_factory):
    directory = tmp_path_factory.mktemp("disks")
    lab = GuestLab.of_text(LAB.replace("@POOL@", f"{directory}/pool"), directory, environment, host)
    lab.apply()
    yield lab
    lab.come_down()


@pytest.mark.changes("libvirt_domain.disk.volume_id", "libvirt_domain.disk")
def test_another_volume_is_the_one_that_the_guest_boots_from(lab):
    assert lab.plan_is_empty()
    lab.mark("guest", "blue")
    lab.edit('root["blue"].id', 'root["green"].id')
    assert "Disruption: reboot." in lab.plan()
    lab.apply()
    seen = lab.report("guest")
    assert (seen.boots, seen.mark) == (1, "")
    assert lab.plan_is_empty()


def test_a_second_disk_comes_and_goes_while_the_guest_runs(lab):
    before = lab.report("guest")
    lab.edit("].id },\n", "].id },\n    { volume_id = libvirt_volume.data.id },\n")
    lab.apply("-max-disruption=live")
    assert lab.report("guest", lambda guest: guest.disks.get("vdb") == 16 * 2**20).boot_id == before.boot_id
    assert lab.plan_is_empty()
    lab.edit("    { volume_id = libvirt_volume.data.id },\n", "")
    lab.apply("-max-disruption=live")
    assert lab.report("guest", lambda guest: "vdb" not in guest.disks).boot_id == before.boot_id
    assert lab.plan_is_empty()


@pytest.mark.changes("libvirt_domain.disk.scsi", "libvirt_domain.disk.wwn")
def test_a_disk_moves_to_scsi_and_gets_the_name_that_is_asked_for(lab):
    lab.edit('root["green"].id }', 'root["green"].id, scsi = "true", wwn = "05abcd00000000aa" }')
    assert "Disruption: reboot." in lab.plan()
    lab.apply()
    seen = lab.report("guest")
    assert seen.boots == 2
    assert {"sda", "vda"} & seen.disks.keys() == {"sda"}
    assert "<wwn>05abcd00000000aa</wwn>" in lab.in_host("virsh", "dumpxml", "guest")
    assert lab.plan_is_empty()
