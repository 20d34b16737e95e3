"""Copies that share their blocks with the original, where the file system can: XFS in a file of the private host."""

import shutil
import subprocess

import pytest
from guest_lab import GuestLab
from inventory import wipe
from lab import environment_for

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

DIRECTORY = "/var/lib/libvirt/images/xfs"
LAB = f"""
resource "libvirt_pool" "xfs" {{
  name = "xfs"
  type = "dir"
  path = "{DIRECTORY}/images"
}}

resource "libvirt_volume" "golden" {{
  name   = "golden.img"
  pool   = libvirt_pool.xfs.name
  size   = 33554432
  format = "raw"
}}

resource "libvirt_domain" "golden" {{
  name    = "golden"
  memory  = 32
  running = false

  disk {{
    volume_id = libvirt_volume.golden.id
  }}
}}
"""

COPIES = """
resource "libvirt_volume" "copy" {
  name     = "copy.img"
  pool     = libvirt_pool.xfs.name
  clone_of = libvirt_volume.golden.id
  reflink  = true
}

resource "libvirt_domain" "clone" {
  name        = "clone"
  clone_of    = libvirt_domain.golden.id
  clone_disks = "reflinked"
  running     = false
}
"""


@pytest.fixture
def lab(lab_host, domain_type, tmp_path):
    if shutil.which("mkfs.xfs") is None:
        pytest.skip("mkfs.xfs is not installed (make setup installs it)")
    lab = GuestLab.of_text(LAB, tmp_path, environment_for(lab_host.uri, domain_type), lab_host)
    image = f"{DIRECTORY}.img"
    lab.in_host("mkdir", DIRECTORY)
    lab.in_host("truncate", "--size=320M", image)
    lab.in_host("mkfs.xfs", "-q", image)
    try:
        lab_host.exec_(["mount", "-o", "loop", image, DIRECTORY])
    except subprocess.CalledProcessError as problem:
        pytest.skip(f"no file can be mounted here: {problem.stderr.strip()}")
    yield lab
    lab.destroy()
    lab.in_host("umount", DIRECTORY)
    wipe(lab_host)


def room(lab):
    """KiB that are taken."""
    lab.in_host("sync", "-f", DIRECTORY)
    return int(lab.in_host("df", "--output=used", DIRECTORY).split()[-1])


@pytest.mark.changes("libvirt_volume.reflink", "libvirt_domain.clone_disks")
def test_reflinks_hold_what_the_original_does_and_take_no_room(lab):
    lab.apply()
    lab.in_host("qemu-io", "-f", "raw", "-c", "write -P 7 0 32M", f"{DIRECTORY}/images/golden.img")
    before = room(lab)
    lab.add(COPIES, "copies.tf")
    lab.apply()
    assert room(lab) - before < 8192
    for name in ("copy.img", "clone-vda.img"):
        path = f"{DIRECTORY}/images/{name}"
        assert "Pattern verification failed" not in lab.in_host("qemu-io", "-f", "raw", "-c", "read -P 7 0 32M", path)
        lab.in_host("qemu-io", "-f", "raw", "-c", "write -P 8 0 1M", path)
    golden = lab.in_host("qemu-io", "-f", "raw", "-c", "read -P 7 0 32M", f"{DIRECTORY}/images/golden.img")
    assert "Pattern verification failed" not in golden
    assert lab.plan_is_empty()
    lab.edit("  reflink  = true\n", "", "copies.tf")
    lab.apply()
    assert lab.plan_is_empty()
