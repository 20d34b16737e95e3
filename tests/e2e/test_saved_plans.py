"""Plans that wait in a file, or for somebody's yes, while the host goes on: they are done as they say, or not."""

import os
import subprocess
from contextlib import closing

import pytest
from guest_lab import GuestLab
from inventory import EMPTY
from lab import KVMFORM, unboxed

pytestmark = pytest.mark.libvirt

DIRECTORY = "/var/lib/libvirt/images/saved"
LAB = f"""
resource "libvirt_pool" "lab" {{
  name = "saved"
  type = "dir"

  target {{
    path = "{DIRECTORY}"
  }}
}}

resource "libvirt_volume" "disk" {{
  name = "disk.qcow2"
  pool = libvirt_pool.lab.name
  size = 16777216
}}

resource "libvirt_domain" "guest" {{
  name        = "saved"
  description = "first"
  memory      = 64
  running     = false

  disk {{
    volume_id = libvirt_volume.disk.id
  }}
}}
"""
MORE = """
resource "libvirt_volume" "more" {
  name = "more.qcow2"
  pool = libvirt_pool.lab.name
  size = 1048576
}

resource "libvirt_domain" "more" {
  name    = "more"
  memory  = 64
  running = false

  disk {
    volume_id = libvirt_volume.more.id
  }
}
"""
FOREIGN = """
<domain type='qemu'>
  <name>more</name>
  <memory unit='MiB'>32</memory>
  <os><type>hvm</type></os>
</domain>"""


@pytest.fixture(scope="module")
def lab(host, environment, tmp_path_factory):
    lab = GuestLab.of_text(LAB, tmp_path_factory.mktemp("saved"), environment, host)
    try:
        lab.apply()
        yield lab
        lab.destroy()
        assert lab.inventory() == EMPTY
    finally:
        lab.come_down()


@pytest.fixture
def connection(host):
    with closing(host.connect()) as connection:
        yield connection


def refused(lab):
    told = lab.fails("apply", "p")
    assert "Saved plan is stale" in told
    assert "Nothing was done." in told
    return told


def test_a_guest_that_was_started_since(lab, connection):
    lab.edit('"first"', '"second"')
    lab.plan("-out=p")
    connection.lookupByName("saved").create()
    assert "libvirt_domain.guest: running was false and is now true" in refused(lab)
    connection.lookupByName("saved").destroy()
    lab.kvmform("apply", "p")
    assert "<description>second</description>" in connection.lookupByName("saved").XMLDesc()
    assert lab.plan_is_empty()


def test_a_volume_that_grew_since_and_one_that_was_only_written_to(lab, connection):
    lab.edit("16777216", "33554432")
    lab.plan("-out=p")
    disk = connection.storagePoolLookupByName("saved").storageVolLookupByName("disk.qcow2")
    disk.resize(25165824)
    assert "libvirt_volume.disk: size was 16777216 and is now 25165824" in refused(lab)
    lab.plan("-out=p")
    before = disk.info()[2]
    lab.in_host("qemu-io", "-f", "qcow2", "-c", "write 0 1M", f"{DIRECTORY}/disk.qcow2")
    connection.storagePoolLookupByName("saved").refresh()
    assert disk.info()[2] > before
    lab.kvmform("apply", "p")
    assert disk.info()[1] == 33554432
    assert lab.plan_is_empty()


def test_a_name_that_somebody_else_took_since(lab, connection):
    lab.add(MORE, "more.tf")
    lab.plan("-out=p")
    foreign = connection.defineXML(FOREIGN)
    told = refused(lab)
    assert "more" in told
    assert "libvirt_volume.more" not in lab.addresses()
    assert "more.qcow2" not in connection.storagePoolLookupByName("saved").listVolumes()
    foreign.undefine()
    lab.kvmform("apply", "p")
    assert lab.plan_is_empty()


def test_an_object_that_was_deleted_since(lab, connection):
    lab.edit("name    =", 'description = "third"\n  name    =', "more.tf")
    lab.plan("-out=p")
    connection.lookupByName("more").undefine()
    assert "libvirt_domain.more: was there and is gone" in refused(lab)
    lab.remove("more.tf")
    lab.apply()


def test_a_plan_that_waits_for_an_answer(lab, connection):
    lab.edit('"second"', '"fourth"')
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [KVMFORM, "apply"],
        cwd=lab.directory,
        env=lab.environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as waiting:
        assert waiting.stdout is not None
        said = ""
        while "Enter a value" not in said:
            said += (letter := waiting.stdout.read(1))
            assert letter, said
        connection.lookupByName("saved").create()
        os.write(ours, b"yes\n")
        _, told = waiting.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert waiting.returncode == 1
    assert "libvirt_domain.guest: running was false and is now true" in unboxed(told)
    assert "<description>second</description>" in connection.lookupByName("saved").XMLDesc()
    connection.lookupByName("saved").destroy()
    lab.apply()


def test_a_plan_to_destroy_whose_guest_was_started_since(lab, connection):
    lab.plan("-destroy", "-out=p")
    connection.lookupByName("saved").create()
    assert "libvirt_domain.guest: running was false and is now true" in refused(lab)
    lab.plan("-destroy", "-out=p")
    assert "Apply complete! Resources: 0 added, 0 changed, 3 destroyed." in lab.kvmform("apply", "p").stdout
