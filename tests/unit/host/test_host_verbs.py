"""The verbs on pools, volumes, networks, and domains: what they do, and that doing it twice is no harm."""

from __future__ import annotations

import threading
import time

import pytest

from kvmform.host import Affect, Feature, Host
from kvmform.host.capabilities import read_capabilities
from kvmform.host.devices import attach_device, set_max_memory, set_max_vcpus, set_memory, set_vcpus
from kvmform.host.domains import (
    define_domain,
    read_definition,
    remove_managed_save,
    rename_domain,
    set_domain_autostart,
    set_domain_metadata,
    undefine_domain,
)
from kvmform.host.errors import (
    HostError,
    InvalidStateError,
    NameTakenError,
    NotFoundError,
    StoppedError,
    UnsupportedError,
)
from kvmform.host.networks import (
    NetworkSection,
    UpdateCommand,
    define_network,
    read_leases,
    set_network_autostart,
    start_network,
    stop_network,
    undefine_network,
    update_network,
)
from kvmform.host.node import list_node_devices, read_node_device
from kvmform.host.operation import Kind, Operation
from kvmform.host.pools import (
    build_pool,
    define_pool,
    delete_pool,
    refresh_pool,
    set_pool_autostart,
    start_pool,
    stop_pool,
    undefine_pool,
)
from kvmform.host.power import (
    power_off_domain,
    resume_domain,
    shut_down_domain,
    start_domain,
    suspend_domain,
)
from kvmform.host.records import DomainRecord, PowerState
from kvmform.host.snapshots import create_snapshot, delete_snapshot, revert_to_snapshot
from kvmform.host.volumes import clone_volume, create_volume, delete_volume, resize_volume

NOBODY = "11111111-2222-3333-4444-555555555555"


def read_domain(host: Host, uuid: str) -> DomainRecord:
    record = host.inventory.domains.get(uuid)
    assert record is not None
    return record


def volume_xml(name: str, capacity: int = 4096) -> str:
    return f"<volume><name>{name}</name><capacity>{capacity}</capacity></volume>"


def snapshot_xml(name: str) -> str:
    return f"<domainsnapshot><name>{name}</name></domainsnapshot>"


def test_a_pool_lives_and_dies(host: Host) -> None:
    uuid = define_pool(host, "<pool type='dir'><name>p</name><target><path>/p</path></target></pool>")
    build_pool(host, uuid)
    start_pool(host, uuid)
    set_pool_autostart(host, uuid, True)
    refresh_pool(host, uuid)
    record = host.inventory.pools.get(uuid)
    assert record is not None
    assert record.active
    assert record.autostart
    stop_pool(host, uuid)
    delete_pool(host, uuid)
    undefine_pool(host, uuid)
    assert host.inventory.pools.get(uuid) is None


def test_what_is_so_already_is_left(host: Host, pool: str, network: str, domain: str) -> None:
    start_pool(host, pool)
    start_network(host, network)
    start_domain(host, domain)
    start_domain(host, domain)
    resume_domain(host, domain)
    power_off_domain(host, domain)
    power_off_domain(host, domain)
    stop_network(host, network)
    stop_network(host, network)
    stop_pool(host, pool)
    stop_pool(host, pool)
    assert not any(shelf.all()[0].active for shelf in (host.inventory.pools, host.inventory.networks))
    assert read_domain(host, domain).state is PowerState.SHUT_OFF


def test_what_is_gone_already_is_deleted_without_complaint(host: Host) -> None:
    for verb in (stop_pool, delete_pool, undefine_pool, stop_network, undefine_network):
        verb(host, NOBODY)
    power_off_domain(host, NOBODY)
    undefine_domain(host, NOBODY)
    delete_snapshot(host, NOBODY, "a")
    delete_volume(host, "/none")
    delete_volume(host, "/none", NOBODY)
    assert shut_down_domain(host, NOBODY, timeout=1)


@pytest.mark.parametrize("verb", [start_pool, build_pool, refresh_pool, start_network, start_domain, suspend_domain])
def test_what_is_gone_can_not_be_used(host: Host, verb: object) -> None:
    with pytest.raises(NotFoundError):
        verb(host, NOBODY)


def test_a_directory_is_only_removed_of_pools_that_are_directories(host: Host) -> None:
    """Deleting a logical pool would remove its volume group, with all that is in it."""
    uuid = define_pool(
        host,
        "<pool type='logical'><name>vg</name><source><device path='/dev/none'/><name>vg</name></source>"
        "<target><path>/dev/vg</path></target></pool>",
    )
    start_pool(host, uuid)
    delete_pool(host, uuid)  # libvirt would refuse it for an active pool
    assert host.inventory.pools.get(uuid) is not None


def test_a_name_that_is_taken_says_so(host: Host, pool: str, network: str, domain: str) -> None:
    assert pool
    assert network
    create_volume(host, pool, volume_xml("v"))
    with pytest.raises(NameTakenError, match='Cannot define storage pool "images"'):
        define_pool(
            host, f"<pool type='dir'><name>images</name><uuid>{NOBODY}</uuid><target><path>/o</path></target></pool>"
        )
    with pytest.raises(NameTakenError, match='Cannot define network "lab"'):
        define_network(host, f"<network><name>lab</name><uuid>{NOBODY}</uuid></network>")
    with pytest.raises(NameTakenError, match='Cannot define domain "web"'):
        define_domain(host, read_definition(host, domain).replace(domain, NOBODY))
    with pytest.raises(NameTakenError, match='Cannot create storage volume "v"'):
        create_volume(host, pool, volume_xml("v"))


def test_a_malformed_definition_is_an_error_of_its_own(host: Host) -> None:
    with pytest.raises(HostError, match="Cannot define domain"):
        define_domain(host, "<domain")


def test_a_volume_is_cloned_with_its_capacity(host: Host, pool: str) -> None:
    source = create_volume(host, pool, volume_xml("base", 8192))
    copy = clone_volume(host, pool, volume_xml("copy", 8192), source, capacity=8192)
    record = host.inventory.volumes.get(copy)
    assert record is not None
    assert "<capacity unit='bytes'>8192</capacity>" in record.xml


def test_a_volume_of_an_inactive_pool_is_not_taken_for_gone(host: Host, pool: str) -> None:
    key = create_volume(host, pool, volume_xml("v"))
    stop_pool(host, pool)
    with pytest.raises(InvalidStateError, match="Cannot delete storage volume"):
        delete_volume(host, key, pool)
    start_pool(host, pool)
    delete_volume(host, key, pool)
    delete_volume(host, key, pool)
    assert host.inventory.volumes.of(pool) == ()


@pytest.mark.parametrize("feature", list(Feature))
def test_a_simulated_host_owns_up_to_what_it_can_not_do(host: Host, feature: Feature) -> None:
    assert not host.can(feature)


def test_what_the_hypervisor_lacks_is_told(host: Host, pool: str, network: str, domain: str) -> None:
    key = create_volume(host, pool, volume_xml("v"))
    with pytest.raises(UnsupportedError):
        resize_volume(host, key, 8192)
    with pytest.raises(UnsupportedError):
        read_leases(host, network)
    with pytest.raises(UnsupportedError):
        attach_device(host, domain, "<disk/>", Affect.CONFIG)


def test_a_network_changes_without_stopping(host: Host, network: str) -> None:
    entry = "<host mac='52:54:00:00:00:0a' ip='10.17.3.20'/>"
    update_network(host, network, UpdateCommand.ADD, NetworkSection.DHCP_HOST, entry, Affect.LIVE)
    record = host.inventory.networks.get(network)
    assert record is not None
    assert "10.17.3.20" in (record.live_xml or "")
    with pytest.raises(InvalidStateError):
        update_network(host, network, UpdateCommand.ADD, NetworkSection.DHCP_HOST, entry, Affect.LIVE)
    update_network(host, network, UpdateCommand.DELETE, NetworkSection.DHCP_HOST, entry, Affect.LIVE)
    record = host.inventory.networks.get(network)
    assert record is not None
    assert "10.17.3.20" not in (record.live_xml or "")


def test_a_network_starts_with_the_host_if_told(host: Host, network: str) -> None:
    set_network_autostart(host, network, True)
    record = host.inventory.networks.get(network)
    assert record is not None
    assert record.autostart


def test_a_domain_starts_paused_and_goes_on(host: Host, domain: str) -> None:
    start_domain(host, domain, paused=True)
    assert read_domain(host, domain).state is PowerState.PAUSED
    resume_domain(host, domain)
    assert read_domain(host, domain).state is PowerState.RUNNING


def test_a_domain_shuts_down_when_asked(host: Host, domain: str) -> None:
    start_domain(host, domain)
    assert shut_down_domain(host, domain, timeout=5)
    assert read_domain(host, domain).state is PowerState.SHUT_OFF


def test_a_guest_that_ignores_the_button_is_reported(host: Host, domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start_domain(host, domain)
    asked = deafen(host, monkeypatch)
    started = time.monotonic()
    assert not shut_down_domain(host, domain, timeout=0.5)
    assert 0.4 < time.monotonic() - started < 3
    assert len(asked) == 1


def test_the_button_is_pressed_again_while_the_guest_runs(
    host: Host, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest that boots drops the request without a word."""
    monkeypatch.setattr("kvmform.host.power._REPEAT_SECONDS", 0.05)
    start_domain(host, domain)
    asked = deafen(host, monkeypatch)
    assert not shut_down_domain(host, domain, timeout=1.0)
    assert len(asked) > 2


def test_waiting_for_a_shutdown_can_be_stopped(host: Host, domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start_domain(host, domain)
    deafen(host, monkeypatch)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(StoppedError):
        shut_down_domain(host, domain, timeout=30, stop=stop)


def deafen(host: Host, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let guests not hear a request to shut down; returns the list of requests."""
    asked: list[str] = []
    write = host.write

    def write_but_shutdown(operation: Operation, call: object) -> object:
        if operation.verb == "shut down":
            asked.append(operation.id)
            return None
        return write(operation, call)

    monkeypatch.setattr(host, "write", write_but_shutdown)
    return asked


def test_a_domain_is_undefined_with_snapshots_and_saved_memory(host: Host, domain: str) -> None:
    """The driver here knows no NVRAM or checkpoint flags; it is asked without them then."""
    start_domain(host, domain)
    create_snapshot(host, domain, snapshot_xml("a"))
    host.write(Operation("save", Kind.DOMAIN, domain), lambda connection: connection.domain(domain).managedSave(0))
    record = read_domain(host, domain)
    assert record.managed_save
    assert record.has_snapshots
    undefine_domain(host, domain)
    assert host.inventory.domains.get(domain) is None


def test_saved_memory_is_thrown_away(host: Host, domain: str) -> None:
    start_domain(host, domain)
    host.write(Operation("save", Kind.DOMAIN, domain), lambda connection: connection.domain(domain).managedSave(0))
    remove_managed_save(host, domain)
    remove_managed_save(host, domain)
    assert not read_domain(host, domain).managed_save


def test_a_definition_for_changing_has_its_passwords(host: Host) -> None:
    uuid = define_domain(
        host,
        "<domain type='test'><name>w</name><memory>65536</memory><os><type>hvm</type></os>"
        "<devices><graphics type='vnc' passwd='hush'/></devices></domain>",
    )
    assert "hush" in read_definition(host, uuid)


def test_a_domain_has_facts_that_change(host: Host, domain: str) -> None:
    set_domain_autostart(host, domain, True)
    set_domain_metadata(host, domain, "<owner>me</owner>", "k", "urn:k", Affect.CONFIG)
    rename_domain(host, domain, "www")
    record = read_domain(host, domain)
    assert record.autostart
    assert record.name == "www"
    assert 'xmlns:k="urn:k"' in record.xml
    set_domain_metadata(host, domain, None, "k", "urn:k", Affect.CONFIG)
    assert "urn:k" not in read_domain(host, domain).xml


def test_memory_and_processors_change(host: Host, domain: str) -> None:
    set_max_memory(host, domain, 1024 * 1024)
    set_memory(host, domain, 768 * 1024, Affect.CONFIG)
    set_max_vcpus(host, domain, 4)
    set_vcpus(host, domain, 3, Affect.CONFIG)
    xml = read_domain(host, domain).xml
    assert "<memory unit='KiB'>1048576</memory>" in xml
    assert "<currentMemory unit='KiB'>786432</currentMemory>" in xml
    assert "<vcpu placement='static' current='3'>4</vcpu>" in xml


def test_a_snapshot_brings_the_power_state_back(host: Host, domain: str) -> None:
    start_domain(host, domain)
    assert create_snapshot(host, domain, snapshot_xml("running")) == "running"
    power_off_domain(host, domain)
    revert_to_snapshot(host, domain, "running")
    assert read_domain(host, domain).state is PowerState.RUNNING
    revert_to_snapshot(host, domain, "running", state=PowerState.PAUSED)
    assert read_domain(host, domain).state is PowerState.PAUSED
    revert_to_snapshot(host, domain, "running", state=PowerState.RUNNING, force=True)
    assert read_domain(host, domain).state is PowerState.RUNNING


def test_a_missing_snapshot_can_not_be_reverted_to(host: Host, domain: str) -> None:
    with pytest.raises(NotFoundError, match='Cannot revert to the snapshot "none"'):
        revert_to_snapshot(host, domain, "none")


def test_an_external_snapshot_is_refused_by_a_host_without_them(host: Host, domain: str) -> None:
    start_domain(host, domain)
    with pytest.raises(UnsupportedError):
        create_snapshot(host, domain, snapshot_xml("a"), disk_only=True, quiesce=True)


def test_a_deleted_snapshot_leaves_its_children_to_its_parent(host: Host, domain: str) -> None:
    for name in ("a", "b", "c"):
        create_snapshot(host, domain, snapshot_xml(name))
    delete_snapshot(host, domain, "b")
    assert [(record.name, record.parent) for record in host.inventory.snapshots.of(domain)] == [("a", None), ("c", "a")]


def test_a_branched_tree_is_deleted_leaf_first(host: Host, domain: str) -> None:
    for name in ("a", "b", "c"):
        create_snapshot(host, domain, snapshot_xml(name))
    revert_to_snapshot(host, domain, "a")
    for name in ("d", "e"):
        create_snapshot(host, domain, snapshot_xml(name))
    create_snapshot(host, domain, snapshot_xml("f"))
    delete_snapshot(host, domain, "b", with_children=True)
    assert {record.name for record in host.inventory.snapshots.of(domain)} == {"a", "d", "e", "f"}
    delete_snapshot(host, domain, "a", with_children=True, only_metadata=True)
    assert host.inventory.snapshots.of(domain) == ()


def test_a_host_tells_its_devices(host: Host) -> None:
    assert list_node_devices(host) == ()
    with pytest.raises(NotFoundError):
        read_node_device(host, "none")


def test_capabilities_of_a_simulated_host(host: Host) -> None:
    capabilities = host.capabilities
    assert (capabilities.arch, capabilities.memory, capabilities.cpus) == ("x86_64", 65536, 16)
    assert capabilities.canonical_machine("x86_64", "kvm", "pc") == "pc"


class RawConnection:
    """A virConnect that tells these capabilities."""

    def getInfo(self) -> list[object]:  # noqa: N802 - libvirt's name
        return ["x86_64", 4570, 2, 2596, 1, 1, 2, 1]

    def getCapabilities(self) -> str:  # noqa: N802 - libvirt's name
        return """
        <capabilities>
          <host><cpu><arch>x86_64</arch><model>EPYC</model></cpu></host>
          <guest><os_type>hvm</os_type><arch name='x86_64'><emulator>/usr/bin/qemu-system-x86_64</emulator>
            <machine maxCpus='255'>pc-i440fx-7.2</machine>
            <machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
            <machine canonical='pc-q35-7.2' maxCpus='288'>q35</machine>
            <domain type='qemu'/><domain type='kvm'/></arch></guest>
        </capabilities>"""


def test_capabilities_of_a_real_host_know_what_aliases_stand_for() -> None:
    capabilities = read_capabilities(RawConnection())
    assert (capabilities.cpu_model, capabilities.cpu_mhz, capabilities.cores) == ("EPYC", 2596, 2)
    guest = capabilities.guest("x86_64", "kvm")
    assert guest is not None
    assert guest.emulator == "/usr/bin/qemu-system-x86_64"
    assert guest.machines["q35"].max_vcpus == 288
    assert capabilities.canonical_machine("x86_64", "kvm", "q35") == "pc-q35-7.2"
    assert capabilities.canonical_machine("x86_64", "kvm", "pc-i440fx-7.2") == "pc-i440fx-7.2"
    assert capabilities.canonical_machine("x86_64", "kvm", "pc-q35-2.4") == "pc-q35-2.4"
    assert capabilities.guest("x86_64", "xen") is None
    assert capabilities.guest("sparc", "qemu") is None
