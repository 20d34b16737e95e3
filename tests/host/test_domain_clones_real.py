"""Domains that are like another one, on a real host: what they take over and what not. No guest has to answer."""

import json
from contextlib import closing
from xml.etree import ElementTree as ET

import libvirt
import pytest
from guest_lab import GuestLab
from inventory import EMPTY, wipe
from lab import environment_for
from quick_lab import QuickLab

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]

ORIGINALS = {"originals/system.qcow2", "originals/data.img", "originals/medium.iso"}
DIRECTORY = "/var/lib/libvirt/images/originals"
LAB = f"""
resource "libvirt_pool" "lab" {{
  name = "originals"
  type = "dir"
  path = "{DIRECTORY}"
}}

resource "libvirt_volume" "system" {{
  name = "system.qcow2"
  pool = libvirt_pool.lab.name
  size = 8388608
}}

resource "libvirt_volume" "data" {{
  name   = "data.img"
  pool   = libvirt_pool.lab.name
  size   = 8388608
  format = "raw"
}}

resource "libvirt_volume" "medium" {{
  name   = "medium.iso"
  pool   = libvirt_pool.lab.name
  size   = 1048576
  format = "raw"
}}
"""

GOLDEN = """
resource "libvirt_domain" "golden" {
  name             = "golden"
  description      = "Where the others come from."
  memory           = 64
  vcpu             = 2
  machine          = "q35"
  running          = false
  shutdown_timeout = 0
  firmware         = "/usr/share/OVMF/OVMF_CODE.fd"

  nvram {
    file = "/var/lib/libvirt/images/golden_VARS.fd"
  }

  cpu {
    mode  = "custom"
    model = "Nehalem"
  }

  disk {
    volume_id = libvirt_volume.system.id
    serial    = "system"
  }

  disk {
    volume_id = libvirt_volume.data.id
    cache     = "none"
    scsi      = true
  }

  disk {
    file   = libvirt_volume.medium.id
    device = "cdrom"
  }

  network_interface {
    mac = "52:54:00:99:00:01"
  }

  serial {
    type     = "pty"
    log_file = "/var/lib/libvirt/images/golden.log"
  }

  serial {
    type           = "tcp"
    source_service = "40321"
  }

  channel {
    type        = "unix"
    source_path = "/var/lib/libvirt/images/golden.sock"
    target_name = "org.example.one"
  }

  graphics {
    type      = "vnc"
    autoport  = false
    port      = 5999
    password  = "geheim"
    websocket = -1

    listen_type = "address"
  }

  video {
    type = "vga"
  }

  rng {
    backend = "/dev/urandom"
  }
}
"""

CLONE = """
resource "libvirt_domain" "clone" {
  name     = "clone"
  clone_of = libvirt_domain.golden.id
  running  = false
}
"""


class QuickGuestLab(QuickLab, GuestLab):
    """A lab on a private host, whose commands run in this process."""


@pytest.fixture(scope="module")
def lab(lab_host, domain_type, tmp_path_factory):
    environment = environment_for(lab_host.uri, domain_type)
    lab = QuickGuestLab.of_text(LAB, tmp_path_factory.mktemp("originals"), environment, lab_host)
    lab.add(GOLDEN, "golden.tf")
    lab.apply()
    yield lab
    lab.destroy()
    wipe(lab_host)


@pytest.fixture
def clones(lab):
    """The same lab, without any clones afterwards."""
    yield lab
    (lab.directory / "clone.tf").unlink(missing_ok=True)
    lab.apply()
    assert lab.inventory().volumes == ORIGINALS


def clone(lab, text=CLONE):
    lab.add(text, "clone.tf")
    said = lab.apply()
    assert lab.plan_is_empty()
    return said


def xml_of(lab, name):
    with closing(lab.host.connect()) as connection:
        return ET.fromstring(connection.lookupByName(name).XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE))


def images(xml):
    return {
        disk.find("target").get("dev"): disk.find("source").get("file").removeprefix(f"{DIRECTORY}/")
        for disk in xml.iterfind("devices/disk")
    }


OWN_DISKS = {"vda": "clone-vda.qcow2", "sda": "clone-sda.img", "sdb": "medium.iso"}


def assert_is_alike(original, clone):
    """The same machine, with an identity of its own, and without what only one of them can have."""
    for path in ("description", "memory", "vcpu", "os/type", "os/loader", "cpu/model"):
        assert ET.tostring(original.find(path)).strip() == ET.tostring(clone.find(path)).strip(), path
    assert original.findtext("uuid") != clone.findtext("uuid")
    assert original.findtext("os/nvram") == "/var/lib/libvirt/images/golden_VARS.fd"
    assert clone.findtext("os/nvram") not in {None, "/var/lib/libvirt/images/golden_VARS.fd"}
    assert original.find("devices/interface/mac").get("address") == "52:54:00:99:00:01"
    assert clone.find("devices/interface/mac").get("address") != "52:54:00:99:00:01"
    assert images(clone) == OWN_DISKS
    for disk, other in zip(original.iterfind("devices/disk"), clone.iterfind("devices/disk"), strict=True):
        assert disk.find("target").attrib == other.find("target").attrib
        assert disk.get("device") == other.get("device")
        assert disk.findtext("serial") == other.findtext("serial")
    wwns = [
        xml.findtext("devices/disk[target='']/wwn") or xml.findtext("devices/disk/wwn") for xml in (original, clone)
    ]
    assert wwns[0] != wwns[1]
    assert [port.get("type") for port in clone.iterfind("devices/serial")] == ["pty"]
    assert clone.find("devices/serial/log") is None
    screen = clone.find("devices/graphics")
    assert (screen.get("type"), screen.get("autoport"), screen.get("websocket")) == ("vnc", "yes", "-1")
    sockets = [channel.find("source") for channel in clone.iterfind("devices/channel")]
    assert all(socket is None or "golden.sock" not in socket.get("path", "") for socket in sockets)
    assert {channel.find("target").get("name") for channel in clone.iterfind("devices/channel")} == {
        "org.example.one",
        "org.qemu.guest_agent.0",
    }
    assert clone.find("devices/rng/backend").text == "/dev/urandom"


@pytest.mark.changes("libvirt_domain.clone_of")
def test_a_clone_is_as_its_original_but_for_who_it_is(clones):
    clone(clones)
    original, found = xml_of(clones, "golden"), xml_of(clones, "clone")
    assert_is_alike(original, found)
    assert found.find("devices/graphics").get("passwd") == "geheim"
    assert "geheim" not in json.dumps(clones.kvmform("show").stdout)
    assert clones.inventory().volumes == ORIGINALS | {"originals/clone-vda.qcow2", "originals/clone-sda.img"}


def test_what_the_original_gets_the_clone_gets_but_for_what_it_has_written(clones):
    clone(clones, CLONE.replace("running  = false", "running = false\n  vcpu = 1\n  description = null"))
    clones.edit("memory           = 64", "memory           = 96", "golden.tf")
    clones.edit("vcpu             = 2", "vcpu             = 4", "golden.tf")
    clones.edit("Where the others come from.", "Another one.", "golden.tf")
    said = clones.plan()
    assert "libvirt_domain.clone will be updated in-place" in said
    clones.apply()
    assert clones.plan_is_empty()
    found = xml_of(clones, "clone")
    assert found.findtext("memory") == str(96 * 1024)
    assert found.findtext("vcpu") == "1"
    assert found.findtext("description") == "Another one."
    assert images(found) == OWN_DISKS
    clones.edit("memory           = 96", "memory           = 64", "golden.tf")
    clones.edit("vcpu             = 4", "vcpu             = 2", "golden.tf")
    clones.edit("Another one.", "Where the others come from.", "golden.tf")


def test_blocks_that_are_written_are_the_clone_s_own_also_if_there_are_none(clones):
    clone(clones, CLONE.replace("running  = false", 'running = false\n  disk = []\n  graphics { type = "spice" }'))
    found = xml_of(clones, "clone")
    assert images(found) == {}
    assert [screen.get("type") for screen in found.iterfind("devices/graphics")] == ["spice"]
    assert clones.inventory().volumes == ORIGINALS


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("linked", {"vda": "clone-vda.qcow2", "sda": "clone-sda.qcow2", "sdb": "medium.iso"}),
        ("shared", {"vda": "system.qcow2", "sda": "data.img", "sdb": "medium.iso"}),
    ],
)
@pytest.mark.changes("libvirt_domain.clone_disks")
def test_disks_are_linked_or_shared_where_that_is_asked_for(clones, how, expected):
    clone(clones, CLONE.replace("running  = false", f'running = false\n  clone_disks = "{how}"'))
    assert images(xml_of(clones, "clone")) == expected
    if how == "linked":
        said = clones.in_host("qemu-img", "info", f"{DIRECTORY}/clone-sda.qcow2")
        assert f"backing file: {DIRECTORY}/data.img" in said
        clones.edit("running          = false", "running          = true", "golden.tf")
        assert "Guest writes to the original of linked clones" in clones.fails("plan")
        clones.edit("running          = true", "running          = false", "golden.tf")


def test_a_clone_of_a_clone_has_disks_of_its_own(clones):
    second = CLONE.replace('"clone" {', '"second" {').replace('"clone"\n', '"second"\n')
    clone(clones, CLONE + second.replace("libvirt_domain.golden", "libvirt_domain.clone"))
    assert images(xml_of(clones, "second"))["vda"] == "second-vda.qcow2"
    said = clones.plan("-replace=libvirt_domain.clone")
    assert "Disruption: data-loss." in said
    clones.apply("-replace=libvirt_domain.clone")
    assert clones.plan_is_empty()
    assert images(xml_of(clones, "clone")) == OWN_DISKS


def test_a_domain_that_the_configuration_does_not_have_is_taken_over_once(clones, domain_type, tmp_path):
    environment = environment_for(clones.host.uri, domain_type)
    named = xml_of(clones, "golden").findtext("uuid")
    text = CLONE.replace("libvirt_domain.golden.id", f'"{named}"')
    other = QuickGuestLab.of_text(text, tmp_path / "lab", environment, clones.host)
    other.apply()
    assert other.plan_is_empty()
    assert_is_alike(xml_of(other, "golden"), xml_of(other, "clone"))
    clones.edit("memory           = 64", "memory           = 96", "golden.tf")
    clones.apply()
    assert other.plan_is_empty()
    other.edit(f'"{named}"', '"golden"')
    other.edit("running  = false", "running  = false\n  memory = 80")
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in other.plan()
    other.apply()
    assert other.plan_is_empty()
    assert xml_of(other, "clone").findtext("memory") == str(80 * 1024)
    other.apply("-replace=libvirt_domain.clone")
    assert other.plan_is_empty("-refresh=false")
    other.destroy()
    clones.edit("memory           = 96", "memory           = 64", "golden.tf")


def test_a_clone_that_is_imported_keeps_the_disks_that_it_has(clones):
    clone(clones)
    clones.kvmform("state", "rm", "libvirt_domain.clone")
    clones.add(CLONE + 'import {\n  to = libvirt_domain.clone\n  id = "clone"\n}\n', "clone.tf")
    assert "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy." in clones.plan()
    clones.apply()
    assert clones.plan_is_empty()
    assert images(xml_of(clones, "clone")) == OWN_DISKS
    clones.remove("clone.tf")
    clones.apply()
    for image in ("clone-vda.qcow2", "clone-sda.img"):
        clones.in_host("rm", f"{DIRECTORY}/{image}")
    with closing(clones.host.connect()) as connection:
        connection.storagePoolLookupByName("originals").refresh()


SNAPSHOT = """
resource "libvirt_snapshot" "golden" {
  name      = "before"
  domain_id = libvirt_domain.golden.id
  external  = true
}
"""


def test_an_original_with_an_external_snapshot_is_not_cloned(clones):
    clones.add(SNAPSHOT, "snapshot.tf")
    clones.apply()
    clones.add(CLONE, "clone.tf")
    assert "so what its disk vda holds is not in" in clones.fails("plan")
    clones.remove("snapshot.tf")


REFUSED = {
    'clone_of = "nobody"': 'has no libvirt_domain "nobody"',
    'clone_of = "golden"': "with libvirt_domain.clone,",
    'clone_of = libvirt_domain.golden.id\n  clone_disks = "borrowed"': "clone_disks",
    'clone_of = libvirt_domain.golden.id\n  clone_disks = "reflinked"': "libvirt makes reflinks only of raw images",
    "clone_of = libvirt_domain.golden.id\n  disk { iothread = 3 }": "The disk wants the thread 3",
    'clone_of = libvirt_domain.golden.id\n  identity { hostname = "a_b" }': "letters, digits and hyphens",
    "clone_of = libvirt_domain.golden.id\n  guest_agent_channel = false\n  identity { machine_id = true }": (
        "guest_agent_channel = false takes the channel to that away"
    ),
}


@pytest.mark.parametrize(("written", "reason"), REFUSED.items())
def test_a_clone_that_can_not_be_is_refused_with_the_reason(clones, written, reason):
    clones.add(CLONE.replace("clone_of = libvirt_domain.golden.id", written), "clone.tf")
    assert reason in clones.fails("plan")


def test_what_can_not_be_of_any_original_is_told_by_validate(clones):
    clones.add(CLONE.replace("running  = false", 'clone_disks = "borrowed"\n  iothreads = -1'), "clone.tf")
    told = clones.fails("validate")
    assert "clone_disks" in told
    assert "iothreads" in told


def test_the_original_of_new_clones_has_to_be_off(clones):
    clones.edit("running          = false", "running          = true\n  paused = true", "golden.tf")
    clones.add(CLONE, "clone.tf")
    assert 'The guest "golden" runs, or will by then' in clones.fails("plan")
    clones.edit("running          = true\n  paused = true", "running          = false", "golden.tf")


def test_a_volume_in_the_way_of_a_clone_is_left_alone(clones):
    clones.in_host("truncate", "--size=1M", f"{DIRECTORY}/clone-vda.qcow2")
    with closing(clones.host.connect()) as connection:
        connection.storagePoolLookupByName("originals").refresh()
    clones.add(CLONE, "clone.tf")
    assert "Volume already exists" in clones.fails("plan")
    volume = 'resource "libvirt_volume" "x" {\n  name = "clone-sda.img"\n  pool = "originals"\n  size = 4096\n}\n'
    clones.add(CLONE + volume, "clone.tf")
    assert "the clone of the disk sda would be named so" in clones.fails("plan")
    clones.in_host("rm", f"{DIRECTORY}/clone-vda.qcow2")
    with closing(clones.host.connect()) as connection:
        connection.storagePoolLookupByName("originals").refresh()


def test_a_clone_that_somebody_undefined_has_its_disks_when_it_is_back(clones):
    clone(clones)
    clones.in_host("qemu-io", "-f", "raw", "-c", "write -P 9 0 64k", f"{DIRECTORY}/clone-sda.img")
    with closing(clones.host.connect()) as connection:
        connection.lookupByName("clone").undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_NVRAM)
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in clones.plan()
    clones.apply()
    assert clones.plan_is_empty()
    read = clones.in_host("qemu-io", "-f", "raw", "-c", "read -P 9 0 64k", f"{DIRECTORY}/clone-sda.img")
    assert "Pattern verification failed" not in read


def test_the_variables_of_the_original_are_had_by_naming_them_as_the_template(clones):
    clones.edit("running          = false", "running          = true\n  paused = true", "golden.tf")
    clones.apply()
    clones.edit("running          = true\n  paused = true", "running          = false", "golden.tf")
    clones.apply()
    kept = xml_of(clones, "golden").findtext("os/nvram")
    clones.in_host("bash", "-c", f"printf marked | dd of={kept} bs=1 seek=4096 conv=notrunc")
    template = "nvram { template = libvirt_domain.golden.nvram[0].file }"
    clone(clones, CLONE.replace("running  = false", f"paused = true\n  graphics = []\n  {template}"))
    own = xml_of(clones, "clone").findtext("os/nvram")
    assert own != kept
    assert clones.in_host("cmp", kept, own) == ""


def test_disks_in_a_pool_that_is_stopped_go_with_their_clone_all_the_same(clones):
    clone(clones)
    with closing(clones.host.connect()) as connection:
        connection.storagePoolLookupByName("originals").destroy()
    clones.kvmform("destroy", "-auto-approve", "-target=libvirt_domain.clone")
    with closing(clones.host.connect()) as connection:
        assert connection.storagePoolLookupByName("originals").isActive()
    assert clones.inventory().volumes == ORIGINALS


def test_all_of_it_goes_as_it_came(lab):
    lab.destroy()
    lab.in_host("rm", "/var/lib/libvirt/images/golden.log")
    assert lab.inventory() == EMPTY
