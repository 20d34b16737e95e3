"""Disks of a real guest: each argument is changed, and the change looked for in the definition and in the guest."""

import subprocess
from contextlib import contextmanager

import pytest
from guest import ask_guest, wait_for_guest
from lab_xml import network_xml
from waiting import wait_until

from kvmform.diagnostics import DiagnosticError
from kvmform.host import devices
from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.resources.domain.disk.places import DISK_PLACES
from kvmform.resources.pool.resource_type import POOL
from kvmform.resources.volume.resource_type import VOLUME
from kvmform.schema import Disruption
from kvmform.xml.document import Document
from kvmform.xml.rows import read_rows

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

LIVE, REBOOT, NONE = Disruption.LIVE, Disruption.REBOOT, Disruption.NONE
MIB = 2**20


@pytest.fixture(scope="module", autouse=True)
def network(lab_host, tmp_path_factory):
    host = open_host(lab_host.uri, tmp_path_factory.mktemp("network"))
    uuid = define_network(host, network_xml("disks", 76))
    start_network(host, uuid)
    yield
    stop_network(host, uuid)
    undefine_network(host, uuid)
    host.close()


@pytest.fixture
def image(tmp_path):
    """Makes images; one of another size each, so that it is seen which one a guest has."""
    made = 0

    def make(name, format_="qcow2", backing=None):
        nonlocal made
        made += 1
        path = tmp_path / name
        below = ["-b", backing, "-F", "qcow2"] if backing else []
        command = ["qemu-img", "create", "-q", "-f", format_, *below, path, f"{made}M"]
        subprocess.run(command, check=True)
        return str(path)

    return make


def without_system(*disks, **more):
    """A guest that runs, and that no operating system slows down; it is powered off at once."""
    rest = {"machine": "q35", "memory": 64, "shutdown_timeout": 0}
    return {"name": "disks-real", **rest, "disk": list(disks), **more}


def applied(bench, wanted, expected):
    """Apply a change, which is of this class and leaves nothing to do; the guest has what its definition says."""
    assert bench.change(wanted) is expected
    assert bench.changes(wanted) == ()
    assert bench.look().object == bench.state
    assert bench.state["pending"] == []
    return wanted


def disks(bench):
    """The places of each disk by its target, which are the same in the definition and in the running guest."""
    record = bench.host.inventory.domains.get(bench.state["id"])
    definition, live = (
        {
            element.find("target").get("dev"): read_rows(element, DISK_PLACES)
            for element in document.find_all("devices/disk")
        }
        for document in map(Document.parse, (record.xml, record.live_xml))
    )
    transient = {target for target, places in live.items() if places["transient"]}
    for target in transient:  # They work on an overlay, which libvirt makes and throws away.
        live[target] |= {name: definition[target][name] for name in ("file", "format")}
    for target, places in definition.items():
        if places["shareable"]:  # libvirt lets no cache come between guests.
            assert live[target].pop("cache") == "none"
            places.pop("cache")
    assert definition == live
    return live


def raw_domain(connection, bench):
    return connection.lookupByUUIDString(bench.state["id"])


@contextmanager
def looked_at(lab_host, bench):
    """The domain past kvmform."""
    connection = lab_host.connect()
    try:
        yield raw_domain(connection, bench)
    finally:
        connection.close()


OPENED = {
    "format": "qcow2",
    "cache": "none",
    "io": "native",
    "discard": "unmap",
    "detect_zeroes": "unmap",
    "error_policy": "stop",
    "rerror_policy": "report",
    "iothread": 1,
    "queues": 2,
    "queue_size": 256,
    "ioeventfd": True,
    "event_idx": False,
    "packed": True,
    "metadata_cache": MIB,
    "serial": "KVMFORM-1",
    "boot_order": 1,
    "logical_block_size": 512,
    "physical_block_size": 4096,
}
"""What is asked of one virtio disk, in libvirt's words."""


@pytest.mark.changes(
    *(f"libvirt_domain.disk.{name}" for name in OPENED),
    *(
        f"libvirt_domain.disk.{name}"
        for name in ("shareable", "readonly", "transient", "copy_on_read", "rotation_rate")
    ),
    *(f"libvirt_domain.disk.{name}" for name in ("vendor", "product")),
    *(f"libvirt_domain.disk.{name}" for name in ("removable", "wwn", "bus", "scsi", "device", "target")),
    "libvirt_domain.iothreads",
)
def test_how_a_disk_is_opened_and_seen_is_changed_by_a_boot(bench, image):
    plain = [
        {"file": image("opened.img")},
        {"file": image("shared.img", "raw")},
        {"file": image("read.qcow2")},
        {"file": image("transient.qcow2")},
        {"file": image("kept.qcow2", backing=image("base.qcow2"))},
        {"file": image("ssd.qcow2"), "bus": "scsi"},
        {"file": image("stick.qcow2"), "bus": "usb"},
        {"file": image("moved.qcow2")},
        {"file": image("flagged.qcow2"), "scsi": True},
        {"file": image("medium.img", "raw")},
        {"file": image("named.qcow2"), "target": "vdp"},
    ]
    changes = [
        OPENED,
        {"shareable": True},
        {"readonly": True},
        {"transient": True},
        {"copy_on_read": True},
        {"rotation_rate": 1, "wwn": "05abcd00000000ff", "vendor": "KVMFORM", "product": "Fast disk"},
        {"removable": True},
        {"bus": "sata"},
        {"scsi": False},
        {"device": "cdrom"},
        {"target": "vdq"},
    ]
    wanted = without_system(*plain)
    bench.make(wanted)
    before = disks(bench)
    changed = [disk | change for disk, change in zip(plain, changes, strict=True)]
    wanted = applied(bench, {**wanted, "iothreads": 1, "disk": changed}, REBOOT)
    found = disks(bench)
    for disk, change in zip(bench.state["disk"], changes, strict=True):
        places = found[disk["target"]]
        seen = {**places, "scsi": places["bus"] == "scsi"}
        assert {name: seen[name] for name in change} == change
    applied(bench, {**wanted, "disk": plain, "iothreads": None}, REBOOT)
    assert disks(bench).keys() == before.keys()
    assert disks(bench)["vda"] == before["vda"]


def test_what_is_only_written_out_costs_nothing(bench, image):
    wanted = without_system({"file": image("a.qcow2"), "scsi": True}, {"file": image("b.qcow2")})
    bench.make(wanted)
    written = [{"file": wanted["disk"][0]["file"], "bus": "scsi"}, {**wanted["disk"][1], "bus": "virtio"}]
    applied(bench, {**wanted, "disk": [{**disk, "device": "disk", "format": "qcow2"} for disk in written]}, NONE)


LIMITS = {
    "read_bytes_sec": 10 * MIB,
    "write_bytes_sec": 5 * MIB,
    "total_iops_sec": 200,
    "read_bytes_sec_max": 20 * MIB,
    "write_bytes_sec_max": 10 * MIB,
    "total_iops_sec_max": 400,
    "read_bytes_sec_max_length": 5,
    "write_bytes_sec_max_length": 5,
    "total_iops_sec_max_length": 5,
    "size_iops_sec": 4096,
    "group_name": "slow",
}
OTHER_LIMITS = {
    "total_bytes_sec": 8 * MIB,
    "read_iops_sec": 100,
    "write_iops_sec": 50,
    "total_bytes_sec_max": 16 * MIB,
    "read_iops_sec_max": 200,
    "write_iops_sec_max": 100,
    "total_bytes_sec_max_length": 2,
    "read_iops_sec_max_length": 3,
    "write_iops_sec_max_length": 4,
    "group_name": "slow",
}


@pytest.mark.changes(
    *(f"libvirt_domain.disk.iotune.{name}" for name in LIMITS | OTHER_LIMITS),
    "libvirt_domain.disk.iotune",
    "libvirt_domain.disk.snapshot",
    "libvirt_domain.disk.startup_policy",
)
def test_limits_and_policies_are_set_while_the_guest_runs(lab_host, bench, image):
    disk = {"file": image("a.qcow2")}
    wanted = without_system(disk)
    bench.make(wanted)
    for limits in (LIMITS, OTHER_LIMITS, {"total_bytes_sec": 0}):
        wanted = applied(bench, {**wanted, "disk": [{**disk, "iotune": [limits]}]}, LIVE)
        with looked_at(lab_host, bench) as domain:
            in_force = domain.blockIoTune("vda", 1)
        assert {name: value for name, value in in_force.items() if value and name != "group_name"} == {
            name: value for name, value in limits.items() if value and name != "group_name"
        }
        assert [one.get("group_name") for one in disks(bench)["vda"]["iotune"]] == (
            [limits["group_name"]] if "group_name" in limits else []
        )
    wanted = applied(bench, {**wanted, "disk": [disk]}, LIVE)
    policies = {"snapshot": "no", "startup_policy": "optional"}
    wanted = applied(bench, {**wanted, "disk": [{**disk, **policies}]}, LIVE)
    assert {name: disks(bench)["vda"][name] for name in policies} == policies
    applied(bench, wanted | {"disk": [disk]}, LIVE)
    assert {name: disks(bench)["vda"][name] for name in policies} == dict.fromkeys(policies)


@pytest.mark.changes("libvirt_domain.iothreads", "libvirt_domain.disk")
def test_a_running_guest_gets_threads_and_disks_that_have_them(lab_host, bench, image):
    root = {"file": image("a.qcow2")}
    wanted = without_system(root)
    bench.make(wanted)
    more = {"file": image("b.qcow2"), **OPENED, "iothread": 2, "iotune": [LIMITS]}
    del more["boot_order"]
    wanted = applied(bench, {**wanted, "iothreads": 2, "disk": [root, more]}, LIVE)
    assert disks(bench)["vdb"]["iothread"] == 2
    with looked_at(lab_host, bench) as domain:
        assert {thread[0] for thread in domain.ioThreadInfo(1)} == {1, 2}
    wanted = applied(bench, {**wanted, "iothreads": 3}, LIVE)
    applied(bench, {**wanted, "iothreads": 2}, LIVE)
    scsi = [{"file": image(f"s{number}.qcow2"), "scsi": True} for number in range(8)]
    applied(bench, {**wanted, "disk": [*wanted["disk"], *scsi]}, LIVE)
    record = bench.host.inventory.domains.get(bench.state["id"])
    models = [one.get("model") for one in Document.parse(record.live_xml).find_all("devices/controller[@type='scsi']")]
    assert models == ["virtio-scsi", "virtio-scsi"]
    assert disks(bench)["sdh"]["file"] == scsi[7]["file"]


def capacity(lab_host, bench, target="vda"):
    """MiB that the running guest finds on a disk, as QEMU tells."""
    with looked_at(lab_host, bench) as domain:
        return domain.blockInfo(target)[0] // MIB


@contextmanager
def served(lab_host, file, host):
    """An image behind a network block device, at a socket or a port."""
    place = [f"--socket={host['socket']}"] if "socket" in host else ["--bind=127.0.0.1", f"--port={host['port']}"]
    command = ["qemu-nbd", "--persistent", "--shared=4", "--format=qcow2", *place, "--export-name=x", file]
    server = subprocess.Popen([*lab_host.in_network(), *command])
    uri = f"nbd+unix:///x?socket={host['socket']}" if "socket" in host else f"nbd://127.0.0.1:{host['port']}/x"
    asking = [*lab_host.in_network(), "qemu-img", "info", uri]
    try:
        assert wait_until(lambda: subprocess.run(asking, capture_output=True, check=False).returncode == 0, 10)
        yield {"source": [{"protocol": "nbd", "name": "x", "host": [host]}]}
    finally:
        server.terminate()
        server.wait()


@contextmanager
def block_device(lab_host, file):
    """An image as a block device of the host."""
    device = lab_host.exec_(["losetup", "--find", "--show", file]).strip()
    try:
        yield {"block_device": device}
    finally:
        lab_host.exec_(["losetup", "--detach", device])


@pytest.mark.changes(
    *(f"libvirt_domain.disk.{name}" for name in ("volume_id", "file", "block_device", "source")),
    *(f"libvirt_domain.disk.source.{name}" for name in ("protocol", "name", "host")),
    *(f"libvirt_domain.disk.source.host.{name}" for name in ("transport", "socket", "name", "port")),
)
def test_the_disk_under_a_guest_is_exchanged_for_one_from_anywhere(lab_host, bench, image, tmp_path):
    pool = bench.create(POOL, {"name": "disks", "type": "dir", "path": f"{tmp_path}/pool"}, address="pool")
    volume = bench.create(VOLUME, {"name": "v.qcow2", "pool": "disks", "size": 77 * MIB}, address="volume")
    bench.recorded.clear()
    other, raw, *remote = image("file.qcow2"), image("device.img", "raw"), image("one.qcow2"), image("two.qcow2")
    hosts = [{"transport": "unix", "socket": str(tmp_path / "nbd")}, {"name": "127.0.0.1", "port": 10810}]
    wanted = without_system({"file": image("first.qcow2")})
    bench.make(wanted)
    first, second = (served(lab_host, file, host) for file, host in zip(remote, hosts, strict=True))
    with first as one, second as two, block_device(lab_host, raw) as device:
        sizes = []
        for source in ({"file": other}, {"volume_id": volume["id"]}, device, one, two):
            wanted = applied(bench, {**wanted, "disk": [source]}, REBOOT)
            sizes.append(capacity(lab_host, bench))
        assert sizes == [1, 77, 2, 3, 4]
        bench.remove()
    bench.state = {}
    bench.recorded.clear()
    bench.delete(VOLUME, volume, address="volume")
    bench.delete(POOL, pool, address="pool")


def test_a_source_that_qemu_has_no_driver_for_here_is_changed_in_the_definition(bench):
    auth = {"username": "me", "secret_type": "ceph", "secret_uuid": "2ec115d7-3a88-3ceb-bc12-0ac909a6fd87"}
    rbd = {"protocol": "rbd", "name": "pool/image", "host": [{"name": "mon", "port": 6789}], "auth": [auth]}
    iscsi = {"protocol": "iscsi", "name": "iqn.2013-07.com.example:lab/1", "host": [{"name": "store"}]}
    login = {"username": "you", "secret_type": "iscsi", "secret_usage": "lab"}
    wanted = without_system({"url": "http://example.com/a.qcow2"}, running=False)
    bench.make(wanted)
    for source in (
        {"url": "https://example.com:8443/b.qcow2?x=1"},
        {"source": [rbd]},
        {"source": [{**rbd, "host": [{"name": "mon", "port": 6790}, {"name": "mon2", "port": 6789}]}]},
        {"source": [{**rbd, "auth": [{**auth, "username": "other"}]}]},
        {"source": [{**iscsi, "auth": [login]}]},
        {"source": [iscsi]},
    ):
        wanted = applied(bench, {**wanted, "disk": [source]}, LIVE)
    record = bench.host.inventory.domains.get(bench.state["id"])
    assert Document.parse(record.xml).find("devices/disk/source").get("name") == iscsi["name"]
    assert Document.parse(record.xml).find("devices/disk/source/auth") is None


@pytest.mark.changes("libvirt_domain.disk", "libvirt_domain.disk.file")
def test_drives_and_media_come_and_go_while_the_guest_runs(lab_host, bench, guest_image, image, tmp_path):
    root = {"file": str(tmp_path / "root.qcow2")}
    clone = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", guest_image, root["file"]]
    subprocess.run(clone, check=True)
    media = [image("a.img", "raw"), image("b.img", "raw")]
    drive = {"device": "cdrom", "bus": "scsi", "file": media[0]}
    wanted = without_system(
        root,
        drive,
        memory=160,
        shutdown_timeout=60,
        console=[{"type": "pty", "target_port": "0", "target_type": "serial"}],
        network_interface=[{"network_name": "disks", "wait_for_lease": True}],
        timeouts=[{"create": "2m"}],
    )
    bench.make(wanted)
    address = bench.state["network_interface"][0]["addresses"][0]
    before = wait_for_guest(lab_host, address)

    def sees(**expected):
        """The guest's own view of disks: MiB by name."""
        wanted = {name: size * MIB for name, size in expected.items()}
        found = wait_until(lambda: ask_guest(lab_host, address).disks.items() >= wanted.items(), 20)
        assert found, ask_guest(lab_host, address).disks

    usb = {"file": image("usb.qcow2"), "bus": "usb", "removable": True}
    wanted = applied(bench, {**wanted, "disk": [root, drive, usb]}, LIVE)
    assert capacity(lab_host, bench, "sdb") == 3
    sees(sr0=1)
    wanted = applied(bench, {**wanted, "disk": [root, {**drive, "file": media[1]}, usb]}, LIVE)
    assert capacity(lab_host, bench, "sda") == 2
    wanted = applied(bench, {**wanted, "disk": [root, {**drive, "file": None}, usb]}, LIVE)
    assert disks(bench)["sda"]["file"] is None
    wanted = applied(bench, {**wanted, "disk": [root, {**drive, "file": media[1]}, usb]}, LIVE)
    assert disks(bench)["sda"]["file"] == media[1]
    wanted = applied(bench, {**wanted, "disk": [root, {**drive, "file": media[1]}]}, LIVE)
    assert disks(bench).keys() == {"vda", "sda"}
    applied(bench, {**wanted, "disk": [root]}, LIVE)
    assert wait_until(lambda: "sr0" not in ask_guest(lab_host, address).disks, 10)
    assert ask_guest(lab_host, address).boot_id == before.boot_id


def test_what_awaits_a_boot_is_pending_until_there_is_one(bench, image):
    disk = {"file": image("a.qcow2")}
    wanted = without_system(disk, on_reboot_needed="next-boot")
    bench.make(wanted)
    changed = {**disk, "cache": "unsafe", "iotune": [{"total_iops_sec": 100}]}
    assert bench.change({**wanted, "disk": [changed]}) is Disruption.NEXT_BOOT
    assert bench.state["pending"] == ["disk"]
    assert bench.changes({**wanted, "disk": [changed]}) == ()
    live = Document.parse(bench.host.inventory.domains.get(bench.state["id"]).live_xml)
    assert live.get("devices/disk/driver/@cache") is None
    assert live.get("devices/disk/iotune/total_iops_sec") == "100"
    applied(bench, {**wanted, "disk": [changed], "on_reboot_needed": "reboot"}, REBOOT)
    assert disks(bench)["vda"]["cache"] == "unsafe"


def test_an_image_that_is_not_there_is_left_out_where_that_is_said(bench, image, tmp_path):
    nowhere = str(tmp_path / "nowhere.img")
    left_out = {"file": nowhere, "startup_policy": "optional"}
    wanted = without_system({"file": image("a.qcow2")}, left_out, left_out | {"device": "cdrom", "file": nowhere + "2"})
    bench.make(wanted)
    assert bench.state["pending"] == []
    assert bench.changes(wanted) == ()
    applied(bench, {**wanted, "memory": 96}, REBOOT)


def test_a_disk_that_the_guest_does_not_give_back_stays_in_the_record(bench, image, monkeypatch):
    wanted = without_system({"file": image("a.qcow2")}, {"file": image("b.qcow2")})
    bench.make(wanted)
    patience = devices.detach_device

    def impatient(*words, **more):
        patience(*words, **more, timeout=1)

    monkeypatch.setattr("kvmform.resources.domain.running_guest.detach_device", impatient)
    with pytest.raises(DiagnosticError) as caught:
        bench.change({**wanted, "disk": wanted["disk"][:1]})
    assert "did not let go" in caught.value.diagnostics[0].detail
    assert bench.changes(wanted) == ()
    assert {"vda", "vdb"} <= disks(bench).keys()
    monkeypatch.undo()
    applied(bench, {**wanted, "disk": wanted["disk"][:1], "memory": 96}, REBOOT)
    assert disks(bench).keys() == {"vda"}
