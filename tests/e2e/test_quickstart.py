"""The quickstart lab on a real host: it goes up, changes under its running guests, and comes down.

One lab for the whole file. Every test changes something, looks at it from inside the guests,
and leaves a lab whose plan is empty.
"""

import libvirt
import pytest
from guest_lab import GuestLab
from inventory import EMPTY
from lab import flat

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

NETWORK = "kvmform-quickstart"
LAB = {
    "libvirt_pool.lab",
    "libvirt_volume.base",
    "libvirt_network.lab",
    *(f'{kind}["{name}"]' for name in ("db", "web") for kind in ("libvirt_volume.disk", "libvirt_cloudinit_disk.seed")),
    *(f'libvirt_domain.guest["{name}"]' for name in ("db", "web")),
}
SECOND_DISK = """
resource "libvirt_volume" "data" {
  for_each = var.guests
  name     = "${each.key}-data.qcow2"
  pool     = libvirt_pool.lab.name
  size     = 64 * 1024 * 1024
}
"""
FIRST_DISK_BLOCK = """    volume_id = libvirt_volume.disk[each.key].id
  }
"""
SECOND_DISK_BLOCK = f"""{FIRST_DISK_BLOCK}
  disk {{
    volume_id = libvirt_volume.data[each.key].id
  }}
"""
DHCP_HOST = """
  dhcp {
    hosts {
      mac  = "52:54:00:00:17:03"
      ip   = "10.17.3.20"
      name = "printer"
    }
  }
"""
DNS = """
  dns {
    enabled = true
  }
"""


@pytest.fixture(scope="module")
def lab(host, environment, tmp_path_factory):
    lab = GuestLab.of_example("quickstart", tmp_path_factory.mktemp("quickstart"), environment, host)
    lab.give(guests={"web": {"memory": 256}, "db": {"memory": 192}})
    assert "Resources: 9 added, 0 changed, 0 destroyed." in lab.apply()
    return lab


def test_both_guests_answer_at_the_addresses_in_the_output(lab):
    addresses = lab.output("addresses")
    assert {name: [lab.address_of(name)] for name in ("db", "web")} == addresses
    for name in addresses:
        report = lab.report(name)
        assert (report.hostname, report.boots, report.instance) == (name, 1, name)
    assert lab.plan_is_empty()


def test_everything_in_state_is_on_the_host_and_nothing_else(lab):
    assert set(lab.addresses()) == LAB
    found = lab.inventory()
    assert found.domains == {"db", "web"}
    assert found.networks == found.pools == {NETWORK}
    files = {"base.qcow2", *(f"{name}{end}" for name in ("db", "web") for end in (".qcow2", "-seed.iso"))}
    assert found.volumes == {f"{NETWORK}/{name}" for name in files}
    assert {path.rpartition("/")[2] for path in found.files} == {NETWORK, *files}


def test_less_memory_is_taken_from_the_running_guest(lab):
    before = lab.report("web")
    lab.give(guests={"web": {"memory": 208}, "db": {"memory": 192}})
    text = lab.plan("-max-disruption=live")
    assert "~ memory = 256 -> 208 # live: by the balloon" in flat(text)
    assert "Disruption: live. No guest is rebooted, no data is lost." in text
    lab.apply("-max-disruption=live")
    after = lab.report("web", lambda report: report.memory < before.memory - 40_000)
    assert (after.boots, after.boot_id) == (before.boots, before.boot_id)
    assert lab.plan_is_empty()


def test_a_disk_comes_to_running_guests_and_goes_again(lab):
    before = {name: lab.report(name) for name in ("db", "web")}
    lab.add(SECOND_DISK, "data.tf")
    lab.edit(FIRST_DISK_BLOCK, SECOND_DISK_BLOCK)
    assert "Plan: 2 to add, 2 to change, 0 to destroy.\nDisruption: live." in lab.plan()
    assert "Verified: everything is as planned." in lab.apply("-max-disruption=live", "-verify")
    for name, report in before.items():
        after = lab.report(name, lambda report: "vdb" in report.disks)
        assert after.disks["vdb"] == 64 * 1024 * 1024
        assert after.boot_id == report.boot_id
    assert lab.plan_is_empty()

    lab.remove("data.tf")
    lab.edit(SECOND_DISK_BLOCK, FIRST_DISK_BLOCK)
    assert "Plan: 0 to add, 2 to change, 2 to destroy.\nDisruption: data-loss." in lab.plan()
    assert 'volume.data["web"] would be deleted, with the disruption data-loss' in lab.fails("plan", "-deny=data-loss")
    assert "Verified: everything is as planned." in lab.apply("-verify")
    for name, report in before.items():
        assert lab.report(name, lambda report: "vdb" not in report.disks).boot_id == report.boot_id
    assert lab.plan_is_empty()


def test_a_dhcp_host_comes_to_the_live_network_and_goes_again(lab):
    before = lab.report("web")
    lab.edit(DNS, DNS + DHCP_HOST)
    text = lab.plan()
    assert "Plan: 0 to add, 1 to change, 0 to destroy.\nDisruption: live." in text
    assert "10.17.3.20" in text
    lab.apply("-max-disruption=live")
    assert "<host mac='52:54:00:00:17:03' name='printer' ip='10.17.3.20'/>" in lab.network_xml(NETWORK)
    assert lab.plan_is_empty()

    lab.edit('ip   = "10.17.3.20"', 'ip   = "10.17.3.21"')
    lab.apply("-max-disruption=live")
    assert "10.17.3.21" in lab.network_xml(NETWORK)
    assert lab.plan_is_empty()

    lab.edit(DHCP_HOST.replace("3.20", "3.21"), "")
    lab.apply("-max-disruption=live")
    assert "printer" not in lab.network_xml(NETWORK)
    assert lab.plan_is_empty()
    assert lab.report("web").boot_id == before.boot_id


def test_more_memory_than_the_guest_was_started_with_takes_one_reboot(lab):
    lab.mark("db", "kept-over-reboot")
    before = {name: lab.report(name) for name in ("db", "web")}
    lab.give(guests={"web": {"memory": 208}, "db": {"memory": 320}})
    assert "Disruption: reboot." in lab.plan()
    assert "Change refused" in lab.fails("apply", "-auto-approve", "-max-disruption=interrupt")
    assert lab.boots("db") == before["db"].boots
    lab.apply("-max-disruption=reboot")
    after = lab.report("db")
    assert after.boots == before["db"].boots + 1
    assert after.mark == "kept-over-reboot"
    assert after.memory > 256 * 1024
    assert lab.report("web").boot_id == before["web"].boot_id
    assert lab.plan_is_empty()


def test_a_volume_grows_under_its_running_guest(lab):
    before = lab.report("web")
    lab.edit(
        "base_volume_id = libvirt_volume.base.id", "base_volume_id = libvirt_volume.base.id\n  size = 96 * 1024 * 1024"
    )
    assert "Plan: 0 to add, 2 to change, 0 to destroy.\nDisruption: live." in lab.plan()
    lab.apply("-max-disruption=live")
    after = lab.report("web", lambda report: report.disks["vda"] == 96 * 1024 * 1024)
    assert after.boot_id == before.boot_id
    assert lab.plan_is_empty()


def test_a_guest_that_somebody_powered_off_is_started_again(lab):
    before = lab.boots("web")
    lab.power_off("web")
    text = lab.plan()
    assert "Objects have changed outside of kvmform" in text
    assert 'libvirt_domain.guest["web"] has changed' in text
    assert "~ running = false -> true" in flat(text)
    assert "~ addresses = [] -> (known after apply)" in flat(text)
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in text
    lab.apply()
    assert lab.power("web") == libvirt.VIR_DOMAIN_RUNNING
    assert lab.boots("web") == before + 1
    assert lab.plan_is_empty()


def test_a_domain_that_somebody_undefined_is_made_again_on_its_old_disk(lab):
    lab.mark("web", "older-than-its-domain")
    lab.undefine("web")
    text = lab.plan()
    assert 'libvirt_domain.guest["web"] has been deleted' in text
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in text
    lab.apply()
    assert lab.report("web").mark == "older-than-its-domain"
    assert lab.plan_is_empty()


def test_targets_leave_the_other_guest_for_later(lab):
    boots = lab.boots("web")
    lab.give(guests={"web": {"memory": 208, "vcpu": 2}, "db": {"memory": 224}})
    lab.apply('-target=libvirt_domain.guest["db"]')
    assert lab.boots("web") == boots
    left = lab.plan()
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in left
    assert 'libvirt_domain.guest["web"]' in left
    assert 'libvirt_domain.guest["db"]' not in left
    lab.apply()
    assert lab.report("web").cpus == 2
    assert lab.plan_is_empty()


def test_a_replaced_domain_keeps_its_disk_and_its_address(lab):
    lab.mark("web", "kept-over-replacement")
    before, address = lab.boots("web"), lab.address_of("web")
    identity = lab.output("addresses")
    assert "will be replaced, as requested" in lab.apply('-replace=libvirt_domain.guest["web"]')
    after = lab.report("web")
    assert (after.boots, after.mark) == (before + 1, "kept-over-replacement")
    assert lab.address_of("web") == address
    assert lab.output("addresses") == identity
    assert lab.plan_is_empty()


def test_a_saved_plan_is_done_as_it_says_and_only_once(lab):
    lab.give(guests={"web": {"memory": 192, "vcpu": 2}, "db": {"memory": 224}})
    lab.plan("-out=shrink.plan")
    lab.give(guests={"web": {"memory": 128, "vcpu": 2}, "db": {"memory": 224}})
    lab.kvmform("apply", "-input=false", "shrink.plan")
    assert "~ memory = 192 -> 128" in flat(lab.plan())
    assert "Saved plan is stale" in lab.fails("apply", "shrink.plan")
    lab.give(guests={"web": {"memory": 192, "vcpu": 2}, "db": {"memory": 224}})
    assert lab.plan_is_empty()


def test_destroy_leaves_nothing(lab):
    assert "Destroy complete! Resources: 9 destroyed." in lab.destroy()
    assert lab.inventory() == EMPTY
    assert lab.addresses() == []
    assert lab.in_host("ls", "/sys/class/net").split() == ["lo"]
    assert "No changes. No objects need to be destroyed." in lab.destroy()
