"""What is refused of `disk` blocks whatever the host is, because libvirt or QEMU would refuse it."""

import pytest
from type_bench import complete

from kvmform.resources.domain.disk.controllers import scsi_controllers
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.values.model import UNKNOWN


def refused(*disks, **domain):
    written = complete(DOMAIN, {"name": "web", "disk": list(disks), **domain})
    return [problem.path for rule in DOMAIN.schema.rules for problem in rule(written)]


FILE = {"file": "/v/a.img"}
SOUND = [
    {"cache": "none", "io": "native"},
    {"cache": "directsync", "io": "native"},
    {"bus": "scsi", "scsi": True, "wwn": "05abcd0123456789", "rotation_rate": 1},
    {"bus": "usb", "removable": False, "readonly": True},
    {"device": "floppy", "bus": "fdc"},
    {"device": "cdrom", "bus": "scsi", "startup_policy": "requisite"},
    {"logical_block_size": 512, "physical_block_size": 4096},
    {"serial": "A-1_b.c d+e"},
    {"queue_size": 1024, "ioeventfd": False, "event_idx": True, "packed": False, "metadata_cache": 65536},
    {"scsi": True, "vendor": "KVM form", "product": "sixteen long ..."},
    {"iotune": [{"total_bytes_sec": 100, "total_bytes_sec_max": 100, "total_bytes_sec_max_length": 2}]},
    {"iotune": [{"read_bytes_sec": UNKNOWN, "read_bytes_sec_max": 5}]},
    {"bus": UNKNOWN, "queues": 4, "device": UNKNOWN, "cache": UNKNOWN, "io": "native"},
]


@pytest.mark.parametrize("disk", SOUND, ids=str)
def test_what_goes_together_is_taken(disk):
    assert refused(FILE | disk) == []


UNSOUND = {
    "cache": {"cache": "some"},
    "io": {"io": "native"},
    "bus": {"bus": "nvme"},
    "device": {"device": "tape"},
    "format": {"format": "QCOW 2"},
    "target": {"target": "xvda"},
    "wwn": {"bus": "scsi", "wwn": "05abcd"},
    "serial": {"serial": "a,b"},
    "rotation_rate": {"rotation_rate": 7200},
    "removable": {"removable": True},
    "queues": {"bus": "sata", "queues": 2},
    "queue_size": {"queue_size": 1000},
    "ioeventfd": {"bus": "sata", "ioeventfd": True},
    "event_idx": {"scsi": True, "event_idx": True},
    "packed": {"bus": "usb", "packed": True},
    "metadata_cache": {"metadata_cache": 0},
    "vendor": {"bus": "sata", "vendor": "KVMFORM"},
    "product": {"scsi": True, "product": "longer than sixteen"},
    "iothread": {"bus": "scsi", "iothread": 1},
    "scsi": {"bus": "virtio", "scsi": True},
    "readonly": {"bus": "sata", "readonly": True},
    "copy_on_read": {"readonly": True, "copy_on_read": True},
    "logical_block_size": {"logical_block_size": 4096, "physical_block_size": 512},
    "physical_block_size": {"physical_block_size": 1000},
    "startup_policy": {"startup_policy": "requisite"},
    "transient": {"transient": True, "shareable": True},
    "boot_order": {"boot_order": 0},
}


@pytest.mark.parametrize("name", UNSOUND)
def test_what_does_not_is_refused_where_it_is_written(name):
    assert refused(FILE | UNSOUND[name], iothreads=1) == [("disk", 0, name)]


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        ({"total_bytes_sec": 1, "read_bytes_sec": 1}, "read_bytes_sec"),
        ({"read_bytes_sec": 10, "read_bytes_sec_max": 9}, "read_bytes_sec_max"),
        ({"read_bytes_sec_max": 9}, "read_bytes_sec_max"),
        ({"read_iops_sec": 9, "read_iops_sec_max_length": 3}, "read_iops_sec_max_length"),
        ({"total_bytes_sec": 9, "size_iops_sec": 4096}, "size_iops_sec"),
        ({"total_bytes_sec": -1}, "total_bytes_sec"),
        ({"total_bytes_sec": 1.5}, "total_bytes_sec"),
    ],
)
def test_limits_that_contradict_each_other(limits, name):
    assert refused(FILE | {"iotune": [limits]}) == [("disk", 0, "iotune", 0, name)]


def test_wrong_source_of_one_kind():
    assert refused({"volume_id": "/v/a", "format": "raw"}) == [("disk", 0, "format")]
    assert refused({"source": [{"protocol": "smb"}]}) == [("disk", 0, "source", 0, "protocol")]
    assert refused({"device": "lun", **FILE}) == [("disk", 0, "device")]
    assert refused({"device": "lun", "block_device": "/dev/sdx"}) == []


def test_names_and_places_in_the_order_are_one_disks():
    assert refused(FILE | {"target": "vdb"}, {"file": "/v/b", "target": "vdb"}) == [("disk", 1, "target")]
    both = [FILE | {"boot_order": 1}, {"file": "/v/b", "boot_order": 1}]
    assert refused(*both) == [("disk", 1, "boot_order")]
    assert refused(both[0], boot_device=[{"dev": ["hd"]}]) == [("boot_device",)]


@pytest.mark.parametrize(("threads", "problems"), [(None, 1), (1, 1), (2, 0), (UNKNOWN, 0)])
def test_a_thread_must_be_one_of_the_domain(threads, problems):
    assert len(refused(FILE | {"iothread": 2}, iothreads=threads)) == problems


@pytest.mark.parametrize(
    ("target", "count"), [("sda", 1), ("sdg", 1), ("sdh", 2), ("sdz", 4), ("sdaa", 4), ("sdac", 5)]
)
def test_every_seven_scsi_disks_have_a_controller(target, count):
    assert scsi_controllers([{"bus": "scsi", "target": target}, {"bus": "virtio", "target": "vdzz"}]) == count
