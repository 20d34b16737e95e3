"""Domains whose disks are in snapshots, and whose memory is saved: changed and destroyed on a real host.

Their guests boot nothing: what is looked at is what libvirt has.
"""

import json
from contextlib import closing

import libvirt
import pytest
from guest_lab import GuestLab
from inventory import EMPTY
from lab import flat

pytestmark = pytest.mark.libvirt

DIRECTORY = "/var/lib/libvirt/images/captured"
LAB = """
resource "libvirt_pool" "lab" {
  name = "captured"
  type = "dir"

  target {
    path = "/var/lib/libvirt/images/captured"
  }
}

resource "libvirt_volume" "disk" {
  count  = 2
  name   = "disk${count.index}.qcow2"
  pool   = libvirt_pool.lab.name
  format = "qcow2"
  size   = 8388608
}

resource "libvirt_domain" "subject" {
  name             = "subject"
  memory           = 128
  vcpu             = 1
  max_vcpu         = 2
  shutdown_timeout = 1

  disk {
    volume_id = libvirt_volume.disk[0].id
  }

  disk {
    volume_id = libvirt_volume.disk[1].id
  }
}
"""
SECOND_DISK = """  disk {
    volume_id = libvirt_volume.disk[1].id
  }
"""
NAMED = """
resource "libvirt_snapshot" "{name}" {{
  name      = "{name}"
  domain_id = libvirt_domain.subject.id
  {arguments}
}}
"""


OTHER = """
resource "libvirt_volume" "other" {
  name   = "other.qcow2"
  pool   = libvirt_pool.lab.name
  format = "qcow2"
  size   = 8388608
}

resource "libvirt_domain" "other" {
  name             = "other"
  memory           = 128
  shutdown_timeout = 1

  disk {
    volume_id = libvirt_volume.other.id
  }
}
"""


@pytest.fixture(scope="module")
def lab(host, environment, tmp_path_factory):
    lab = GuestLab.of_text(LAB, tmp_path_factory.mktemp("captured"), environment, host)
    lab.apply()
    yield lab
    lab.come_down()


def subject(lab, act):
    """Do something to the domain, or ask it something, past kvmform."""
    with closing(lab.host.connect()) as connection:
        return act(connection.lookupByName("subject"))


def parents(domain):
    found = domain.listAllSnapshots()
    return {one.getName(): one.getParent().getName() if "<parent>" in one.getXMLDesc() else None for one in found}


def files(lab):
    return {path.rpartition("/")[2] for path in lab.inventory().files} - {"captured"}


IMAGES = {"disk0.qcow2", "disk1.qcow2"}


def recorded(lab):
    """The attributes of the only snapshot in state."""
    (found,) = (each for each in lab.state()["resources"] if each["type"] == "libvirt_snapshot")
    return found["instances"][0]["attributes"]


def test_snapshots_follow_each_other_as_they_stand_in_the_configuration(lab):
    """Without a reference from one to the other: always in the same order."""
    text = "".join(NAMED.format(name=name, arguments="") for name in ("zeta", "alpha", "mu"))
    lab.add(text, "snapshots.tf")
    lab.apply()
    assert subject(lab, parents) == {"zeta": None, "alpha": "zeta", "mu": "alpha"}
    assert lab.plan_is_empty()


def test_a_disk_that_is_in_internal_snapshots_is_taken_away_with_a_warning(lab):
    lab.edit(SECOND_DISK, "")
    said = lab.plan()
    assert "Disk is in a snapshot" in said
    assert "The disk vdb is in snapshots of the domain (zeta, alpha, mu)" in " ".join(said.replace("│", " ").split())
    lab.edit(
        "    volume_id = libvirt_volume.disk[0].id\n  }\n",
        "    volume_id = libvirt_volume.disk[0].id\n  }\n" + SECOND_DISK,
    )


def test_reverting_takes_back_a_processor_and_a_newer_disk_and_the_next_plan_gives_them_again(lab):
    lab.edit("count  = 2", "count  = 3")
    lab.edit(SECOND_DISK, SECOND_DISK + SECOND_DISK.replace("[1]", "[2]"))
    lab.edit("vcpu             = 1", "vcpu             = 2")
    lab.apply("-max-disruption=live")
    lab.add(NAMED.format(name="zeta", arguments='revert = "a"') + lab_rest(lab), "snapshots.tf")
    said = " ".join(lab.plan().replace("│", " ").split())
    assert "Reverting takes the definition back too" in said
    assert "the disk vdc, which is newer, is taken away from it" in said
    lab.apply()
    assert subject(lab, lambda domain: domain.vcpusFlags()) == 1
    said = lab.plan()
    assert "~ vcpu" in said
    assert "+ disk" in said
    lab.apply("-max-disruption=live")
    assert subject(lab, lambda domain: domain.vcpusFlags()) == 2
    assert lab.plan_is_empty()


def lab_rest(lab):
    text = (lab.directory / "snapshots.tf").read_text()
    return text[text.index('\nresource "libvirt_snapshot" "alpha"') :]


def test_memory_of_a_guest_with_plugged_processors_is_refused(lab):
    lab.add(NAMED.format(name="late", arguments=""), "late.tf")
    assert "Memory of a guest with plugged processors" in lab.fails("plan")
    lab.remove("late.tf")


def test_all_snapshots_go_before_the_domain_is_changed(lab):
    """Which is off, since no guest without an operating system lets go of a disk."""
    lab.edit("shutdown_timeout = 1", "shutdown_timeout = 1\n  running = false")
    lab.remove("snapshots.tf")
    lab.edit(SECOND_DISK.replace("[1]", "[2]"), "")
    lab.edit("count  = 3", "count  = 2")
    lab.apply()
    assert subject(lab, parents) == {}
    assert lab.plan_is_empty()


ANOTHER = [
    ("", [], {"state": "running"}),
    ("external = true", ["disk0.it", "disk1.it"], {"state": "disk-snapshot"}),
    (f'memory = true\nmemory_file = "{DIRECTORY}/m"', ["disk0.it", "disk1.it", "m"], {"state": "running"}),
    (f'memory = false\ndisk {{\n target = "vdb"\n file = "{DIRECTORY}/b"\n}}', ["b", "disk0.it"], {}),
    ('memory = false\ndisk {\n target = "vda"\n snapshot = "no"\n}', ["disk1.it"], {}),
]


@pytest.mark.changes(
    "libvirt_snapshot.external",
    "libvirt_snapshot.memory",
    "libvirt_snapshot.memory_file",
    "libvirt_snapshot.disk",
    "libvirt_snapshot.disk.target",
    "libvirt_snapshot.disk.file",
    "libvirt_snapshot.disk.snapshot",
    "libvirt_snapshot.name",
    "libvirt_snapshot.domain_id",
)
def test_a_snapshot_that_is_to_be_another_is_taken_anew(lab):
    """The one that was there is deleted with its files; each time the plan says that it is lost."""
    lab.edit("\n  running = false", "")
    lab.add(OTHER, "other.tf")
    for number, (arguments, expected, attributes) in enumerate(ANOTHER):
        lab.add(NAMED.format(name="it", arguments=arguments), "snapshots.tf")
        assert "Disruption: data-loss." in lab.apply() or number == 0
        assert files(lab) == {*IMAGES, "other.qcow2", *expected}
        found = recorded(lab)
        assert {path.rpartition("/")[2] for path in found["files"]} == set(expected)
        assert {name: found[name] for name in attributes} == attributes
        assert lab.plan_is_empty()
    lab.add(NAMED.format(name="it", arguments="external = true"), "snapshots.tf")
    lab.edit('name      = "it"', 'name      = "that"', "snapshots.tf")
    lab.apply()
    assert subject(lab, parents) == {"that": None}
    lab.edit("libvirt_domain.subject.id", "libvirt_domain.other.id", "snapshots.tf")
    lab.apply()
    assert subject(lab, parents) == {}
    assert files(lab) == {*IMAGES, "other.qcow2", "other.that"}
    assert lab.plan_is_empty()
    lab.remove("snapshots.tf")
    lab.edit("shutdown_timeout = 1", "shutdown_timeout = 1\n  running = false")
    lab.apply()


def test_a_disk_that_is_in_an_external_snapshot_stays_until_that_is_deleted(lab):
    """It is the same disk all the while, though no pool knows of the files yet, and the guest is off."""
    both = "".join(NAMED.format(name=name, arguments="external = true") for name in ("outside", "beyond"))
    lab.add(both, "snapshots.tf")
    lab.apply()
    assert lab.plan_is_empty()
    found = files(lab) - {*IMAGES, "other.qcow2"}
    assert found == {"disk0.outside", "disk1.outside", "disk0.beyond", "disk1.beyond"}
    lab.edit(SECOND_DISK, "")
    said = lab.fails("apply", "-auto-approve")
    assert "The disk vdb is in external snapshots of the domain (outside, beyond)" in said
    lab.remove("snapshots.tf")
    lab.apply()
    assert files(lab) == {*IMAGES, "other.qcow2"}
    assert lab.plan_is_empty()
    lab.edit("\n  running = false", "")
    lab.apply()


def test_a_lab_is_taken_at_one_point_by_command_and_goes_back(lab):
    lab.kvmform("snapshot", "create", "-all", "clean")
    document = json.loads(lab.kvmform("snapshot", "list", "-json").stdout)
    assert [[one["state"] for one in each["snapshots"]] for each in document["domains"]] == [["paused"], ["paused"]]
    running = [libvirt.VIR_DOMAIN_RUNNING] * 2
    assert [lab.power(name) for name in ("subject", "other")] == running
    assert lab.plan_is_empty()
    lab.kvmform("snapshot", "revert", "-auto-approve", "-all", "clean")
    assert [lab.power(name) for name in ("subject", "other")] == running
    assert lab.plan_is_empty()
    lab.kvmform("snapshot", "delete", "-auto-approve", "-all", "clean")
    assert subject(lab, parents) == {}
    lab.kvmform("snapshot", "create", "-external", "outside", "subject")
    assert files(lab) == {*IMAGES, "other.qcow2", "disk0.outside"}
    assert lab.plan_is_empty()
    assert "Revert not supported" in lab.fails("snapshot", "revert", "-auto-approve", "outside", "subject")


@pytest.mark.changes("libvirt_domain.memory")
def test_a_guest_whose_memory_is_saved_goes_on_from_there_and_is_then_changed(lab):
    subject(lab, lambda domain: domain.managedSave())
    said = lab.plan()
    assert "~ running = false -> true # live: the guest goes on from its saved memory" in flat(said)
    lab.edit("memory           = 128", "memory           = 160")
    said = lab.plan()
    assert "Guest goes on from its saved memory" in said
    assert "~ memory = 128 -> 160 # reboot: more than the 128 MiB that the guest was started with" in flat(said)
    lab.apply()
    assert subject(lab, lambda domain: (domain.hasManagedSaveImage(), domain.maxMemory() // 1024)) == (0, 160)
    assert lab.plan_is_empty()


def test_a_guest_that_stays_off_keeps_its_saved_memory_and_the_plan_says_what_that_means(lab):
    lab.edit("shutdown_timeout = 1", "shutdown_timeout = 1\n  running = false")
    lab.apply()
    subject(lab, lambda domain: (domain.create(), domain.managedSave()))
    assert lab.plan_is_empty()
    lab.edit("memory           = 160", "memory           = 128")
    assert "Guest will go on from its saved memory" in lab.plan()
    lab.edit('name             = "subject"', 'name             = "object"')
    assert "Domain with saved memory can't be renamed" in lab.fails("plan")
    lab.edit('name             = "object"', 'name             = "subject"')
    lab.add(NAMED.format(name="beside", arguments=""), "snapshots.tf")
    assert "Snapshot beside saved memory" in lab.fails("plan")
    lab.remove("snapshots.tf")
    lab.apply()
    assert subject(lab, lambda domain: (domain.hasManagedSaveImage(), domain.info()[2] // 1024)) == (1, 128)
    assert lab.plan_is_empty()


def test_a_domain_goes_with_its_saved_memory_and_the_files_of_snapshots_that_nobody_knows_of(lab):
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
    for name in ("by-hand", "again"):
        xml = f"<domainsnapshot><name>{name}</name></domainsnapshot>"
        subject(lab, lambda domain, xml=xml: domain.snapshotCreateXML(xml, flags))
    assert {"disk0.outside", "disk0.by-hand", "disk0.again"} < files(lab)
    assert lab.plan_is_empty()
    said = lab.destroy()
    assert "Snapshots go with the domain" in said
    assert "Saved memory goes with the domain" in said
    assert lab.inventory() == EMPTY
