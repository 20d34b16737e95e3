"""Disks, from what a user writes to the places of libvirt's element."""

import pytest

from kvmform.host.records import VolumeRecord
from kvmform.resources.domain.boot.seeds import ignition_places, seed_places
from kvmform.resources.domain.disk.drive import assign_targets, bus_of
from kvmform.resources.domain.disk.places import disk_places
from kvmform.values.model import UNKNOWN


def places(disk, machine="q35", **more):
    found = disk_places({"target": "vda", **disk}, machine, **{"volume": None, **more})
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize(
    ("disk", "machine", "bus"),
    [
        ({"volume_id": "/v/a.qcow2"}, "pc", "virtio"),
        ({"volume_id": UNKNOWN}, UNKNOWN, "virtio"),
        ({"volume_id": "/v/a.qcow2", "scsi": True}, "pc", "scsi"),
        ({"file": "/v/a.iso"}, None, "ide"),
        ({"file": "/v/a.iso"}, UNKNOWN, "ide"),
        ({"file": "/v/a.iso"}, "pc-i440fx-7.2", "ide"),
        ({"file": "/v/a.iso"}, "pc-q35-7.2", "sata"),
        ({"file": "/v/a.iso"}, "virt", "scsi"),
        ({"url": "http://h/a.iso"}, "q35", "sata"),
        ({"file": UNKNOWN}, "q35", "virtio"),
    ],
)
def test_bus_is_chosen_by_machine_and_medium(disk, machine, bus):
    assert bus_of(disk, machine) == bus


def test_targets_go_on_after_z():
    disks = assign_targets([{} for _ in range(28)], "pc", ["vdb"])
    assert [disks[i]["target"] for i in (0, 1, 24, 25, 27)] == ["vda", "vdc", "vdz", "vdaa", "vdac"]


def test_a_target_that_does_not_fit_the_bus_any_more_is_replaced():
    assert assign_targets([{"target": "vda", "scsi": True}], "pc", [])[0]["target"] == "sda"


def volume(kind, format_="qcow2", key="/v/a.qcow2", path="/v/a.qcow2"):
    xml = f"<volume type='{kind}'><target><format type='{format_}'/></target></volume>"
    return VolumeRecord(key, "a", path, "pool-uuid", xml)


@pytest.mark.parametrize(
    ("disk", "more", "expected"),
    [
        (
            {"volume_id": "/v/a.qcow2"},
            {"volume": volume("file")},
            {"type": "file", "file": "/v/a.qcow2", "format": "qcow2"},
        ),
        ({"volume_id": "/v/a.img"}, {}, {"type": "file", "file": "/v/a.img", "format": "raw"}),
        (
            {"volume_id": "lvm-key"},
            {"volume": volume("block", key="lvm-key", path="/dev/vg/a")},
            {"type": "block", "block": "/dev/vg/a", "format": "raw"},
        ),
        (
            {"volume_id": "rbd/a"},
            {"volume": volume("network", "raw", "rbd/a"), "pool": "ceph"},
            {"type": "volume", "pool": "ceph", "volume": "a", "format": "raw"},
        ),
        ({"file": "/x/b.qcow2"}, {}, {"type": "file", "file": "/x/b.qcow2", "format": "qcow2"}),
        ({"block_device": "/dev/sdb"}, {}, {"type": "block", "block": "/dev/sdb", "format": "raw"}),
        (
            {"url": "https://example.com/a/b.qcow2?token=1"},
            {},
            {
                "type": "network",
                "protocol": "https",
                "hosts": [{"name": "example.com", "port": 443, "transport": None, "socket": None}],
                "path": "/a/b.qcow2",
                "query": "token=1",
                "format": "qcow2",
            },
        ),
    ],
)
def test_source_of_a_disk(disk, more, expected):
    assert places(disk, **more) == {"device": "disk", "bus": "virtio", "target": "vda", **expected}


def test_a_cd_rom_is_read_only():
    found = places({"file": "/a.iso"}, "pc")
    assert (found["device"], found["readonly"], found["bus"]) == ("cdrom", True, "ide")


@pytest.mark.parametrize(
    ("machine", "device", "bus", "target"),
    [
        ("pc", "cdrom", "ide", "hdd"),
        ("pc-i440fx-7.2", "cdrom", "ide", "hdd"),
        ("q35", "disk", "virtio", "vdz"),
        ("virt", "disk", "virtio", "vdz"),
        ("s390-ccw-virtio", "disk", "virtio", "vdz"),
    ],
)
def test_a_seed_is_where_the_guest_can_see_it(machine, device, bus, target):
    found = seed_places("/seed.iso", machine)
    assert (found["device"], found["bus"], found["target"]) == (device, bus, target)
    assert (found["serial"], found["readonly"], found["format"]) == ("cloudinit", True, "raw")


def test_ignition_without_firmware_configuration_is_a_disk():
    assert ignition_places("/i.ign")["serial"] == "ignition"
