"""The verbs against a real libvirtd and QEMU: what the test driver can't show."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from lab_xml import disk_xml, guest_xml, interface_xml, network_xml
from labhost import LabHost

from kvmform.host import Affect, Feature, Host, copy_progress, open_host
from kvmform.host.address_waiting import wait_for_addresses
from kvmform.host.addresses import Source, remember_leases
from kvmform.host.devices import (
    attach_device,
    detach_device,
    resize_block,
    set_max_memory,
    set_max_vcpus,
    set_memory,
    set_vcpus,
    update_device,
)
from kvmform.host.domains import define_domain, read_definition, undefine_domain
from kvmform.host.errors import (
    HostError,
    InvalidStateError,
    NameTakenError,
    NoSpaceError,
    NotEmptyError,
    StoppedError,
    TimedOutError,
    UnsupportedError,
)
from kvmform.host.networks import (
    NetworkSection,
    UpdateCommand,
    define_network,
    read_leases,
    start_network,
    stop_network,
    undefine_network,
    update_network,
)
from kvmform.host.operation import Kind, Operation
from kvmform.host.pools import build_pool, define_pool, delete_pool, start_pool, stop_pool, undefine_pool
from kvmform.host.power import power_off_domain, resume_domain, shut_down_domain, start_domain
from kvmform.host.records import PowerState
from kvmform.host.snapshots import create_snapshot, delete_snapshot, revert_to_snapshot
from kvmform.host.transfer import download_volume, upload_file, upload_stream
from kvmform.host.volumes import clone_volume, create_volume, delete_volume, resize_volume

pytestmark = pytest.mark.libvirt

MIB = 2**20
MAC = "52:54:00:4e:00:01"


@pytest.fixture
def host(lab_host: LabHost, tmp_path: Path) -> Iterator[Host]:
    opened = open_host(lab_host.uri, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def pool(host: Host, tmp_path: Path) -> Iterator[str]:
    """A storage pool in the test's directory."""
    uuid = make_pool(host, tmp_path.name, tmp_path / "pool")
    yield uuid
    for volume in host.inventory.volumes.of(uuid):
        delete_volume(host, volume.key, uuid)
    stop_pool(host, uuid)
    delete_pool(host, uuid)
    undefine_pool(host, uuid)


@pytest.fixture
def network(host: Host) -> Iterator[str]:
    """An active network with DHCP; its UUID."""
    uuid = define_network(host, network_xml("hostroom", 94))
    start_network(host, uuid)
    yield uuid
    stop_network(host, uuid)
    undefine_network(host, uuid)


@pytest.fixture
def domain(host: Host, pool: str, tmp_path: Path) -> Iterator[str]:
    """A domain with a qcow2 disk `vda` and nothing to boot, shut off; its UUID."""
    key = create_volume(host, pool, volume_xml("root", 16, "qcow2"))
    uuid = define_domain(host, guest_xml(tmp_path.name, "qemu", disk_xml(Path(key), "vda"), "<controller type='usb'/>"))
    yield uuid
    power_off_domain(host, uuid)
    undefine_domain(host, uuid)


def make_pool(host: Host, name: str, path: Path) -> str:
    uuid = define_pool(host, f"<pool type='dir'><name>{name}</name><target><path>{path}</path></target></pool>")
    build_pool(host, uuid)
    start_pool(host, uuid)
    return uuid


def volume_xml(name: str, mebibytes: int, kind: str = "raw") -> str:
    return (
        f"<volume><name>{name}</name><capacity unit='MiB'>{mebibytes}</capacity><allocation>0</allocation>"
        f"<target><format type='{kind}'/></target></volume>"
    )


def snapshot_xml(name: str) -> str:
    return f"<domainsnapshot><name>{name}</name></domainsnapshot>"


def capacity(host: Host, key: str) -> int:
    record = host.inventory.volumes.get(key)
    assert record is not None
    return int(fromstring(record.xml).findtext("capacity", ""))


def live_xml(host: Host, domain: str) -> str:
    record = host.inventory.domains.get(domain)
    assert record is not None
    return record.live_xml or ""


def test_a_real_host_tells_what_it_is(host: Host) -> None:
    assert host.kind == "qemu"
    assert not host.is_simulated
    assert host.can(Feature.UPLOAD)
    assert host.can(Feature.HOTPLUG)
    capabilities = host.capabilities
    guest = capabilities.guest(capabilities.arch, "qemu")
    assert guest is not None
    assert Path(guest.emulator).exists()
    assert capabilities.canonical_machine("x86_64", "qemu", "q35").startswith("pc-q35-")


def test_a_directory_with_foreign_files_is_not_removed(host: Host, tmp_path: Path) -> None:
    uuid = make_pool(host, tmp_path.name, tmp_path / "pool")
    (tmp_path / "pool" / "precious").write_text("not ours")
    stop_pool(host, uuid)
    with pytest.raises(NotEmptyError) as caught:
        delete_pool(host, uuid)
    assert "no file is deleted with a directory" in caught.value.diagnostics[0].detail
    (tmp_path / "pool" / "precious").unlink()
    delete_pool(host, uuid)
    assert not (tmp_path / "pool").exists()
    undefine_pool(host, uuid)


def test_a_pool_whose_directory_is_missing_says_so(host: Host, tmp_path: Path) -> None:
    uuid = define_pool(host, f"<pool type='dir'><name>x</name><target><path>{tmp_path}/none</path></target></pool>")
    with pytest.raises(HostError, match='Cannot start storage pool "x"') as caught:
        start_pool(host, uuid)
    assert "Check the path" in caught.value.diagnostics[0].detail
    undefine_pool(host, uuid)


@pytest.mark.parametrize("format_", ["raw", "qcow2"])
def test_a_volume_grows_and_shrinks_only_if_told(host: Host, pool: str, format_: str) -> None:
    key = create_volume(host, pool, volume_xml("v", 4, format_))
    resize_volume(host, key, 8 * MIB)
    assert capacity(host, key) == 8 * MIB
    with pytest.raises(HostError, match="Cannot resize storage volume"):
        resize_volume(host, key, 4 * MIB)
    if format_ == "raw":
        resize_volume(host, key, 4 * MIB, shrink=True)
        assert capacity(host, key) == 4 * MIB


def test_a_clone_has_the_content_and_the_capacity_that_was_asked_for(host: Host, pool: str, tmp_path: Path) -> None:
    content = os.urandom(MIB)
    source = create_volume(host, pool, volume_xml("source", 2))
    upload_stream(host, source, io.BytesIO(content), len(content))
    copy = clone_volume(host, pool, volume_xml("copy", 5), source, capacity=5 * MIB)
    assert capacity(host, copy) == 5 * MIB
    assert (tmp_path / "pool" / "copy").read_bytes() == content + bytes(4 * MIB)
    converted = clone_volume(host, pool, volume_xml("qcow2", 3, "qcow2"), source, capacity=3 * MIB)
    assert capacity(host, converted) == 3 * MIB


def test_it_is_told_how_far_a_copy_is_that_the_host_makes(
    host: Host, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_progress, "_PAUSE_SECONDS", 0.01)
    content = os.urandom(96 * MIB)
    source = create_volume(host, pool, volume_xml("source", 96))
    upload_stream(host, source, io.BytesIO(content), len(content))
    told: list[tuple[int, int]] = []
    clone_volume(host, pool, volume_xml("copy", 96, "qcow2"), source, progress=lambda *amounts: told.append(amounts))
    assert told == sorted(told)
    assert any(0 < done < total for done, total in told)
    assert all(96 * MIB <= total < 97 * MIB for _, total in told)


def test_an_upload_keeps_content_and_holes(host: Host, pool: str, tmp_path: Path) -> None:
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.write(os.urandom(3 * MIB + 1))
        file.seek(200 * MIB)
        file.write(os.urandom(MIB))
        file.truncate(300 * MIB)
    key = create_volume(host, pool, volume_xml("v", 300))
    told: list[int] = []
    upload_file(host, key, image, progress=lambda done, _total: told.append(done))
    assert told[-1] == 300 * MIB
    stored = tmp_path / "pool" / "v"
    assert stored.read_bytes() == image.read_bytes()
    assert stored.stat().st_blocks * 512 < 10 * MIB
    target = io.BytesIO()
    download_volume(host, key, target)
    assert target.getvalue() == image.read_bytes()


def test_an_image_in_a_raw_volume_is_recognised_at_once(host: Host, pool: str, tmp_path: Path) -> None:
    """libvirt itself looks later, or never while it copies another volume; a resize meanwhile would be a wrong one."""
    big = create_volume(host, pool, volume_xml("big", 512))
    upload_stream(host, big, io.BytesIO(bytes(512 * MIB)), 512 * MIB)
    image = tmp_path / "pool" / create_volume(host, pool, volume_xml("image", 4, "qcow2"))
    copying = threading.Thread(target=clone_volume, args=(host, pool, volume_xml("copy", 512), big))
    copying.start()
    for number in range(10):
        key = create_volume(host, pool, volume_xml(f"v{number}", 1))
        upload_file(host, key, image)
        resize_volume(host, key, 8 * MIB)
        record = host.inventory.volumes.get(key)
        assert record is not None
        assert "<format type='qcow2'/>" in record.xml
        assert capacity(host, key) == 8 * MIB
    copying.join()


def test_an_upload_that_is_stopped_leaves_the_connection_usable(host: Host, pool: str) -> None:
    key = create_volume(host, pool, volume_xml("v", 64))
    stop = threading.Event()
    with pytest.raises(StoppedError):
        upload_stream(
            host, key, io.BytesIO(os.urandom(64 * MIB)), 64 * MIB, progress=lambda _done, _total: stop.set(), stop=stop
        )
    upload_stream(host, key, io.BytesIO(b"again"), 5)


def test_a_full_disk_is_told_and_the_connection_lives_on(host: Host, lab_host: LabHost, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    lab_host.exec_(["mount", "-t", "tmpfs", "-o", "size=4M", "none", str(place)])
    uuid = make_pool(host, tmp_path.name, place)
    key = create_volume(host, uuid, volume_xml("v", 64))
    with pytest.raises(NoSpaceError, match="Cannot upload storage volume") as caught:
        upload_stream(host, key, io.BytesIO(os.urandom(16 * MIB)), 16 * MIB)
    assert "Make room" in caught.value.diagnostics[0].detail
    delete_volume(host, key, uuid)
    stop_pool(host, uuid)
    undefine_pool(host, uuid)
    lab_host.exec_(["umount", str(place)])


def test_a_network_changes_while_it_is_active(host: Host, network: str) -> None:
    entry = f"<host mac='{MAC}' ip='10.94.0.77'/>"
    update_network(host, network, UpdateCommand.ADD, NetworkSection.DHCP_HOST, entry, Affect.BOTH)
    record = host.inventory.networks.get(network)
    assert record is not None
    assert "10.94.0.77" in record.xml
    assert "10.94.0.77" in (record.live_xml or "")
    moved = f"<host mac='{MAC}' ip='10.94.0.78'/>"
    update_network(host, network, UpdateCommand.MODIFY, NetworkSection.DHCP_HOST, moved, Affect.BOTH)
    with pytest.raises(InvalidStateError):
        update_network(host, network, UpdateCommand.ADD, NetworkSection.DHCP_HOST, moved, Affect.BOTH)
    update_network(host, network, UpdateCommand.DELETE, NetworkSection.DHCP_HOST, moved, Affect.BOTH)
    assert read_leases(host, network) == ()


def test_addresses_in_use_are_told_when_a_network_starts(host: Host, network: str) -> None:
    assert network
    other = define_network(host, network_xml("hostroom2", 94))
    with pytest.raises(NameTakenError) as caught:
        start_network(host, other)
    assert "another range" in caught.value.diagnostics[0].detail
    undefine_network(host, other)


def test_a_domain_starts_paused_and_is_powered_off(host: Host, domain: str) -> None:
    start_domain(host, domain, paused=True)
    record = host.inventory.domains.get(domain)
    assert record is not None
    assert record.state is PowerState.PAUSED
    start_domain(host, domain)
    resume_domain(host, domain)
    resume_domain(host, domain)
    assert host.inventory.domains.named(record.name).state is PowerState.RUNNING
    power_off_domain(host, domain)
    power_off_domain(host, domain)
    assert host.inventory.domains.get(domain).state is PowerState.SHUT_OFF


def test_power_off_is_noticed_by_its_event(host: Host, domain: str) -> None:
    start_domain(host, domain, paused=True)
    threading.Timer(0.3, power_off_domain, [host, domain]).start()
    with host.bell(domain) as bell:
        started = time.monotonic()
        bell.wait(20)
        assert time.monotonic() - started < 5
    assert shut_down_domain(host, domain, timeout=10)


def test_a_guest_without_an_operating_system_does_not_shut_down(host: Host, domain: str) -> None:
    start_domain(host, domain)
    assert not shut_down_domain(host, domain, timeout=1)


def test_a_disk_is_attached_and_detached(host: Host, pool: str, domain: str) -> None:
    """On the USB bus, since a device there goes without the guest's consent."""
    disk = disk_xml(Path(create_volume(host, pool, volume_xml("data", 4))), "sda", "usb", format_="raw")
    start_domain(host, domain, paused=True)
    attach_device(host, domain, disk, Affect.BOTH)
    assert "<target dev='sda' bus='usb'/>" in live_xml(host, domain)
    assert "<target dev='sda' bus='usb'/>" in read_definition(host, domain)
    with pytest.raises(InvalidStateError, match="Cannot attach a device to domain"):
        attach_device(host, domain, disk, Affect.BOTH)
    detach_device(host, domain, disk, Affect.BOTH, timeout=10)
    assert "sda" not in live_xml(host, domain)
    assert "sda" not in read_definition(host, domain)
    detach_device(host, domain, disk, Affect.BOTH, timeout=10)


def test_a_device_that_the_guest_keeps_is_told(host: Host, pool: str, domain: str) -> None:
    disk = disk_xml(Path(create_volume(host, pool, volume_xml("data", 4))), "vdb", format_="raw")
    start_domain(host, domain, paused=True)
    attach_device(host, domain, disk, Affect.LIVE)
    with pytest.raises(TimedOutError, match="Cannot detach a device from domain") as caught:
        detach_device(host, domain, disk, Affect.LIVE, timeout=0.5)
    assert "did not let go of it" in caught.value.diagnostics[0].detail


def test_a_bus_that_takes_no_devices_live_is_told(host: Host, pool: str, domain: str) -> None:
    disk = disk_xml(Path(create_volume(host, pool, volume_xml("data", 4))), "sdb", "sata", format_="raw")
    start_domain(host, domain, paused=True)
    with pytest.raises(UnsupportedError):
        attach_device(host, domain, disk, Affect.LIVE)


def test_a_nic_is_unplugged_and_plugged_in(host: Host, network: str, domain: str) -> None:
    assert network
    nic = interface_xml("hostroom", MAC)
    attach_device(host, domain, nic, Affect.CONFIG)
    start_domain(host, domain, paused=True)
    update_device(host, domain, nic.replace("<rom", "<link state='down'/><rom"), Affect.BOTH)
    assert "<link state='down'/>" in live_xml(host, domain)
    detach_device(host, domain, nic, Affect.CONFIG)
    assert MAC not in read_definition(host, domain)


def test_a_disk_grows_under_a_running_guest(host: Host, pool: str, domain: str) -> None:
    start_domain(host, domain, paused=True)
    resize_block(host, domain, "vda", 32 * MIB)
    host.inventory.volumes.forget_pool(pool)
    record = host.inventory.volumes.named(pool, "root")
    assert record is not None
    power_off_domain(host, domain)
    host.inventory.volumes.forget_pool(pool)
    assert capacity(host, record.key) == 32 * MIB


def test_memory_and_processors_change(host: Host, domain: str) -> None:
    set_max_memory(host, domain, 256 * 1024)
    set_memory(host, domain, 192 * 1024, Affect.CONFIG)
    set_max_vcpus(host, domain, 4)
    set_vcpus(host, domain, 2, Affect.CONFIG)
    start_domain(host, domain, paused=True)
    set_vcpus(host, domain, 3, Affect.LIVE)
    assert "current='3'>4</vcpu>" in live_xml(host, domain)
    assert "current='2'>4</vcpu>" in read_definition(host, domain)
    set_memory(host, domain, 128 * 1024, Affect.LIVE)
    with pytest.raises(HostError, match="Cannot set the memory of domain"):
        set_memory(host, domain, 512 * 1024, Affect.LIVE)


def test_snapshots_are_made_reverted_to_and_deleted(host: Host, domain: str) -> None:
    create_snapshot(host, domain, snapshot_xml("off"))
    start_domain(host, domain, paused=True)
    create_snapshot(host, domain, snapshot_xml("on"))
    assert {(one.name, one.parent, one.current) for one in host.inventory.snapshots.of(domain)} == {
        ("off", None, False),
        ("on", "off", True),
    }
    revert_to_snapshot(host, domain, "off")
    assert host.inventory.domains.get(domain).state is PowerState.SHUT_OFF
    revert_to_snapshot(host, domain, "on", state=PowerState.RUNNING)
    assert host.inventory.domains.get(domain).state is PowerState.RUNNING
    delete_snapshot(host, domain, "off")
    delete_snapshot(host, domain, "off")
    assert [(one.name, one.parent) for one in host.inventory.snapshots.of(domain)] == [("on", None)]


def test_a_branched_tree_of_snapshots_is_deleted_without_harm(host: Host, domain: str) -> None:
    """libvirtd 9.0 crashes when it is asked to do this itself."""
    for name in ("a", "b", "c"):
        create_snapshot(host, domain, snapshot_xml(name))
    revert_to_snapshot(host, domain, "a")
    for name in ("d", "e"):
        create_snapshot(host, domain, snapshot_xml(name))
    delete_snapshot(host, domain, "a", with_children=True)
    assert host.inventory.snapshots.of(domain) == ()


def test_a_raw_disk_takes_no_internal_snapshot(host: Host, pool: str, domain: str) -> None:
    raw = disk_xml(Path(create_volume(host, pool, volume_xml("raw", 4))), "vdb", format_="raw")
    attach_device(host, domain, raw, Affect.CONFIG)
    start_domain(host, domain, paused=True)
    with pytest.raises(UnsupportedError) as caught:
        create_snapshot(host, domain, snapshot_xml("a"))
    assert "Convert the volume to qcow2" in caught.value.diagnostics[0].detail


def test_a_domain_is_undefined_with_its_snapshots(host: Host, domain: str) -> None:
    create_snapshot(host, domain, snapshot_xml("a"))
    undefine_domain(host, domain)
    undefine_domain(host, domain)
    assert host.inventory.domains.get(domain) is None


def test_reading_goes_on_after_the_daemon_crashed(fresh_lab_host: LabHost, tmp_path: Path) -> None:
    host = open_host(fresh_lab_host.uri, tmp_path)
    uuid = define_network(host, network_xml("survivor", 95))
    with host.bell(uuid):
        fresh_lab_host.crash()
    host.inventory.networks.forget_all()
    assert host.inventory.networks.get(uuid) is not None
    # The other direction: what is written after a crash goes over a new connection, too.
    fresh_lab_host.crash()
    undefine_network(host, uuid)
    assert host.inventory.networks.named("survivor") is None
    host.close()


def test_long_calls_of_many_threads_share_several_connections(host: Host, lab_host: LabHost, domain: str) -> None:
    start_domain(host, domain, paused=True)
    pause = Operation("wait on", Kind.HOST)
    threads = [
        threading.Thread(target=host.write, args=(pause, lambda connection: connection.raw.getLibVersion() and nap()))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lab_host.uri == host.uri
    assert len(host._connections._connections) == 3


def nap() -> None:
    time.sleep(0.2)


@pytest.mark.guest
def test_a_guest_gets_an_address_and_a_former_lease_does_not_count(
    host: Host, pool: str, network: str, guest_image: Path, domain_type: str, tmp_path: Path
) -> None:
    key = create_volume(host, pool, volume_xml("guest", 1, "qcow2"))
    upload_file(host, key, guest_image)
    name = f"{tmp_path.name}-guest"
    uuid = define_domain(host, guest_xml(name, domain_type, disk_xml(Path(key), "vda"), interface_xml("hostroom", MAC)))
    try:
        start_domain(host, uuid)
        first = wait_for_addresses(host, uuid, [MAC], timeout=60)
        assert first[MAC][0].address.startswith("10.94.0.")
        assert first[MAC][0].source in Source
        assert shut_down_domain(host, uuid, timeout=60)

        before = remember_leases(host, uuid)
        assert {lease.mac for lease in before} == {MAC}
        start_domain(host, uuid, paused=True)
        with pytest.raises(TimedOutError) as caught:
            wait_for_addresses(host, uuid, [MAC], timeout=0.5, before=before)
        assert "has only leases from before it was started" in caught.value.diagnostics[0].detail
        resume_domain(host, uuid)
        again = wait_for_addresses(host, uuid, [MAC], timeout=60, before=before)
        assert again[MAC]
        assert read_leases(host, network, MAC)

        disk = disk_xml(Path(create_volume(host, pool, volume_xml("data", 4))), "vdb", format_="raw")
        attach_device(host, uuid, disk, Affect.LIVE)
        detach_device(host, uuid, disk, Affect.LIVE, timeout=30)
        assert "vdb" not in live_xml(host, uuid)
    finally:
        power_off_domain(host, uuid)
        undefine_domain(host, uuid)


def test_domain_capabilities_tell_what_each_kind_of_domain_can_have(host: Host) -> None:
    q35, pc = (host.domain_capabilities("x86_64", machine, "qemu") for machine in ("q35", "pc"))
    assert q35 is not None
    assert pc is not None
    assert q35.offers("disk/bus", "sata")
    assert not q35.offers("disk/bus", "ide")
    assert pc.offers("disk/bus", "ide")
    assert q35.max_vcpus > 1
    assert "custom" in q35.cpu_modes
    assert q35.offers("no/such enumeration", "anything")
    assert host.domain_capabilities("x86_64", "no-such-machine", "qemu") is None
    assert host.domain_capabilities("x86_64", "q35", "qemu") is q35
