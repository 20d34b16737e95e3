"""A fleet of clones of one golden guest on a real host: each has disks, addresses and a name of its own, and boots."""

from contextlib import closing
from xml.etree import ElementTree as ET

import libvirt
import pytest
from guest_lab import GuestLab
from inventory import EMPTY
from lab import flat

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

IMAGES = "/var/lib/libvirt/images/kvmform-golden-fleet"
MACHINE = """
resource "libvirt_domain" "machine" {
  name     = "machine"
  clone_of = libvirt_domain.clone["web"].id

  identity {
    machine_id    = true
    ssh_host_keys = true
  }
}
"""


@pytest.fixture(scope="module")
def lab(host, environment, guest_image, tmp_path_factory):
    lab = GuestLab.of_example("golden-fleet", tmp_path_factory.mktemp("fleet"), environment, host)
    lab.give(image=str(guest_image))
    return lab


def xml_of(lab, name):
    with closing(lab.host.connect()) as connection:
        return ET.fromstring(connection.lookupByName(name).XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))


def checksum(lab, image):
    return lab.in_host("sha256sum", f"{IMAGES}/{image}").split()[0]


def assert_clones(lab, *names):
    assert lab.inventory().domains == {"golden", *names}
    assert lab.inventory().volumes == {
        "golden-fleet/golden.qcow2",
        *(f"golden-fleet/{name}-vda.qcow2" for name in names),
    }
    assert lab.plan_is_empty()


@pytest.mark.changes("libvirt_domain.identity", "libvirt_domain.identity.hostname")
def test_clones_boot_each_with_a_name_an_address_and_a_disk_of_its_own(lab):
    lab.apply()
    assert_clones(lab, "web", "db")
    addresses = lab.output("addresses")
    assert addresses["web"] != addresses["db"]
    for name in ("web", "db"):
        assert [lab.address_of(name)] == addresses[name]
        report = lab.report(name)
        assert (report.hostname, report.boots) == (name, 1)
    original = checksum(lab, "golden.qcow2")
    lab.mark("web", "mine")
    assert (lab.report("web").mark, lab.report("db").mark) == ("mine", "")
    assert checksum(lab, "golden.qcow2") == original


@pytest.mark.changes("libvirt_domain.clone_of")
def test_a_change_of_the_golden_guest_is_one_of_its_clones(lab):
    lab.give(memory=128)
    assert "Plan: 0 to add, 3 to change, 0 to destroy.\nDisruption: live." in lab.plan()
    before = lab.report("web").boot_id
    lab.apply("-max-disruption=live")
    assert {xml_of(lab, name).findtext("currentMemory") for name in ("golden", "web", "db")} == {str(128 * 1024)}
    assert lab.report("web", until=lambda seen: seen.memory < 128 * 1024).boot_id == before
    assert lab.plan_is_empty()


def test_the_golden_guest_of_linked_clones_is_not_started(lab):
    lab.edit("  running = false #", "  running = true #")
    assert "Guest writes to the original of linked clones" in lab.fails("plan")
    lab.edit("  running = true #", "  running = false #")


def test_the_plan_says_that_disks_are_not_cloned_again_in_another_way(lab):
    assert '~ clone_disks = "linked" -> "copied" # none: the disks stay as they were cloned' in flat(
        lab.plan("-var=clone_disks=copied")
    )


def test_a_clone_that_was_undefined_comes_back_with_its_disk(lab):
    lab.undefine("web")
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in lab.plan()
    lab.apply()
    report = lab.report("web")
    assert (report.mark, report.boots, report.hostname) == ("mine", 2, "web")
    assert_clones(lab, "web", "db")


@pytest.mark.changes("libvirt_domain.identity.machine_id", "libvirt_domain.identity.ssh_host_keys")
def test_another_machine_id_comes_with_a_reboot_and_other_ssh_keys_stay(lab):
    before = ssh_key_of(lab, "web")
    lab.edit("  for_each    = var.clones", '  for_each    = var.clones\n  running     = each.key != "web"')
    lab.apply()
    lab.add(MACHINE.replace(" {\n", " {\n  running = false\n", 1), "machine.tf")
    lab.apply()
    lab.add(MACHINE, "machine.tf")
    lab.apply()
    report = lab.report("machine")
    assert (report.mark, report.boots) == ("mine", 4)
    assert ssh_key_of(lab, "machine") not in {before, ""}
    assert_clones(lab, "web", "db", "machine")


def ssh_key_of(lab, name):
    return lab.in_host("ssh-keyscan", "-t", "ed25519", lab.address_of(name)).partition(" ")[2]


def test_clones_go_with_their_disks_and_leave_the_golden_guest(lab):
    lab.remove("machine.tf")
    lab.give(clones=["db"])
    before = checksum(lab, "golden.qcow2")
    assert "Plan: 0 to add, 0 to change, 2 to destroy.\nDisruption: data-loss." in lab.plan()
    lab.apply()
    assert_clones(lab, "db")
    assert checksum(lab, "golden.qcow2") == before
    lab.destroy()
    assert lab.inventory() == EMPTY
