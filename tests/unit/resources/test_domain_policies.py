"""What editing a domain costs, for a guest in each situation."""

import pytest
from domain_bench import settled
from type_bench import complete

from kvmform.plan.diff import planned_edits
from kvmform.resources.domain.effects import undertaking
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Disruption, Edit
from kvmform.values.model import UNKNOWN

RUNNING = {
    "running": True,
    "hotplug": True,
    "free_ports": 3,
    "max_memory": 2048,
    "max_vcpu": 4,
    "vcpu": 2,
    "pending_hot": [],
}
OFF = {**RUNNING, "running": False}
WITHOUT_HOTPLUG = {**RUNNING, "hotplug": False}
WITHOUT_PORTS = {**RUNNING, "free_ports": 0}

ROOT = {"volume_id": "/v/root.qcow2", "target": "vda"}
DATA = {"volume_id": "/v/data.qcow2", "target": "vdb"}
ISO = {"file": "/v/a.iso", "target": "hda"}
NIC = {"network_name": "lab", "network_id": "1", "mac": "52:54:00:00:00:01"}
OTHER_NIC = {"bridge": "br0", "mac": "52:54:00:00:00:02"}

WEB = {
    "name": "web",
    "type": "kvm",
    "machine": "pc",
    "memory": 1024,
    "max_memory": 2048,
    "vcpu": 2,
    "max_vcpu": 4,
    "disk": [ROOT],
    "network_interface": [NIC],
    "pending": [],
}

LIVE, REBOOT, NEXT_BOOT, NONE = Disruption.LIVE, Disruption.REBOOT, Disruption.NEXT_BOOT, Disruption.NONE
INTERRUPT, REPLACE = Disruption.INTERRUPT, Disruption.REPLACE


def edits_of(before, change, facts):
    domain = complete(DOMAIN, before)
    return planned_edits(DOMAIN.schema.rows, domain, complete(DOMAIN, {**before, **change}), facts)


def worst(before, change, facts):
    return max(edit.effect.disruption for edit in edits_of(before, change, facts))


CHANGES = {
    "description": ({"description": "x"}, LIVE),
    "metadata": ({"metadata": "x"}, LIVE),
    "autostart": ({"autostart": True}, LIVE),
    "qemu_agent": ({"qemu_agent": True}, NONE),
    "shutdown_timeout": ({"shutdown_timeout": 5}, NONE),
    "rename": ({"name": "other"}, REBOOT),
    "memory within the maximum": ({"memory": 2048}, LIVE),
    "less memory": ({"memory": 512}, LIVE),
    "memory beyond the maximum": ({"memory": 4096, "max_memory": 4096}, REBOOT),
    "maximum of memory": ({"max_memory": 4096}, REBOOT),
    "processors within the maximum": ({"vcpu": 4}, LIVE),
    "processors beyond the maximum": ({"vcpu": 8, "max_vcpu": 8}, REBOOT),
    "fewer processors": ({"vcpu": 1}, REBOOT),
    "type": ({"type": "qemu"}, REBOOT),
    "machine": ({"machine": "q35"}, REBOOT),
    "arch": ({"arch": "aarch64"}, REPLACE),
    "cpu": ({"cpu": [{"mode": "host-model"}]}, REBOOT),
    "firmware": ({"firmware": "/f"}, REBOOT),
    "graphics": ({"graphics": [{}]}, REBOOT),
    "console": ({"console": [{"type": "pty", "target_port": "0"}]}, REBOOT),
    "boot order": ({"boot_device": [{"dev": ["network"]}]}, REBOOT),
    "seed": ({"cloudinit": "/v/seed.iso"}, NEXT_BOOT),
    "seed, to be rebooted for": ({"cloudinit": "/v/seed.iso", "on_seed_change": "reboot"}, REBOOT),
    "seed, to be made anew for": ({"cloudinit": "/v/seed.iso", "on_seed_change": "replace"}, REPLACE),
    "ignition": ({"coreos_ignition": "/v/i.ign"}, NEXT_BOOT),
    "shutdown": ({"running": False}, REBOOT),
    "virtio disk added": ({"disk": [ROOT, DATA]}, LIVE),
    "virtio disk of unknown volume added": ({"disk": [ROOT, {"volume_id": UNKNOWN, "target": "vdb"}]}, LIVE),
    "SCSI disk added": ({"disk": [ROOT, {**DATA, "scsi": True, "target": "sda"}]}, LIVE),
    "CD-ROM drive added": ({"disk": [ROOT, ISO]}, REBOOT),
    "SCSI CD-ROM drive added": ({"disk": [ROOT, {**ISO, "bus": "scsi", "target": "sda"}]}, REBOOT),
    "USB disk added": ({"disk": [ROOT, {**DATA, "bus": "usb", "target": "sda"}]}, LIVE),
    "SATA disk added": ({"disk": [ROOT, {**DATA, "bus": "sata", "target": "sda"}]}, REBOOT),
    "disk with a boot order added": ({"disk": [ROOT, {**DATA, "boot_order": 2}]}, REBOOT),
    "cache": ({"disk": [{**ROOT, "cache": "none"}]}, REBOOT),
    "limits": ({"disk": [{**ROOT, "iotune": [{"total_bytes_sec": 1}]}]}, LIVE),
    "policy of a missing image": ({"disk": [{**ROOT, "startup_policy": "optional"}]}, LIVE),
    "bus written out": ({"disk": [{**ROOT, "bus": "virtio", "device": "disk"}]}, NONE),
    "bus": ({"disk": [{**ROOT, "bus": "sata", "target": "sda"}]}, REBOOT),
    "I/O threads": ({"iothreads": 2}, LIVE),
    "disk removed": ({"disk": []}, LIVE),
    "disk exchanged": ({"disk": [{**ROOT, "volume_id": "/v/other.qcow2"}]}, REBOOT),
    "volume made anew": ({"disk": [{**ROOT, "volume_id": UNKNOWN}]}, REBOOT),
    "interface added": ({"network_interface": [NIC, OTHER_NIC]}, LIVE),
    "interface removed": ({"network_interface": []}, LIVE),
    "interface moved": ({"network_interface": [{**NIC, "network_name": "dmz", "network_id": "2"}]}, INTERRUPT),
    "another MAC": ({"network_interface": [{**NIC, "mac": "52:54:00:00:00:09"}]}, INTERRUPT),
    "static address": ({"network_interface": [{**NIC, "addresses": ["10.0.0.5"]}]}, LIVE),
    "waiting": ({"network_interface": [{**NIC, "wait_for_lease": True}]}, NONE),
    "title": ({"title": "x"}, LIVE),
    "events": ({"on_crash": "preserve"}, LIVE),
    "pause": ({"paused": True}, INTERRUPT),
    "ways to shut down": ({"shutdown_mode": ["agent"], "on_shutdown_timeout": "fail", "on_destroy": "shutdown"}, NONE),
    "pins": ({"cputune": [{"emulatorpin": "0", "vcpupin": [{"vcpu": 0, "cpuset": "1"}]}]}, LIVE),
    "shares without control groups": ({"cputune": [{"shares": 5, "emulatorpin": "0"}]}, REBOOT),
    "features": ({"features": [{"smm": True}]}, REBOOT),
    "clock": ({"clock": [{"offset": "localtime"}]}, REBOOT),
    "chosen firmware": ({"firmware": "efi"}, REBOOT),
    "how to reboot": ({"on_reboot_needed": "next-boot"}, NONE),
}


ASKED_FOR = {"shutdown", "seed, to be rebooted for"}
"""Reboots that the user asks for by name."""


@pytest.mark.parametrize("name", CHANGES)
def test_cost_while_the_guest_runs(name):
    change, expected = CHANGES[name]
    assert worst(WEB, change, RUNNING) is expected


@pytest.mark.parametrize("name", [name for name in CHANGES if CHANGES[name][1] is not REPLACE and name != "shutdown"])
def test_a_guest_that_is_off_is_edited_at_will(name):
    before = {**WEB, "running": False}
    assert worst(before, CHANGES[name][0], OFF) <= LIVE


@pytest.mark.parametrize("name", [name for name in CHANGES if CHANGES[name][1] is REBOOT and name not in ASKED_FOR])
def test_a_reboot_is_left_to_the_guest_where_asked(name):
    before = {**WEB, "on_reboot_needed": "next-boot"}
    assert worst(before, CHANGES[name][0], RUNNING) is NEXT_BOOT


@pytest.mark.parametrize("name", ["machine", "memory beyond the maximum", "CD-ROM drive added", "another MAC", "seed"])
def test_a_guest_that_is_shut_down_anyway_loses_no_more(name):
    effects = {
        edit.path[0]: edit.effect.disruption for edit in edits_of(WEB, {**CHANGES[name][0], "running": False}, RUNNING)
    }
    assert effects.pop("running") is REBOOT
    assert set(effects.values()) == {LIVE}


def test_starting_disturbs_nobody():
    assert worst({**WEB, "running": False}, {"running": True}, OFF) is LIVE


@pytest.mark.parametrize(
    "name",
    ["virtio disk added", "disk removed", "interface added", "interface removed", "interface moved", "another MAC"],
)
def test_devices_need_a_reboot_where_the_host_has_no_hotplug(name):
    assert worst(WEB, CHANGES[name][0], WITHOUT_HOTPLUG) is REBOOT


def test_a_medium_is_exchanged_live():
    before = {**WEB, "disk": [ROOT, ISO]}
    assert worst(before, {"disk": [ROOT, {**ISO, "file": "/v/b.iso"}]}, RUNNING) is LIVE
    assert worst(before, {"disk": [ROOT, {**ISO, "file": "/v/b.iso"}]}, WITHOUT_HOTPLUG) is REBOOT


def test_a_drive_is_emptied_and_filled_live():
    drive = {"device": "cdrom", "target": "sda", "file": "/v/a.img"}
    before = {**WEB, "disk": [ROOT, drive]}
    for source in ({"file": None}, {"file": None, "volume_id": "/v/b.iso"}, {"file": "/v/b.iso", "device": None}):
        assert worst(before, {"disk": [ROOT, {**drive, **source}]}, RUNNING) is LIVE


def test_a_thread_that_a_disk_has_goes_only_with_a_boot():
    before = {**WEB, "iothreads": 2, "disk": [{**ROOT, "iothread": 2}]}
    assert worst(before, {"iothreads": 1, "disk": [{**ROOT, "iothread": 1}]}, RUNNING) is REBOOT
    assert worst(before, {"iothreads": 3}, RUNNING) is LIVE
    assert worst({**before, "iothreads": 3}, {"iothreads": 2}, RUNNING) is LIVE


def test_a_usb_disk_needs_no_free_port():
    assert worst(WEB, {"disk": [ROOT, {**DATA, "bus": "usb", "target": "sda"}]}, WITHOUT_PORTS) is LIVE


def test_devices_need_free_ports():
    assert worst(WEB, {"disk": [ROOT, DATA]}, WITHOUT_PORTS) is REBOOT
    assert worst(WEB, {"disk": []}, WITHOUT_PORTS) is LIVE
    more = {"disk": [ROOT, DATA, {"file": "/a", "target": "vdc"}], "network_interface": [NIC, OTHER_NIC]}
    assert worst(WEB, more, RUNNING) is LIVE
    assert worst(WEB, more, {**RUNNING, "free_ports": 2}) is REBOOT


def test_reboot_names_its_reason():
    (edit,) = edits_of(WEB, {"memory": 4096}, {**RUNNING, "max_memory": 1024})
    assert edit.effect.reason == "more than the 1024 MiB that the guest was started with"


@pytest.mark.parametrize(
    ("hot", "after", "expected"),
    [
        ([], [], REBOOT),
        (["disk"], [], REBOOT),
        (["cpu", "disk"], [], LIVE),
        ([], ["cpu"], NONE),
        ([], UNKNOWN, NONE),
    ],
)
def test_what_is_pending_is_brought_about(hot, after, expected):
    before = {**WEB, "pending": ["cpu", "disk"]}
    (edit,) = edits_of(before, {"pending": after}, {**RUNNING, "pending_hot": hot})
    assert edit.effect.disruption is expected


def test_pending_reboot_tells_what_it_is_for():
    (edit,) = edits_of({**WEB, "pending": ["cpu", "disk"]}, {"pending": []}, {**RUNNING, "pending_hot": ["disk"]})
    assert edit.effect.reason == "cpu changed, and the guest was not rebooted yet"


def test_an_update_works_out_the_same_classes_as_the_plan():
    change = {"memory": 4096, "max_memory": 4096, "disk": [ROOT, DATA], "network_interface": [OTHER_NIC]}
    edits = edits_of(WEB, change, RUNNING)
    before, after = complete(DOMAIN, WEB), complete(DOMAIN, {**WEB, **change})
    work = undertaking([Edit(e.path, e.before, e.after) for e in edits], before, after, RUNNING)
    assert [disruption for _, disruption in work.edits] == [edit.effect.disruption for edit in edits]
    assert work.worst is REBOOT
    assert work.live().names == {"disk", "network_interface"}


def test_an_undertaking_tells_what_happens_to_each_element():
    change = {"disk": [{**DATA, "wwn": "x"}, {"file": "/new", "target": "vdc"}], "network_interface": []}
    before, after = {**WEB, "disk": [ROOT, DATA]}, {**WEB, **change}
    edits = edits_of(before, change, RUNNING)
    plain = [Edit(e.path, e.before, settled(e.after)) for e in edits]
    work = undertaking(plain, complete(DOMAIN, before), complete(DOMAIN, after), RUNNING)
    assert [nic["mac"] for nic in work.removed("network_interface")] == [NIC["mac"]]
    assert work.touched("disk")[0].keys() == {"wwn"}
    assert work.before("pending") is None


SHARED = {**WEB, "cputune": [{"shares": 5, "quota": 1000}], "memtune": [{"hard_limit": 4096}]}
TUNABLE = {**RUNNING, "control_groups": True}


@pytest.mark.parametrize(
    ("before", "change", "expected"),
    [
        (WEB, {"cputune": [{"shares": 5}], "memtune": [{"hard_limit": 4096}], "blkiotune": [{"weight": 100}]}, LIVE),
        (SHARED, {"cputune": [{"shares": 6, "quota": -1}]}, LIVE),
        (SHARED, {"cputune": [{"shares": 5}]}, REBOOT),
        (SHARED, {"memtune": []}, REBOOT),
        ({**WEB, "type": "qemu"}, {"cputune": [{"vcpupin": [{"vcpu": 0, "cpuset": "1"}]}]}, REBOOT),
    ],
)
def test_a_guest_is_tuned_by_control_groups(before, change, expected):
    assert worst(before, change, TUNABLE) is expected


def test_a_guest_whose_memory_is_saved_and_that_stays_off_goes_on_first():
    assert worst({**WEB, "running": False}, {"machine": "q35"}, {**RUNNING, "managed_save": True}) is NEXT_BOOT


SLOTS = {**WEB, "memory": 1024, "max_memory": 4096, "memory_slots": 4}
PLUGGABLE = {**RUNNING, "memory_given": 1024, "most_memory": 4096, "free_slots": 1}


@pytest.mark.parametrize(
    ("memory", "facts", "expected", "reason"),
    [
        (512, PLUGGABLE, LIVE, "by the balloon"),
        (1024 + 256, PLUGGABLE, LIVE, "by a module of memory"),
        (1024 + 100, PLUGGABLE, REBOOT, "a running guest takes memory in pieces of 128 MiB"),
        (2048, {**PLUGGABLE, "free_slots": 0}, REBOOT, "no slot for memory is free"),
        (2048, {**PLUGGABLE, "most_memory": 1536}, REBOOT, "more than the 1536 MiB that the guest has slots for"),
        (2048, {**PLUGGABLE, "most_memory": None}, REBOOT, "more than the 1024 MiB that the guest was started with"),
    ],
)
def test_memory_grows_by_modules_where_there_are_slots(memory, facts, expected, reason):
    (edit,) = edits_of(SLOTS, {"memory": memory}, facts)
    assert (edit.effect.disruption, edit.effect.reason) == (expected, reason)


@pytest.mark.parametrize(
    ("waiting", "hot", "expected"),
    [
        (["video"], [], NONE),
        (["disk", "video"], ["disk"], LIVE),
        (["disk"], ["disk"], LIVE),
    ],
)
def test_what_may_wait_for_the_next_boot_is_no_reason_to_reboot(waiting, hot, expected):
    before = {**WEB, "on_reboot_needed": "next-boot", "pending": waiting}
    assert worst(before, {"pending": []}, {**RUNNING, "pending_hot": hot}) is expected
    assert worst({**before, "on_reboot_needed": "reboot"}, {"pending": []}, {**RUNNING, "pending_hot": []}) is REBOOT
