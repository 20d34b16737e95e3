"""Storage pools on a real host: each of their arguments changed, and every type that this machine can have."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from quick_lab import QuickLab

pytestmark = pytest.mark.libvirt

PLACE = "/var/lib/libvirt/images"
LAB = """
resource "libvirt_pool" "images" {
  name = "images"
  type = "dir"

  target {
    path = "/var/lib/libvirt/images/pool"
  }
}

resource "libvirt_volume" "data" {
  name = "data"
  pool = libvirt_pool.images.name
  size = 1048576
}

resource "libvirt_domain" "guest" {
  name             = "guest"
  memory           = 64
  shutdown_timeout = 0

  disk {
    volume_id = libvirt_volume.data.id
  }
}
"""
EMPTY = LAB[: LAB.index('resource "libvirt_volume"')]


@pytest.fixture
def lab(environment, tmp_path, request):
    lab = QuickLab.of_text(getattr(request, "param", LAB), tmp_path / "lab", environment)
    yield lab
    lab.destroy()


def pool_of(connection):
    (pool,) = connection.listAllStoragePools()
    return pool


def change(lab, before, after):
    """Edit, see that nothing is deleted by the plan, apply, and see that it is done."""
    lab.edit(before, after)
    plan = lab.plan()
    assert "0 to add" in plan
    assert "0 to destroy" in plan
    lab.apply()
    assert lab.plan_is_empty()
    return plan


@pytest.mark.changes("libvirt_pool.name", "libvirt_pool.autostart", "libvirt_pool.active", "libvirt_volume.pool")
def test_a_pool_has_another_name_while_a_guest_runs_on_it(host, lab):
    lab.apply()
    with closing(host.connect()) as connection:
        before = pool_of(connection).UUIDString()
        running = connection.lookupByName("guest").ID()
        lab.edit("pool = libvirt_pool.images.name", 'pool = "images"')
        lab.edit('name = "images"', 'name = "disks"')
        assert "Storage pool is named by its volumes" in lab.fails("plan")
        lab.edit('pool = "images"', "pool = libvirt_pool.images.name")
        lab.edit('name = "disks"', 'name = "images"')
        plan = change(lab, 'name = "images"', 'name = "disks"')
        assert "its volumes stay" in plan
        assert "Disruption: live" in plan
        pool = pool_of(connection)
        assert (pool.name(), pool.UUIDString(), pool.isActive(), pool.autostart()) == ("disks", before, 1, 1)
        assert [volume.name() for volume in pool.listAllVolumes()] == ["data"]
        assert connection.lookupByName("guest").ID() == running

        change(lab, 'type = "dir"', 'type = "dir"\n  autostart = false')
        assert not pool.autostart()
        change(lab, "  autostart = false", "  active = false")
        assert not pool.isActive()
        pool.setAutostart(1)
        change(lab, "  active = false\n", "")
        assert pool.isActive()
        pool.destroy()
        plan = lab.plan()
        assert "libvirt_pool.images will be updated in-place" in plan
        assert "= false -> true" in plan
        lab.apply()
        assert pool.isActive()
        assert connection.lookupByName("guest").ID() == running


@pytest.mark.changes("libvirt_pool.active", "libvirt_volume.pool")
def test_a_pool_that_is_stopped_stays_so_whatever_comes_of_its_volumes(host, lab):
    lab.apply()
    with closing(host.connect()) as connection:
        lab.edit('name = "images"\n', 'name   = "disks"\n  active = false\n')
        lab.apply()
        assert not pool_of(connection).isActive()
        assert lab.plan_is_empty()
        lab.edit("1048576", "2097152")
        assert "Storage pool is not to be active" in lab.fails("plan")
        lab.edit("2097152", "1048576")
        text = (lab.directory / "main.tf").read_text()
        (lab.directory / "main.tf").write_text(text[: text.index('resource "libvirt_volume"')])
        lab.apply()
        assert not pool_of(connection).isActive()
        assert "data" not in host.exec_(["ls", f"{PLACE}/pool"]).split()
        assert lab.plan_is_empty()


@pytest.mark.changes("libvirt_pool.target.permissions", "libvirt_pool.target.permissions.mode")
def test_a_directory_gets_other_permissions(host, lab):
    def stat():
        return host.exec_(["stat", "-c", "%a %u %g", f"{PLACE}/pool"]).split()

    lab.apply()
    assert stat() == ["711", "0", "0"]
    path = 'path = "/var/lib/libvirt/images/pool"\n'
    change(lab, path, f'{path}    permissions {{\n      mode = "0750"\n    }}\n')
    assert stat() == ["750", "0", "0"]
    change(lab, 'mode = "0750"', 'mode  = "0755"\n      owner = "7"\n      group = "8"')
    assert stat() == ["755", "7", "8"]
    host.exec_(["chmod", "700", f"{PLACE}/pool"])
    with closing(host.connect()) as connection:
        pool_of(connection).refresh()
    lab.apply()
    assert stat() == ["755", "7", "8"]
    assert lab.plan_is_empty()


@pytest.mark.parametrize("lab", [EMPTY], indirect=True)
@pytest.mark.changes(
    "libvirt_pool.target",
    "libvirt_pool.target.path",
    "libvirt_pool.target.permissions.owner",
    "libvirt_pool.target.permissions.group",
    "libvirt_pool.path",
)
def test_an_empty_pool_moves_and_one_with_volumes_does_not(host, lab):
    def there(name):
        return name in host.exec_(["ls", PLACE]).split()

    lab.edit("images/pool", "images/first")
    lab.apply()
    assert there("first")
    change(lab, "images/first", "images/second")
    assert (there("first"), there("second")) == (False, True)
    change(
        lab,
        'target {\n    path = "/var/lib/libvirt/images/second"\n  }',
        'path = "/var/lib/libvirt/images/third"',
    )
    assert (there("second"), there("third")) == (False, True)
    lab.add(LAB[LAB.index('resource "libvirt_volume"') : LAB.index('resource "libvirt_domain"')], "volume.tf")
    lab.apply()
    lab.edit("images/third", "images/fourth")
    assert "Storage pool holds volumes" in lab.fails("plan")
    lab.edit("images/fourth", "images/third")
    lab.edit('name = "images"', 'name = "disks"')
    lab.remove("volume.tf")
    assert "are deleted in the same plan" in lab.fails("plan")
    lab.edit('name = "disks"', 'name = "images"')
    lab.apply()
    assert lab.plan_is_empty()


@pytest.mark.parametrize("lab", [EMPTY], indirect=True)
def test_a_directory_that_is_left_behind_is_warned_of_at_the_end(host, lab):
    lab.apply()
    host.exec_(["touch", f"{PLACE}/pool/precious"])
    destroyed = lab.kvmform("destroy", "-auto-approve").stdout
    assert "1 destroyed" in destroyed
    assert f"Warning: The directory {PLACE}/pool stays" in destroyed
    assert "volumes that stay" in destroyed
    host.exec_(["rm", "-r", f"{PLACE}/pool"])


@pytest.mark.parametrize("lab", [EMPTY], indirect=True)
def test_nothing_is_made_where_more_than_a_directory_is_missing(host, lab):
    lab.edit("images/pool", "images/loop/pool")
    host.exec_(["ln", "-s", "loop", f"{PLACE}/loop"])
    assert "Too many levels of symbolic links" in lab.fails("apply", "-auto-approve")
    host.exec_(["rm", f"{PLACE}/loop"])
    lab.apply()
    lab.destroy()
    assert "loop" in host.exec_(["ls", PLACE]).split()
    host.exec_(["rmdir", f"{PLACE}/loop"])


@pytest.mark.parametrize("lab", [EMPTY], indirect=True)
@pytest.mark.changes("libvirt_pool.xml", "libvirt_pool.xml.xslt")
def test_a_stylesheet_is_applied_to_the_definition_of_a_pool_that_is_there(host, lab):
    lab.apply()
    sheet = (
        '<xsl:stylesheet version=\\"1.0\\" xmlns:xsl=\\"http://www.w3.org/1999/XSL/Transform\\">'
        '<xsl:template match=\\"node()|@*\\"><xsl:copy><xsl:apply-templates select=\\"node()|@*\\"/></xsl:copy>'
        '</xsl:template><xsl:template match=\\"path/text()\\">/var/lib/libvirt/images/MADE</xsl:template>'
        "</xsl:stylesheet>"
    )
    lab.edit('type = "dir"', f'type = "dir"\n  xml {{\n    xslt = "{sheet.replace("MADE", "pool/")}"\n  }}')
    lab.apply()
    with closing(host.connect()) as connection:
        assert f"<path>{PLACE}/pool</path>" in pool_of(connection).XMLDesc()
    assert lab.plan_is_empty()
    change(lab, "version=", 'id=\\"a\\" version=')


ROOT = pytest.mark.skipif(os.geteuid() != 0 or not Path("/dev/loop0").exists(), reason="needs loop devices")


@pytest.fixture
def device(host, tmp_path):
    """A loop device with nothing on it."""
    image = tmp_path / "disk"
    image.write_bytes(b"")
    os.truncate(image, 64 * 2**20)
    loop = host.exec_(["losetup", "--find", "--show", str(image)]).strip()
    yield loop
    host.exec_(["losetup", "--detach", loop])


FILE_SYSTEM = """
resource "libvirt_pool" "data" {
  name = "data"
  type = "fs"

  source {
    device {
      path = "DEVICE"
    }
  }

  target {
    path = "/var/lib/libvirt/images/mounted"
  }
}
"""


@ROOT
@pytest.mark.changes("libvirt_pool.source.format", "libvirt_pool.type")
def test_a_file_system_is_made_where_there_is_nothing_and_mounted(host, environment, tmp_path, device):
    lab = QuickLab.of_text(FILE_SYSTEM.replace("DEVICE", device), tmp_path / "lab", environment)
    said = lab.apply(code=1)
    assert "mount" in said
    lab.edit("    device {", '    format = "ext4"\n\n    device {')
    lab.apply()
    assert lab.plan_is_empty()
    assert "ext4" in host.exec_(["findmnt", "-n", "-o", "FSTYPE", f"{PLACE}/mounted"])
    host.exec_(["touch", f"{PLACE}/mounted/precious"])
    lab.destroy()
    assert "mounted" not in host.exec_(["ls", PLACE]).split()
    lab.apply()
    assert "precious" in host.exec_(["ls", f"{PLACE}/mounted"]).split()
    assert lab.plan_is_empty()
    lab.edit('"/var/lib/libvirt/images/mounted"', '"/var/lib/libvirt/images/elsewhere"')
    assert "Disruption: replace" in lab.plan()
    lab.apply()
    assert "precious" in host.exec_(["ls", f"{PLACE}/elsewhere"]).split()
    assert "mounted" not in host.exec_(["ls", PLACE]).split()
    assert lab.plan_is_empty()
    host.exec_(["rm", f"{PLACE}/elsewhere/precious"])
    host.exec_(["rmdir", f"{PLACE}/elsewhere/lost+found"])
    with closing(host.connect()) as connection:
        pool_of(connection).refresh()
        lab.edit('type = "fs"\n', 'type = "dir"\n')
        text = (lab.directory / "main.tf").read_text()
        change(lab, text[text.index("  source {") : text.index("  target {")], "")
        assert "<pool type='dir'>" in pool_of(connection).XMLDesc()
    assert f"{PLACE}/elsewhere" not in host.exec_(["findmnt", "-n", "-o", "TARGET"])
    lab.destroy()
    assert "elsewhere" not in host.exec_(["ls", PLACE]).split()


LOGICAL = """
resource "libvirt_pool" "group" {
  name = "kvmformtest"
  type = "logical"

  source {
    device {
      path = "DEVICE"
    }
  }
}
"""


@ROOT
@pytest.mark.skipif(shutil.which("vgcreate") is None, reason="needs LVM")
def test_a_volume_group_is_made_and_stays_when_its_pool_goes(host, environment, tmp_path, device):
    lab = QuickLab.of_text(LOGICAL.replace("DEVICE", device), tmp_path / "lab", environment)
    lab.apply()
    try:
        assert lab.plan_is_empty()
        lab.destroy()
        assert "kvmformtest" in host.exec_(["vgs", "--devices", device, "-o", "name"])
        lab.apply()
        assert lab.plan_is_empty()
        lab.destroy()
    finally:
        host.exec_(["vgremove", "--devices", device, "-f", "kvmformtest"])


@ROOT
@pytest.mark.skipif(shutil.which("parted") is None, reason="needs parted")
def test_a_disk_gets_a_partition_table_if_it_has_nothing(host, environment, tmp_path, device):
    text = (
        LOGICAL.replace("DEVICE", device)
        .replace('"logical"', '"disk"')
        .replace("    device", '    format = "gpt"\n    device')
    )
    lab = QuickLab.of_text(text, tmp_path / "lab", environment)
    lab.apply()
    assert lab.plan_is_empty()
    lab.destroy()
    assert "gpt" in host.exec_(["parted", "-s", device, "print"])
    lab.edit('format = "gpt"', 'format = "dos"')
    said = lab.apply(code=1)
    assert "build storage pool" in said
    assert "gpt" in host.exec_(["parted", "-s", device, "print"])
    lab.destroy()


NETFS = """
resource "libvirt_pool" "nas" {
  name = "nas"
  type = "netfs"

  source {
    dir    = "/one"
    format = "nfs"

    host {
      name = "nas.lab"
    }
  }

  target {
    path = "/var/lib/libvirt/images/nas"
  }
}
"""
MOUNT_NFS = """#!/bin/sh
exec mount -i -t overlay "$1" -o "lowerdir=EMPTY,upperdir=EXPORTS/${1#*:/},workdir=WORK/${1#*:/}" "$2"
"""


@pytest.fixture
def exports(host, tmp_path):
    """The directories of a server that there isn't: `mount.nfs` mounts them as overlays."""
    host.exec_(["mount", "-t", "tmpfs", "tmpfs", str(tmp_path)])
    for name in ("empty", "helpers", *(f"{part}/{each}" for part in ("exports", "work") for each in ("one", "two"))):
        host.exec_(["mkdir", "-p", f"{tmp_path}/{name}"])
    helper = MOUNT_NFS
    for name in ("empty", "exports", "work"):
        helper = helper.replace(name.upper(), f"{tmp_path}/{name}")
    host.exec_(["sh", "-c", f"cat > {tmp_path}/helpers/mount.nfs <<'END'\n{helper}END"])
    host.exec_(["chmod", "+x", f"{tmp_path}/helpers/mount.nfs"])
    host.exec_(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={tmp_path}/helpers:/usr/sbin", "/usr/sbin"])
    yield tmp_path / "exports"
    host.exec_(["umount", "/usr/sbin"])
    host.exec_(["umount", str(tmp_path)])


@ROOT
@pytest.mark.changes("libvirt_pool.source", "libvirt_pool.source.dir", "libvirt_pool.source.host.name")
def test_a_directory_of_a_server_is_elsewhere_and_another_one_in_its_place(
    host, environment, tmp_path_factory, exports
):
    lab = QuickLab.of_text(NETFS, tmp_path_factory.mktemp("netfs") / "lab", environment)

    def mounted():
        return host.exec_(["findmnt", "-n", "-o", "SOURCE", f"{PLACE}/nas"]).strip()

    lab.apply()
    assert mounted() == "nas.lab:/one"
    assert lab.plan_is_empty()
    change(lab, 'dir    = "/one"', 'dir    = "/two"')
    assert mounted() == "nas.lab:/two"
    change(lab, '"nas.lab"', '"nas2.lab"')
    assert mounted() == "nas2.lab:/two"
    host.exec_(["touch", f"{exports}/two/precious"])
    lab.destroy()
    assert host.exec_(["ls", f"{exports}/two"]).split() == ["precious"]
    assert "nas" not in host.exec_(["ls", PLACE]).split()


def test_a_backend_that_the_host_does_not_have_is_named_with_its_package(environment, tmp_path):
    text = 'resource "libvirt_pool" "tank" {\n  name = "tank"\n  type = "zfs"\n  source {\n    name = "tank"\n  }\n}\n'
    lab = QuickLab.of_text(text, tmp_path / "lab", environment)
    told = lab.fails("plan")
    assert "Storage pool type not available" in told
    assert "libvirt-daemon-driver-storage-zfs" in told
