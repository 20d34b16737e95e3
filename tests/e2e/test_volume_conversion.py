"""A volume in another format keeps what it holds: the domains that have it go on, and no end of a run loses data."""

from __future__ import annotations

import os
import re
from contextlib import closing

import pytest
from killing import Killer
from quick_lab import QuickLab

pytestmark = pytest.mark.libvirt

MIB = 2**20
DIRECTORY = "/var/lib/libvirt/images/conversion"
LAB = f"""
variable "format" {{
  default = "raw"
}}

variable "mode" {{
  default = null
}}

variable "running" {{
  default = false
}}

variable "base" {{
  default = false
}}

variable "size" {{
  default = {8 * MIB}
}}

resource "libvirt_pool" "images" {{
  name = "images"
  type = "dir"
  path = "{DIRECTORY}"
}}

resource "libvirt_volume" "data" {{
  name   = "data & more"
  pool   = libvirt_pool.images.name
  source = "content"
  format = var.format
  size   = var.size

  dynamic "permissions" {{
    for_each = var.mode[*]

    content {{
      mode = permissions.value
    }}
  }}
}}

resource "libvirt_volume" "clone" {{
  count = var.base ? 1 : 0

  name           = "clone"
  pool           = "images"
  base_volume_id = libvirt_volume.data.id
}}
"""
GUEST = """
resource "libvirt_domain" "guest" {
  name    = "guest"
  memory  = 64
  running = var.running

  shutdown_timeout = 0

  disk {
    volume_id = libvirt_volume.data.id
  }
}
"""


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("content") / "content"
    path.write_bytes(os.urandom(3 * MIB).ljust(8 * MIB, b"\0"))
    return path


@pytest.fixture
def lab(environment, tmp_path, content):
    lab = QuickLab.of_text(LAB, tmp_path / "lab", environment)
    (lab.directory / "content").symlink_to(content)
    yield lab
    lab.destroy()


def seen(host, tmp_path):
    """What a guest sees in the volume, and the format that its header tells."""
    file = f"{DIRECTORY}/data & more"
    copy = tmp_path / "seen"
    host.exec_(["qemu-img", "convert", "-O", "raw", file, str(copy)])
    told = host.exec_(["qemu-img", "info", file])
    return copy.read_bytes(), re.search("file format: (.*)", told)[1]


def files(host):
    return host.exec_(["ls", "-A", DIRECTORY]).splitlines()


@pytest.mark.changes("libvirt_volume.format", "libvirt_volume.size")
def test_a_guest_boots_from_its_volume_in_another_format(host, lab, content, tmp_path):
    lab.add(GUEST, "guest.tf")
    lab.apply()
    lab.give(format="qcow2", size=12 * MIB)
    plan = lab.plan()
    assert "it is converted by copy, and keeps what it holds" in plan
    assert "0 to destroy" in plan
    lab.apply()
    data, format_ = seen(host, tmp_path)
    assert (data, format_) == (content.read_bytes().ljust(12 * MIB, b"\0"), "qcow2")
    assert files(host) == ["data & more"]
    assert lab.plan_is_empty()
    with closing(host.connect()) as connection:
        assert "<driver name='qemu' type='qcow2'/>" in connection.lookupByName("guest").XMLDesc()

    lab.give(running=True)
    lab.apply()
    lab.give(format="raw")
    said = lab.fails("plan")
    assert 'The guest of the domain "guest" is running with it: shut it off first' in said

    lab.give(running=False)
    lab.kvmform("apply", "-auto-approve", "-var=format=qcow2")
    with closing(host.connect()) as connection:
        connection.lookupByName("guest").snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
        assert 'The domain "guest" has snapshots' in lab.fails("plan")
        connection.lookupByName("guest").snapshotLookupByName("s").delete()
    lab.apply()
    data, format_ = seen(host, tmp_path)
    assert (data, format_) == (content.read_bytes().ljust(12 * MIB, b"\0"), "raw")
    assert lab.plan_is_empty()


def test_a_base_of_clones_stays_as_it_is(host, lab, content, tmp_path):
    lab.give(base=True)
    lab.apply()
    lab.give(format="qcow2")
    assert f"It is the base of linked clones, which are nothing without it as it is: {DIRECTORY}/clone." in lab.fails(
        "plan"
    )
    lab.give(format="raw", size=4 * MIB)
    assert "Volume too small" in lab.fails("plan")
    assert seen(host, tmp_path) == (content.read_bytes(), "raw")
    lab.give(size=8 * MIB)
    assert lab.plan_is_empty()


@pytest.mark.changes(
    "libvirt_volume.permissions",
    "libvirt_volume.permissions.mode",
    "libvirt_volume.permissions.owner",
    "libvirt_volume.permissions.group",
)
def test_other_permissions_are_those_of_a_copy(host, lab, content, tmp_path):
    lab.apply()
    lab.give(mode="0640")
    assert "it is copied, and the copy takes its place" in lab.plan()
    lab.apply()
    assert host.exec_(["stat", "-c", "%a %u", f"{DIRECTORY}/data & more"]).split() == ["640", "0"]
    assert lab.plan_is_empty()
    lab.edit("mode = permissions.value", 'mode  = permissions.value\n      owner = "7"\n      group = "8"')
    lab.apply()
    assert host.exec_(["stat", "-c", "%a %u %g", f"{DIRECTORY}/data & more"]).split() == ["640", "7", "8"]
    assert lab.plan_is_empty()
    lab.give(mode=None)
    lab.apply()
    assert host.exec_(["stat", "-c", "%a", f"{DIRECTORY}/data & more"]).split() == ["644"]
    assert lab.plan_is_empty()
    assert seen(host, tmp_path) == (content.read_bytes(), "raw")


def test_a_foreign_volume_of_the_copys_name_is_left_alone(host, lab):
    lab.apply()
    with closing(host.connect()) as connection:
        pool = connection.storagePoolLookupByName("images")
        pool.createXML("<volume><name>data &amp; more.converting</name><capacity>512</capacity></volume>")
        lab.give(format="qcow2")
        assert "the storage pool has such a volume" in lab.apply(code=1)
        assert "data & more.converting" in files(host)
        pool.storageVolLookupByName("data & more.converting").delete()
    lab.apply()
    assert lab.plan_is_empty()


@pytest.mark.changes("libvirt_volume.conversion")
def test_a_conversion_that_is_killed_anywhere_loses_nothing(host, lab, content, tmp_path):
    formats = ["raw", "qcow2"]
    with Killer(lab.directory, lab.environment) as killer:
        killer.must("apply", "-auto-approve")
        for round_, point in enumerate(_points(killer, lab, formats), start=1):
            # Whoever changes his mind after that gets the format that he wants now.
            wanted = formats[(round_ // 2) % 2]
            lab.give(format=wanted)
            killer.must("apply", "-auto-approve")
            data, format_ = seen(host, tmp_path)
            assert data == content.read_bytes(), point
            assert format_ == wanted, point
            assert files(host) == ["data & more"], point
            killer.must("plan", "-detailed-exitcode")
    assert round_ > 8


def _points(killer, lab, formats):
    """Kill a conversion at every other call, before or after it; the direction changes with what there is."""
    for number in range(1, 100, 2):
        state = next(each for each in lab.state()["resources"] if each["name"] == "data")
        present = state["instances"][0]["attributes"]["format"]
        lab.give(format=formats[1 - formats.index(present)])
        if killer.run("apply", "-auto-approve", kill=(number, ("before", "after")[number // 2 % 2])) == 0:
            return
        yield number
