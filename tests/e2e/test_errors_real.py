"""What a real host has against a plan: told with its place and a way out, and nothing of anybody's is touched."""

from contextlib import closing

import pytest
from guest_lab import GuestLab
from inventory import EMPTY

pytestmark = pytest.mark.libvirt

IMAGES = "/var/lib/libvirt/images"

LAB = f"""
variable "base_image" {{
  type = string
}}

resource "libvirt_pool" "lab" {{
  name = "errors"
  type = "dir"

  target {{
    path = "{IMAGES}/errors"
  }}
}}

resource "libvirt_volume" "disk" {{
  name   = "disk.qcow2"
  pool   = libvirt_pool.lab.name
  source = var.base_image
}}

resource "libvirt_network" "lab" {{
  name      = "errors"
  addresses = ["10.17.30.0/24"]
}}

resource "libvirt_domain" "guest" {{
  name    = "errors"
  memory  = 128
  running = false

  disk {{
    volume_id = libvirt_volume.disk.id
  }}

  network_interface {{
    network_id = libvirt_network.lab.id
  }}
}}
"""

SNAPSHOT = """
resource "libvirt_snapshot" "first" {
  name      = "first"
  domain_id = libvirt_domain.guest.id
}
"""


@pytest.fixture
def lab(host, environment, tmp_path):
    lab = GuestLab.of_text(LAB, tmp_path, environment, host)
    yield lab
    lab.come_down()


@pytest.fixture
def directory(lab):
    """A directory on the host with room for 12 MiB: the guest's image does not fit."""
    path = f"{IMAGES}/errors"
    lab.in_host("mkdir", path)
    lab.in_host("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", path)
    yield path
    lab.destroy()
    lab.in_host("umount", path)
    lab.in_host("rmdir", path)


def has_state(lab):
    return (lab.directory / "terraform.tfstate").exists()


def foreign_domain(connection):
    domain = connection.defineXML(
        "<domain type='qemu'><name>errors</name><memory>1024</memory><os><type>hvm</type></os></domain>"
    )
    return domain.undefine


def foreign_network(connection):
    return connection.networkDefineXML("<network><name>errors</name></network>").undefine


def foreign_pool(connection):
    xml = f"<pool type='dir'><name>errors</name><target><path>{IMAGES}</path></target></pool>"
    return connection.storagePoolDefineXML(xml).undefine


def foreign_addresses(connection):
    xml = "<network><name>theirs</name><ip address='10.17.30.1' prefix='25'/></network>"
    network = connection.networkCreateXML(xml)
    return network.destroy


@pytest.mark.parametrize(
    ("make", "summary", "line"),
    [
        (foreign_domain, "Domain already exists", 27),
        (foreign_network, "Network already exists", 22),
        (foreign_pool, "Storage pool already exists", 7),
        (foreign_addresses, "Addresses used by another network", 23),
    ],
)
def test_what_was_made_by_hand_is_left_alone(lab, make, summary, line):
    with closing(lab.host.connect()) as connection:
        undo = make(connection)
        before = lab.inventory()
        told = lab.fails("apply", "-auto-approve")
        assert told.startswith(f"Error: {summary}")
        assert f"on main.tf line {line}" in told
        assert lab.inventory() == before
        assert not has_state(lab)
        undo()


def test_a_volume_that_was_made_by_hand_is_left_alone(lab):
    lab.apply("-target=libvirt_pool.lab")
    with closing(lab.host.connect()) as connection:
        pool = connection.storagePoolLookupByName("errors")
        volume = pool.createXML("<volume><name>disk.qcow2</name><capacity>1024</capacity></volume>")
        told = lab.fails("apply", "-auto-approve")
        assert told.startswith("Error: Volume already exists")
        assert "on main.tf line 16" in told
        assert volume.info()[1] == 1024
        volume.delete()


def test_a_file_that_libvirt_does_not_know_of_is_not_overwritten(lab):
    """The pool has not looked since the file came, so only making the volume shows that it is there."""
    lab.apply("-target=libvirt_pool.lab")
    file = f"{IMAGES}/errors/disk.qcow2"
    lab.in_host("sh", "-c", f"echo precious > {file}")
    told = lab.fails("apply", "-auto-approve")
    assert file in told
    assert lab.in_host("cat", file) == "precious\n"
    lab.in_host("rm", file)
    lab.apply()
    assert lab.plan_is_empty()


def test_a_full_pool_is_told_before_anything_is_done(lab, directory):
    lab.apply("-target=libvirt_pool.lab")
    before = lab.inventory()
    told = lab.fails("apply", "-auto-approve")
    assert told.startswith("Error: Not enough space")
    assert "on main.tf line 18" in told
    assert "Make room, or use another storage pool." in told
    assert lab.inventory() == before
    assert lab.in_host("ls", directory) == ""


def test_a_directory_that_is_read_only_is_told_as_what_it_is(lab, directory):
    lab.in_host("mount", "-o", "remount,ro,size=100m", directory)
    said = lab.apply("-target=libvirt_volume.disk", code=1)
    assert "Read-only file system" in said
    assert "with libvirt_volume.disk, on main.tf line 15" in said
    assert lab.in_host("ls", directory) == ""
    lab.in_host("mount", "-o", "remount,rw,size=100m", directory)
    lab.apply()
    assert lab.plan_is_empty()


def test_a_file_in_the_place_of_the_directory_is_told_and_left(lab):
    place = f"{IMAGES}/errors"
    lab.in_host("sh", "-c", f"echo precious > {place}")
    said = lab.apply("-target=libvirt_pool.lab", code=1)
    told = lab.in_host("cat", place)
    lab.in_host("rm", place)
    assert "Not a directory" in said
    assert "with libvirt_pool.lab, on main.tf line 6" in said
    assert told == "precious\n"
    lab.apply()
    assert lab.plan_is_empty()


def test_an_image_that_somebody_deleted_is_made_again(lab):
    """Past libvirt, which lists it as long as nobody asks it to look."""
    lab.apply()
    lab.in_host("rm", f"{IMAGES}/errors/disk.qcow2")
    assert "libvirt_volume.disk has been deleted" in lab.plan()
    lab.apply()
    assert lab.plan_is_empty()


def test_a_snapshot_of_a_raw_disk_is_refused_before_anything_is_done(lab):
    lab.edit("source = var.base_image", 'size = 1048576\n  format = "raw"')
    lab.add(SNAPSHOT, "snapshot.tf")
    told = lab.fails("apply", "-auto-approve")
    assert told.startswith("Error: Snapshot of a raw disk")
    assert "on snapshot.tf line 4" in told
    assert f"({IMAGES}/errors/disk.qcow2) is raw" in told
    assert 'Give its volume format = "qcow2"' in told
    assert lab.inventory() == EMPTY
    assert not has_state(lab)


def test_an_address_of_the_hosts_own_is_told_by_libvirt_and_the_rest_is_made(lab):
    lab.in_host("ip", "link", "add", "occupied", "type", "bridge")
    lab.in_host("ip", "addr", "add", "10.17.30.1/24", "dev", "occupied")
    lab.in_host("ip", "link", "set", "occupied", "up")
    said = lab.apply(code=1)
    lab.in_host("ip", "link", "del", "occupied")
    assert "Network is already in use by interface occupied" in said
    assert "with libvirt_network.lab, on main.tf line 21" in said
    assert "libvirt_volume.disk" in lab.addresses()
    assert "libvirt_domain.guest" not in lab.addresses()
    lab.apply()
    assert lab.plan_is_empty()


def test_a_host_that_does_not_answer_leaves_the_state_as_it_is(lab):
    lab.apply()
    before = (lab.directory / "terraform.tfstate").read_bytes()
    uri = lab.environment["LIBVIRT_DEFAULT_URI"]
    lab.environment["LIBVIRT_DEFAULT_URI"] = f"{uri}-nowhere"
    told = lab.fails("destroy", "-auto-approve")
    assert told.startswith(f"Error: Cannot connect to the host {uri}-nowhere")
    assert (lab.directory / "terraform.tfstate").read_bytes() == before
    lab.environment["LIBVIRT_DEFAULT_URI"] = uri
    assert lab.plan_is_empty()
