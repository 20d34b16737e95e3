"""What is named in plain text is made before, and deleted after, as if it were referred to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lab import environment_for
from quick_lab import QuickLab

LAB = """
resource "libvirt_domain" "a_guest" {
  name      = "guest"
  cloudinit = libvirt_cloudinit_disk.a_seed.id
  disk {
    volume_id = libvirt_volume.a_clone.id
  }
  disk {
    file = "/nonexistent/images/more"
  }
  network_interface {
    network_name = "lab"
  }
}
resource "libvirt_cloudinit_disk" "a_seed" {
  name      = "seed.iso"
  pool      = "images"
  user_data = "#cloud-config"
}
resource "libvirt_volume" "a_clone" {
  name             = "clone"
  pool             = "images"
  base_volume_name = "base"
  base_volume_pool = "bases"
}
resource "libvirt_volume" "base" {
  name = "base"
  pool = "bases"
  size = 1048576
}
resource "libvirt_volume" "z_more" {
  name           = "more"
  pool           = libvirt_pool.z_images.name
  base_volume_id = "/nonexistent/images/origin"
}
resource "libvirt_volume" "z_origin" {
  name = "origin"
  pool = libvirt_pool.z_images.name
  size = 1048576
}
resource "libvirt_network" "z_lab" {
  name      = "lab"
  addresses = ["10.7.0.0/24"]
}
resource "libvirt_pool" "z_images" {
  name = "images"
  type = "dir"
  path = "/nonexistent/images"
}
resource "libvirt_pool" "z_bases" {
  name = "bases"
  type = "dir"
  path = "/nonexistent/bases"
}
"""


@pytest.fixture
def lab(tmp_path: Path) -> QuickLab:
    return QuickLab.of_text(LAB, tmp_path / "lab", environment_for(f"test+file:{tmp_path}/host.xml"))


def comes_before(said: str, first: str, second: str) -> bool:
    return said.index(first) < said.index(second)


@pytest.mark.parametrize("words", [(), ("-parallelism=1",)])
def test_a_lab_of_plain_names_comes_up_and_goes_down(lab: QuickLab, words: tuple[str, ...]) -> None:
    said = lab.apply(*words)
    made = "{}: Creation complete", "{}: Creating"
    for first, second in [
        ("pool.z_images", "volume.a_clone"),
        ("pool.z_images", "cloudinit_disk.a_seed"),
        ("pool.z_bases", "volume.base"),
        ("volume.base", "volume.a_clone"),
        ("network.z_lab", "domain.a_guest"),
        ("volume.z_more", "domain.a_guest"),
        ("volume.z_origin", "volume.z_more"),
    ]:
        assert comes_before(said, made[0].format(f"libvirt_{first}"), made[1].format(f"libvirt_{second}"))
    assert lab.plan_is_empty()
    said = lab.destroy(*words)
    gone = "{}: Destruction complete", "{}: Destroying"
    for first, second in [
        ("domain.a_guest", "network.z_lab"),
        ("domain.a_guest", "volume.z_more"),
        ("volume.z_more", "volume.z_origin"),
        ("volume.a_clone", "pool.z_images"),
        ("volume.a_clone", "volume.base"),
        ("volume.base", "pool.z_bases"),
    ]:
        assert comes_before(said, gone[0].format(f"libvirt_{first}"), gone[1].format(f"libvirt_{second}"))
    assert lab.addresses() == []


def test_state_tells_of_it_as_of_any_dependency(lab: QuickLab) -> None:
    lab.apply()
    found = {each["name"]: each["instances"][0].get("dependencies", []) for each in lab.state()["resources"]}
    assert "libvirt_pool.z_images" in found["a_clone"]
    assert "libvirt_volume.base" in found["a_clone"]
    assert "libvirt_network.z_lab" in found["a_guest"]


def test_what_an_older_state_does_not_tell_is_seen_in_its_attributes(lab: QuickLab) -> None:
    lab.apply()
    path = lab.directory / "terraform.tfstate"
    state = json.loads(path.read_text())
    for resource in state["resources"]:
        for instance in resource["instances"]:
            instance.pop("dependencies", None)
    path.write_text(json.dumps(state))
    said = lab.destroy("-target=libvirt_pool.z_bases")
    assert comes_before(said, "libvirt_volume.base: Destruction complete", "libvirt_pool.z_bases: Destroying")
    assert "libvirt_pool.z_images: Destroying" not in said
    lab.destroy()


def test_a_pool_that_needs_the_volume_which_names_it_is_no_cycle(tmp_path: Path) -> None:
    text = """
    resource "libvirt_pool" "here" {
      name = "here"
      type = "dir"
      path = "/nonexistent/here"
    }
    resource "libvirt_volume" "note" {
      name = "note"
      pool = "later"
      size = 1024
    }
    resource "libvirt_pool" "later" {
      name       = "later"
      type       = "dir"
      path       = "/nonexistent/later"
      depends_on = [libvirt_volume.note]
    }
    """
    lab = QuickLab.of_text(text, tmp_path / "lab", environment_for(f"test+file:{tmp_path}/host.xml"))
    said = lab.apply(code=1)
    assert 'The host has no storage pool "later"' in said
    assert "cycle" not in said.lower()
    lab.destroy()
