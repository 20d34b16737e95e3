"""Room for all new volumes of a storage pool together: a simulated host's pools have 100 GiB."""

import os

import pytest
from lab import environment_for
from quick_lab import QuickLab

GIB = 2**30
POOL = """
resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  path = "/lab"
}
"""
VOLUMES = """
resource "libvirt_volume" "disk" {{
  count  = {count}
  name   = "disk${{count.index}}"
  pool   = libvirt_pool.lab.name
  {what}
}}
"""


@pytest.fixture
def lab(tmp_path):
    lab = QuickLab.of_text(POOL, tmp_path, environment_for("test+file:host.xml"))
    lab.kvmform("apply", "-auto-approve")
    return lab


def plan(lab, count, what, code=0):
    (lab.directory / "volumes.tf").write_text(VOLUMES.format(count=count, what=what))
    said = lab.kvmform("plan", code=code)
    return " ".join((said.stdout + said.stderr).replace("│", " ").split())


def test_images_that_fit_alone_and_not_together_are_refused(lab):
    with (lab.directory / "image.img").open("wb") as image:
        os.truncate(image.fileno(), 60 * GIB)
    source = 'source = "image.img"\n  format = "raw"'
    assert "Not enough space" not in plan(lab, 1, source)
    said = plan(lab, 2, source, code=1)
    assert "Error: Not enough space" in said
    assert "have 120.0 GiB together, and 100.0 GiB are left there" in said


def test_volumes_that_would_not_fit_when_they_are_full_are_told(lab):
    assert "Warning" not in plan(lab, 2, f"size = {45 * GIB}")
    said = plan(lab, 3, f"size = {45 * GIB}")
    assert "Warning: Volumes that can outgrow their storage pool" in said
    assert "can grow to 135.0 GiB together" in said
