"""Snapshots on a real host: taken, reverted to, deleted, and taken away with their domain."""

from contextlib import closing

import libvirt
import pytest
from guest_lab import GuestLab
from inventory import EMPTY
from lab import flat

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

THIRD = """
resource "libvirt_snapshot" "third" {
  name       = "third"
  domain_id  = libvirt_domain.subject.id
  memory     = false
  depends_on = [libvirt_snapshot.second]
}
"""


@pytest.fixture(scope="module")
def lab(host, environment, tmp_path_factory):
    lab = GuestLab.of_example("snapshots", tmp_path_factory.mktemp("snapshots"), environment, host)
    lab.apply()
    return lab


def snapshots(lab):
    """Each snapshot of the guest's with its parent, past kvmform."""
    with closing(lab.host.connect()) as connection:
        found = connection.lookupByName("subject").listAllSnapshots()
        return {s.getName(): s.getParent().getName() if "<parent>" in s.getXMLDesc() else None for s in found}


def test_two_snapshots_one_after_the_other(lab):
    assert snapshots(lab) == {"first": None, "second": "first"}
    assert lab.output("state_in_first") == "running"
    assert lab.plan_is_empty()


def test_reverting_to_the_first_takes_back_what_was_written_since(lab):
    lab.mark("subject", "written-later")
    assert lab.report("subject").mark == "written-later"
    lab.give(back_to_first="monday")
    text = lab.plan()
    assert "data-loss: reverts the guest: what was written since the snapshot is lost" in text
    assert "Change refused" in lab.fails("apply", "-auto-approve", "-max-disruption=replace")
    assert lab.report("subject").mark == "written-later"
    lab.apply()
    report = lab.report("subject")
    assert (report.mark, report.boots) == ("", 1)
    assert lab.power("subject") == libvirt.VIR_DOMAIN_RUNNING
    assert snapshots(lab) == {"first": None, "second": "first"}
    assert lab.plan_is_empty()


def test_another_text_reverts_once_more_and_none_at_all_does_nothing(lab):
    lab.mark("subject", "written-again")
    lab.give(back_to_first="tuesday")
    assert "Reverting takes the definition back too" not in lab.apply()
    assert lab.report("subject").mark == ""
    lab.give(back_to_first=None)
    assert "Disruption: none." in lab.apply()
    assert lab.plan_is_empty()


def test_the_definition_of_then_comes_back_and_the_plan_says_so(lab):
    lab.edit("memory = 192", "memory = 160")
    lab.apply("-max-disruption=live")
    lab.give(back_to_first="wednesday")
    assert "Reverting takes the definition back too" in lab.plan()
    lab.apply()
    assert "~ memory = 192 -> 160 # live: by the balloon" in flat(lab.plan())
    lab.apply()
    assert lab.plan_is_empty()


def test_a_description_changes_in_place(lab):
    lab.mark("subject", "this-stays")
    lab.edit("As it came up.", "Freshly booted.")
    assert "Disruption: none." in lab.apply()
    assert lab.report("subject").mark == "this-stays"
    assert snapshots(lab) == {"first": None, "second": "first"}
    assert lab.plan_is_empty()


def test_an_external_snapshot_beside_internal_ones_is_refused(lab):
    """libvirt could make it, but neither delete it nor revert past it."""
    lab.add(THIRD, "third.tf")
    said = lab.fails("plan")
    assert "Two kinds of snapshots" in said
    assert 'on third.tf line 5, in resource "libvirt_snapshot" "third": 5: memory = false' in said
    assert "the domain has internal ones: first, second" in said


def test_a_deleted_snapshot_leaves_the_one_that_follows(lab):
    lab.remove("third.tf")
    lab.edit("  depends_on = [libvirt_snapshot.first]\n", "")
    text = (lab.directory / "main.tf").read_text()
    begin, end = text.index('resource "libvirt_snapshot" "first"'), text.index('resource "libvirt_snapshot" "second"')
    first = text[begin:end]
    lab.edit(first, "")
    lab.edit("libvirt_snapshot.first.state", "libvirt_snapshot.second.state")
    assert "Plan: 0 to add, 0 to change, 1 to destroy.\nDisruption: data-loss." in lab.plan()
    lab.apply()
    assert snapshots(lab) == {"second": None}
    assert lab.report("subject").mark == "this-stays"
    assert lab.plan_is_empty()


def test_a_replaced_domain_gets_its_snapshots_anew(lab):
    boots = lab.boots("subject")
    assert "Disruption: data-loss." in lab.plan("-replace=libvirt_domain.subject")
    lab.apply("-replace=libvirt_domain.subject")
    assert snapshots(lab) == {"second": None}
    assert lab.boots("subject") == boots + 1
    assert lab.plan_is_empty()


def test_a_guest_that_is_off_has_no_memory_to_keep(lab):
    lab.edit("memory = 160", "memory = 160\n  running = false")
    lab.edit("    wait_for_lease = true\n", "")
    lab.apply()
    lab.add(THIRD, "third.tf")
    lab.apply()
    assert snapshots(lab) == {"second": None, "third": "second"}
    third = next(r for r in lab.state()["resources"] if (r["type"], r["name"]) == ("libvirt_snapshot", "third"))
    assert third["instances"][0]["attributes"]["state"] == "shutoff"
    assert lab.plan_is_empty()


def test_destroy_takes_the_snapshots_along_also_those_of_others(lab):
    with closing(lab.host.connect()) as connection:
        connection.lookupByName("subject").snapshotCreateXML("<domainsnapshot><name>by-hand</name></domainsnapshot>")
    lab.destroy()
    assert lab.inventory() == EMPTY


@pytest.mark.changes("libvirt_snapshot.quiesce")
def test_disks_alone_of_a_running_guest_go_into_files_of_their_own_and_back(lab):
    lab.edit("\n  running = false", "")
    text = (lab.directory / "main.tf").read_text()
    begin, end = text.index('resource "libvirt_snapshot" "second"'), text.index('output "state_in_first"')
    lab.edit(text[begin:end], "")
    lab.edit("libvirt_snapshot.second.state", "libvirt_snapshot.third.state")
    lab.edit("  depends_on = [libvirt_snapshot.second]\n", "", "third.tf")
    lab.edit("memory     = false", 'memory     = false\n  quiesce    = "mandatory"', "third.tf")
    lab.apply()
    assert lab.output("state_in_first") == "disk-snapshot"
    files = {path.rpartition("/")[2] for path in lab.inventory().files}
    assert files == {"kvmform-snapshots", "subject.qcow2", "subject.third"}
    assert lab.plan_is_empty()
    lab.mark("subject", "on-top-of-third")

    lab.edit("memory     = false", 'memory     = false\n  revert = "monday"', "third.tf")
    assert "Revert not supported" in lab.fails("plan")

    lab.remove("third.tf")
    lab.edit('output "state_in_first" {\n  value = libvirt_snapshot.third.state\n}\n', "")
    lab.apply()
    assert {path.rpartition("/")[2] for path in lab.inventory().files} == {"kvmform-snapshots", "subject.qcow2"}
    report = lab.report("subject")
    assert (report.mark, report.boots) == ("on-top-of-third", 1)
    assert lab.plan_is_empty()


def test_a_domain_with_an_external_snapshot_is_destroyed_whole(lab):
    lab.add(THIRD.replace("  depends_on = [libvirt_snapshot.second]\n", ""), "third.tf")
    lab.apply()
    lab.destroy()
    assert lab.inventory() == EMPTY
