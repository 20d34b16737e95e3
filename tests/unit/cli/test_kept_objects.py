"""`keep = true`: a volume that is not wanted any more is forgotten, and stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import environment_for
from quick_lab import QuickLab

LAB = """
resource "libvirt_pool" "images" {
  name = "images"
  type = "dir"
  path = "/nonexistent/images"
}
resource "libvirt_volume" "data" {
  name = "data"
  pool = libvirt_pool.images.name
  size = 1048576
  keep = true
}
"""
KEPT = "libvirt_volume.data will no longer be managed by kvmform, but will not be destroyed"


@pytest.fixture
def lab(tmp_path: Path) -> QuickLab:
    lab = QuickLab.of_text(LAB, tmp_path / "lab", environment_for(f"test+file:{tmp_path}/host.xml"))
    lab.apply()
    return lab


def host_file(lab: QuickLab) -> str:
    return (lab.directory.parent / "host.xml").read_text()


def test_a_kept_volume_stays_when_it_is_taken_out_of_the_configuration(lab: QuickLab) -> None:
    lab.edit(LAB[LAB.index('resource "libvirt_volume"') :], "")
    plan = lab.plan()
    assert KEPT in plan
    assert "Disruption: none" in plan
    lab.apply()
    assert lab.addresses() == ["libvirt_pool.images"]
    assert "<name>data</name>" in host_file(lab)


def test_a_kept_volume_stays_when_all_is_destroyed(lab: QuickLab) -> None:
    plan = lab.plan("-destroy")
    assert KEPT in plan
    assert "1 to destroy" in plan
    said = lab.destroy()
    assert said.index("libvirt_volume.data: Forgotten") < said.index("libvirt_pool.images: Destroying")
    assert lab.addresses() == []


@pytest.mark.parametrize("change", [("= 1048576", "= 1024"), ('"data"\n  pool', '"other"\n  pool')])
def test_a_change_that_would_delete_a_kept_volume_is_refused(lab: QuickLab, change: tuple[str, str]) -> None:
    lab.edit(*change)
    assert "Kept object cannot be replaced" in lab.fails("plan")
    lab.edit("keep = true", "keep = false")
    assert "data-loss" in lab.plan()


def test_a_replacement_by_request_is_refused_too(lab: QuickLab) -> None:
    assert "Kept object cannot be replaced" in lab.fails("plan", "-replace=libvirt_volume.data")


def test_that_a_volume_is_kept_or_not_is_only_recorded(lab: QuickLab) -> None:
    lab.edit("  keep = true\n", "")
    plan = lab.plan()
    assert "0 to add, 1 to change, 0 to destroy" in plan
    assert "Disruption: none" in plan
    lab.apply()
    assert lab.plan_is_empty()
    assert "libvirt_volume.data will be destroyed" in lab.plan("-destroy")


def test_a_kept_volume_is_taken_up_again_by_its_name(lab: QuickLab) -> None:
    lab.edit(LAB[LAB.index('resource "libvirt_volume"') :], "")
    lab.apply()
    lab.add(LAB[LAB.index('resource "libvirt_volume"') :], "data.tf")
    assert "Volume already exists" in lab.fails("plan")
    lab.add('import {\n  to = libvirt_volume.data\n  id = "images/data"\n}\n', "import.tf")
    lab.apply()
    assert lab.plan_is_empty()
