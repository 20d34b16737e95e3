"""What becomes of a domain whose seed has changed, on a simulated host."""

import pytest
from domain_bench import DomainBench

from kvmform.host.host import open_host
from kvmform.resources.cloudinit_disk.resource_type import CLOUDINIT_DISK
from kvmform.resources.domain.boot.drives import patch_drives
from kvmform.resources.pool.resource_type import POOL
from kvmform.schema import Disruption
from kvmform.xml.document import Document

SEED = {"name": "seed.iso", "pool": "images", "user_data": "#cloud-config\n"}
CHANGED = {**SEED, "user_data": "#cloud-config\nhostname: other\n"}


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    bench = DomainBench(host, tmp_path)
    bench.create(POOL, {"name": "images", "type": "dir", "target": [{"path": "/srv/images"}]}, address="pool")
    bench.planned.clear()
    yield bench
    host.close()


def domain(seed, choice="next-boot", **more):
    return {"name": "web", "cloudinit": seed["id"], "on_seed_change": choice, **more}


CLASSES = {
    "next-boot": Disruption.NEXT_BOOT,
    "reboot": Disruption.REBOOT,
    "replace": Disruption.REPLACE,
}


@pytest.mark.parametrize("choice", CLASSES)
def test_a_changed_seed_costs_what_was_chosen(bench, choice):
    seed = bench.create(CLOUDINIT_DISK, SEED)
    bench.make(domain(seed, choice))
    seed = bench.update(CLOUDINIT_DISK, CHANGED, seed)
    [edit] = bench.changes(domain(seed, choice))
    assert (edit.path, edit.effect.disruption) == (("cloudinit",), CLASSES[choice])
    assert edit.effect.replaces == (choice == "replace")


@pytest.mark.parametrize("choice", ["next-boot", "reboot"])
def test_what_was_chosen_is_done_once(bench, choice):
    seed = bench.create(CLOUDINIT_DISK, SEED)
    bench.make(domain(seed, choice))
    seed = bench.update(CLOUDINIT_DISK, CHANGED, seed)
    bench.said.clear()
    assert bench.change(domain(seed, choice)) is CLASSES[choice]
    assert ("shutting down", None, None) not in bench.said or choice == "reboot"
    assert bench.state["cloudinit"] == seed["id"]
    assert bench.changes(domain(seed, choice)) == ()


def test_a_guest_that_is_off_reads_it_when_it_starts(bench):
    seed = bench.create(CLOUDINIT_DISK, SEED)
    bench.make(domain(seed, "reboot", running=False))
    seed = bench.update(CLOUDINIT_DISK, CHANGED, seed)
    assert bench.change(domain(seed, "reboot", running=False)) is Disruption.LIVE


def test_an_ignored_change_is_none_also_where_the_contents_are_not_known_yet(bench):
    seed = bench.create(CLOUDINIT_DISK, SEED)
    bench.make(domain(seed, "ignore"))
    planned = bench.propose(CLOUDINIT_DISK, CHANGED, CLOUDINIT_DISK.read(bench.host, seed))
    assert planned["id"] != seed["id"]
    assert bench.changes(domain(planned, "ignore")) == ()
    seed = bench.update(CLOUDINIT_DISK, CHANGED, seed)
    assert bench.changes(domain(seed, "ignore")) == ()
    assert bench.state["cloudinit"] != seed["id"]


def test_a_seed_whose_volume_goes_can_not_be_ignored(bench):
    seed = bench.create(CLOUDINIT_DISK, SEED)
    bench.make(domain(seed, "ignore"))
    bench.delete(CLOUDINIT_DISK, seed)
    bench.planned.clear()
    seed = bench.create(CLOUDINIT_DISK, {**CHANGED, "name": "other.iso"})
    assert bench.change(domain(seed, "ignore")) is Disruption.NEXT_BOOT
    assert "/srv/images/other.iso" in bench.host.inventory.domains.get(bench.state["id"]).xml


@pytest.mark.parametrize("after", [None, "/v/own.iso"])
def test_a_file_of_the_users_own_stays_where_changes_are_ignored_and_is_taken_away_where_asked(bench, after):
    bench.make({"name": "web", "cloudinit": "/v/seed.iso", "on_seed_change": "ignore"})
    changes = bench.changes({"name": "web", "cloudinit": after, "on_seed_change": "ignore"})
    assert [edit.path for edit in changes] == ([("cloudinit",)] if after is None else [])


def test_a_drive_keeps_its_place_when_its_medium_is_another(bench):
    seed = bench.create(CLOUDINIT_DISK, SEED)
    bench.make(domain(seed, machine="pc"))
    document = Document.parse(bench.host.inventory.domains.get(bench.state["id"]).xml)
    drive = document.find("devices/disk[serial='cloudinit']")
    drive.find("target").set("bus", "sata")
    patch_drives(bench.host, document, bench.state | {"cloudinit": "/v/other.iso;1"})
    drive = document.find("devices/disk[serial='cloudinit']")
    assert (drive.find("source").get("file"), drive.find("target").get("bus")) == ("/v/other.iso", "sata")
    patch_drives(bench.host, document, bench.state | {"cloudinit": None})
    assert document.find("devices/disk[serial='cloudinit']") is None
