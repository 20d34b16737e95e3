"""What the plan promises of a domain before it exists, and of one that does."""

import pytest
from domain_bench import DomainBench

from kvmform.schema import Identity, Observed
from kvmform.values.model import UNKNOWN, Unknown

IDENTITY = Identity("lineage", "x")
LAB = {"id": "11111111-2222-3333-4444-555555555555", "name": "lab"}
DMZ = {"id": "99999999-2222-3333-4444-555555555555", "name": "dmz"}
RUNNING = {"running": True, "hotplug": True, "pending_hot": []}


@pytest.fixture
def bench(tmp_path):
    bench = DomainBench(None, tmp_path)
    bench.planned["libvirt_network"] = [LAB, DMZ]
    return bench


def existing(bench, written, facts=RUNNING, **changes):
    """The domain as `read` would find it after it was made as written."""
    made = bench.plan(written)
    nics = [{**nic, "addresses": ["10.0.0.2"]} for nic in made["network_interface"]]
    host_values = {"arch": "x86_64", "machine": "pc", "emulator": "/usr/bin/qemu"}
    read = {name: value for name, value in host_values.items() if isinstance(made[name], Unknown)}
    found = {**made, **read, "network_interface": nics, **changes}
    return Observed(found, facts)


def test_identity_is_known_beforehand(bench):
    planned = bench.plan({"name": "web"})
    assert planned["id"] == IDENTITY.uuid
    assert planned["autostart"] is False
    assert planned["pending"] == []
    assert isinstance(planned["machine"], Unknown)


@pytest.mark.parametrize(
    ("written", "settings", "expected"),
    [({}, {}, "kvm"), ({}, {"domain_type": "qemu"}, "qemu"), ({"type": "kvm"}, {"domain_type": "qemu"}, "kvm")],
)
def test_type_is_as_written_or_as_the_provider_says(bench, written, settings, expected):
    bench.settings = settings
    assert bench.plan({"name": "web", **written})["type"] == expected


def test_existing_type_stays_when_the_setting_changes(bench):
    observed = existing(bench, {"name": "web"})
    bench.settings = {"domain_type": "qemu"}
    assert bench.plan({"name": "web"}, observed)["type"] == "kvm"


@pytest.mark.parametrize("disk", [{"file": "/a", "bus": "scsi"}, {"file": "/a", "scsi": True}])
def test_a_scsi_disk_that_was_imported_without_a_world_wide_name_gets_none(bench, disk):
    observed = existing(bench, {"name": "web", "disk": [disk]})
    observed.object["disk"][0]["wwn"] = None
    assert bench.plan({"name": "web", "disk": [disk]}, observed)["disk"][0]["wwn"] is None
    new = bench.plan({"name": "web", "disk": [disk, {"file": "/b", "scsi": True}]}, observed)["disk"]
    assert [each["wwn"] for each in new] == [None, IDENTITY.wwn("sdb")]


def test_mac_addresses_are_derived_and_in_upper_case(bench):
    planned = bench.plan({"name": "web", "network_interface": [{}, {"mac": "52:54:00:aa:00:01"}, {}]})
    macs = [nic["mac"] for nic in planned["network_interface"]]
    assert macs == [IDENTITY.mac("0").upper(), "52:54:00:aa:00:01", IDENTITY.mac("2").upper()]


def test_mac_addresses_stay_when_an_interface_before_them_goes(bench):
    observed = existing(bench, {"name": "web", "network_interface": [{"bridge": "a"}, {"bridge": "b"}]})
    planned = bench.plan({"name": "web", "network_interface": [{"bridge": "b"}]}, observed)
    assert planned["network_interface"][0]["mac"] == IDENTITY.mac("1").upper()


def test_a_new_interface_never_gets_a_mac_in_use(bench):
    observed = existing(bench, {"name": "web", "network_interface": [{"bridge": "a"}, {"bridge": "b"}]})
    planned = bench.plan({"name": "web", "network_interface": [{"bridge": name} for name in "bcd"]}, observed)
    macs = [nic["mac"] for nic in planned["network_interface"]]
    assert macs == [IDENTITY.mac("1").upper(), IDENTITY.mac("0").upper(), IDENTITY.mac("2").upper()]


def test_a_mac_that_is_not_known_yet_stays_unknown(bench):
    planned = bench.plan({"name": "web", "network_interface": [{"mac": UNKNOWN}]})
    assert planned["network_interface"][0]["mac"] is UNKNOWN


def test_targets_count_each_bus_for_itself(bench):
    disks = [{"volume_id": "/a"}, {"file": "/x.iso"}, {"volume_id": UNKNOWN}, {"block_device": "/d", "scsi": True}]
    planned = bench.plan({"name": "web", "machine": "q35", "disk": disks})
    assert [disk["target"] for disk in planned["disk"]] == ["vda", "sda", "vdb", "sdb"]
    assert [disk["wwn"] for disk in planned["disk"]] == [None, None, None, IDENTITY.wwn("sdb")]


def test_disks_keep_their_targets_when_others_go(bench):
    disks = [{"volume_id": "/a"}, {"volume_id": "/b"}, {"volume_id": "/c"}]
    observed = existing(bench, {"name": "web", "disk": disks})
    planned = bench.plan({"name": "web", "disk": [disks[0], disks[2], {"volume_id": "/d"}]}, observed)
    assert [disk["target"] for disk in planned["disk"]] == ["vda", "vdc", "vdb"]


def test_targets_of_drives_added_past_kvmform_are_left_alone(bench):
    others = {"vda": {"file": "/others"}, "vdc": {"file": None}}
    observed = existing(bench, {"name": "web"}, facts={**RUNNING, "unrecorded_disks": others})
    planned = bench.plan({"name": "web", "disk": [{"volume_id": "/a"}, {"volume_id": "/b"}]}, observed)
    assert [disk["target"] for disk in planned["disk"]] == ["vdb", "vdd"]


def test_a_disk_that_the_guest_has_already_is_planned_where_it_is(bench):
    observed = existing(bench, {"name": "web"}, facts={**RUNNING, "unrecorded_disks": {"vdc": {"volume_id": "/b"}}})
    planned = bench.plan({"name": "web", "disk": [{"volume_id": "/a"}, {"volume_id": "/b"}]}, observed)
    assert [disk["target"] for disk in planned["disk"]] == ["vda", "vdc"]


def test_the_network_is_known_by_name_and_id(bench):
    planned = bench.plan(
        {"name": "web", "network_interface": [{"network_id": LAB["id"]}, {"network_name": "dmz"}, {"bridge": "br0"}]}
    )
    found = [(nic["network_name"], nic["network_id"]) for nic in planned["network_interface"]]
    assert found == [("lab", LAB["id"]), ("dmz", DMZ["id"]), (None, None)]


def test_the_id_of_a_network_beside_the_configuration_is_known_once_it_was_read(bench):
    written = {"name": "web", "network_interface": [{"network_name": "default"}]}
    planned = bench.plan(written)
    assert isinstance(planned["network_interface"][0]["network_id"], Unknown)
    observed = existing(bench, written, facts={**RUNNING, "network_ids": {"default": "42"}})
    assert bench.plan(written, observed)["network_interface"][0]["network_id"] == "42"


def test_an_interface_without_a_network_any_more_has_no_network_id(bench):
    observed = existing(bench, {"name": "web", "network_interface": [{"network_name": "lab"}]})
    planned = bench.plan({"name": "web", "network_interface": [{"bridge": "br0"}]}, observed)
    assert planned["network_interface"][0]["network_name"] is None
    assert planned["network_interface"][0]["network_id"] is None


def test_observed_addresses_stay_until_the_interface_moves(bench):
    written = {"name": "web", "network_interface": [{"network_name": "lab"}]}
    observed = existing(bench, written)
    assert bench.plan(written, observed)["network_interface"][0]["addresses"] == ["10.0.0.2"]
    moved = bench.plan({"name": "web", "network_interface": [{"network_name": "dmz"}]}, observed)
    assert isinstance(moved["network_interface"][0]["addresses"], Unknown)


def test_a_guest_that_is_started_asks_for_its_addresses_anew(bench):
    written = {"name": "web", "network_interface": [{"network_name": "lab"}]}
    observed = existing(bench, written, {"running": False}, running=False)
    assert isinstance(bench.plan(written, observed)["network_interface"][0]["addresses"], Unknown)
    off = {**written, "running": False}
    assert bench.plan(off, observed)["network_interface"][0]["addresses"] == ["10.0.0.2"]


def test_a_guest_that_is_stopped_has_no_leases_but_keeps_what_is_written(bench):
    written = {"name": "web", "network_interface": [{"network_name": "lab"}]}
    off = {**written, "running": False}
    assert bench.plan(off, existing(bench, written))["network_interface"][0]["addresses"] == []
    fixed = {"name": "web", "running": False, "network_interface": [{"network_name": "lab", "addresses": ["10.0.0.9"]}]}
    assert bench.plan(fixed, existing(bench, written))["network_interface"][0]["addresses"] == ["10.0.0.9"]


def test_written_addresses_are_reserved_and_removed_ones_are_not(bench):
    static = {"name": "web", "network_interface": [{"network_name": "lab", "addresses": ["10.0.0.9"]}]}
    planned = bench.plan(static)["network_interface"][0]
    assert planned["addresses"] == planned["reserved_addresses"] == ["10.0.0.9"]
    observed = existing(bench, static)
    dynamic = bench.plan({"name": "web", "network_interface": [{"network_name": "lab"}]}, observed)
    assert dynamic["network_interface"][0]["reserved_addresses"] == []


@pytest.mark.parametrize(
    ("written", "memory", "maximum", "running", "expected"),
    [
        ({"memory": 1024}, 1024, 1024, True, 1024),
        ({"memory": 512}, 1024, 1024, True, 1024),  # the balloon gives back; what it gave can be had again
        ({"memory": 512}, 1024, 1024, False, 512),
        ({"memory": 2048}, 1024, 1024, True, 2048),
        ({"memory": 1024}, 1024, 4096, True, 4096),
        ({"memory": 1024}, 1024, 4096, False, 4096),
        ({"memory": 1024, "max_memory": 2048}, 1024, 4096, True, 2048),
        ({"memory": UNKNOWN}, 1024, 1024, True, UNKNOWN),
    ],
)
def test_maximum_of_memory_follows_where_it_is_not_written(bench, written, memory, maximum, running, expected):
    facts = {**RUNNING, "running": running}
    observed = existing(bench, {"name": "web"}, facts, memory=memory, max_memory=maximum)
    assert bench.plan({"name": "web", **written}, observed)["max_memory"] == expected


@pytest.mark.parametrize(
    ("vcpu", "before", "maximum", "running", "expected"),
    [(2, 2, 4, True, 4), (3, 2, 4, True, 4), (6, 2, 4, True, 6), (1, 2, 4, True, 1), (3, 2, 4, False, 3)],
)
def test_maximum_of_processors_follows_where_it_is_not_written(bench, vcpu, before, maximum, running, expected):
    facts = {**RUNNING, "running": running}
    observed = existing(bench, {"name": "web"}, facts, vcpu=before, max_vcpu=maximum)
    assert bench.plan({"name": "web", "vcpu": vcpu}, observed)["max_vcpu"] == expected


def test_nvram_is_libvirts_choice_only_with_firmware(bench):
    assert bench.plan({"name": "web"})["nvram"] == []
    assert bench.plan({"name": "web", "firmware": "/f", "nvram": [{"file": "/n"}]})["nvram"][0]["file"] == "/n"


@pytest.mark.parametrize(
    ("written", "facts", "waiting", "expected"),
    [
        ({"memory": 1024}, {}, ["memory"], []),  # brought about by a reboot
        ({}, {}, ["machine"], ["machine"]),  # changed past kvmform, and not written: none of its business
        ({"machine": "q35", "running": False}, {}, ["machine"], []),
        ({"machine": "q35", "on_reboot_needed": "next-boot"}, {}, ["machine"], ["machine"]),
        ({"disk": [{"file": "/a"}], "on_reboot_needed": "next-boot"}, {"pending_hot": ["disk"]}, ["disk"], []),
        ({"machine": "q35"}, {"running": False}, ["machine"], []),
    ],
)
def test_pending_is_what_is_left_for_the_next_boot(bench, written, facts, waiting, expected):
    written = {"name": "web", **written}
    observed = existing(bench, written, {**RUNNING, **facts}, pending=waiting)
    assert bench.plan(written, observed)["pending"] == expected


def test_pending_is_known_after_apply_when_something_is_left_for_the_next_boot(bench):
    written = {"name": "web", "on_reboot_needed": "next-boot"}
    observed = existing(bench, written)
    assert isinstance(bench.plan({**written, "memory": 4096}, observed)["pending"], Unknown)


def test_blocks_that_are_not_known_yet_stay_so(bench):
    planned = bench.plan({"name": "web"})
    assert planned["disk"] == []
    unknown = bench.plan({"name": "web", "disk": UNKNOWN, "network_interface": UNKNOWN})
    assert unknown["disk"] is UNKNOWN
    assert unknown["network_interface"] is UNKNOWN


def test_on_a_bridge_of_the_hosts_nothing_is_reserved(bench):
    planned = bench.plan({"name": "web", "network_interface": [{"bridge": "br0", "addresses": ["10.9.1.5"]}]})
    (interface,) = planned["network_interface"]
    assert (interface["addresses"], interface["reserved_addresses"]) == (["10.9.1.5"], [])
