"""`create_before_destroy` and checks, as a user sees them: a whole lab on a simulated host."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import environment_for
from quick_lab import QuickLab

LAB = """
variable "v" {
  default = 1
}
resource "libvirt_pool" "p" {
  name = "p${var.v}"
  type = "dir"
  target {
    path = "/nonexistent/p${var.v}"
  }
}
resource "libvirt_volume" "d" {
  name = "d${var.v}"
  pool = libvirt_pool.p.name
  size = 1048576
}
resource "libvirt_network" "n" {
  name      = "n${var.v}"
  addresses = ["10.${var.v}.0.0/24"]
}
resource "libvirt_cloudinit_disk" "c" {
  name      = "c${var.v}.iso"
  pool      = libvirt_pool.p.name
  user_data = "#cloud-config"
}
resource "libvirt_domain" "g" {
  name      = "NAME"
  arch      = var.v == 1 ? null : "i686"
  cloudinit = libvirt_cloudinit_disk.c.id
  disk {
    volume_id = libvirt_volume.d.id
  }
  network_interface {
    network_id = libvirt_network.n.id
  }
  lifecycle {
    create_before_destroy = true
  }
}
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return environment_for(f"test+file:{tmp_path}/host.xml")


def test_a_lab_whose_names_change_is_made_anew_before_the_old_one_goes(
    environment: dict[str, str], tmp_path: Path
) -> None:
    lab = QuickLab.of_text(LAB.replace("NAME", "g${var.v}"), tmp_path / "lab", environment)
    lab.apply()
    text = lab.plan("-var=v=2")
    assert "+/- create replacement and then destroy" in text
    assert text.count("+/- resource") == 5
    said = lab.apply("-var=v=2")
    assert said.index("libvirt_domain.g: Creation complete") < said.index("libvirt_domain.g: Destroying")
    assert said.index("libvirt_domain.g: Destruction complete") < said.index("libvirt_volume.d: Destroying")
    assert lab.plan_is_empty("-var=v=2")
    lab.kvmform("destroy", "-auto-approve", "-var=v=2")
    assert "<name>" not in (tmp_path / "host.xml").read_text().replace("<name>default", "")


def test_a_guest_that_keeps_its_name_is_deleted_first_and_that_is_told(
    environment: dict[str, str], tmp_path: Path
) -> None:
    lab = QuickLab.of_text(LAB.replace("NAME", "guest"), tmp_path / "lab", environment)
    lab.apply()
    text = lab.plan("-var=v=2")
    assert "Warning: create_before_destroy is not possible here" in text
    assert '-/+ resource "libvirt_domain"' in text
    lab.apply("-var=v=2")
    assert lab.plan_is_empty("-var=v=2")


def test_a_check_that_fails_is_told_with_the_plan_and_after_the_apply(
    environment: dict[str, str], tmp_path: Path
) -> None:
    check = """
    check "small" {
      assert {
        condition     = libvirt_volume.d.size < 1024
        error_message = "The disk is large."
      }
    }
    """
    lab = QuickLab.of_text(LAB.replace("NAME", "guest") + check, tmp_path / "lab", environment)
    said = lab.apply()
    assert said.count("Warning: Check block assertion failed") == 2
    assert said.count("The disk is large.") == 2
    assert "Apply complete! Resources: 5 added" in said
    assert lab.state()["check_results"][0]["status"] == "fail"
    assert lab.plan_is_empty()
