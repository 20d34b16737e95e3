"""The life of a domain on a simulated host, which has no hot-plug: what needs a device changed needs a reboot."""

import pytest
from domain_bench import DomainBench, settled
from type_bench import Killed

from kvmform.diagnostics import DiagnosticError, Severity
from kvmform.host.domains import define_domain, read_definition, set_domain_autostart
from kvmform.host.errors import TimedOutError
from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network
from kvmform.host.power import power_off_domain, start_domain, suspend_domain
from kvmform.host.records import PowerState
from kvmform.resources.domain import lifecycle
from kvmform.resources.domain.interface.reservations import reservations_in
from kvmform.resources.domain.interface.static_addresses import release_addresses
from kvmform.resources.domain.life.power import wait_for_others
from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.schema import Disruption, Edit, Identity
from kvmform.struct import replace
from kvmform.xml.document import Document

UUID = Identity("lineage", "x").uuid
LAB = """
<network><name>{name}</name><bridge name='br-{name}'/><ip address='10.{subnet}.0.1' netmask='255.255.255.0'>
<dhcp><range start='10.{subnet}.0.2' end='10.{subnet}.0.99'/></dhcp></ip></network>
"""
WEB = {
    "name": "web",
    "disk": [{"file": "/v/root.qcow2"}],
    "network_interface": [{"network_name": "lab"}],
    "console": [{"type": "pty", "target_port": "0", "target_type": "serial"}],
}
STATIC = {**WEB, "network_interface": [{"network_name": "lab", "addresses": ["10.1.0.200"], "hostname": "www"}]}


@pytest.fixture
def host(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    for number, name in enumerate(("lab", "dmz"), start=1):
        start_network(host, define_network(host, LAB.format(name=name, subnet=number)))
    yield host
    host.close()


@pytest.fixture
def bench(host, tmp_path):
    return DomainBench(host, tmp_path)


def classes(edits):
    return {".".join(map(str, edit.path)): edit.effect.disruption for edit in edits}


def record(host):
    return host.inventory.domains.get(UUID)


def reserved(host, network="lab"):
    return [entry.address for entry in reservations_in(host.inventory.networks.named(network).xml)]


def test_what_was_made_needs_no_change(bench, host):
    made = bench.make(WEB)
    assert bench.look().object == made
    assert bench.changes(WEB) == ()
    assert record(host).active
    assert not record(host).autostart


def test_every_argument_survives_a_second_plan(bench):
    written = {
        **WEB,
        "machine": "q35",
        "description": "x",
        "metadata": "y",
        "cpu": [{"mode": "host-passthrough"}],
        "max_memory": 2048,
        "max_vcpu": 4,
        "cloudinit": "/v/seed.iso;1",
        "coreos_ignition": "/v/i.ign;1",
        "boot_device": [{"dev": ["hd", "network"]}],
        "cmdline": [{"_": "quiet"}],
        "kernel": "/k",
        "graphics": [{"type": "vnc", "listen_type": "address"}],
        "video": [{}],
        "filesystem": [{"source": "/s", "target": "t"}],
        "tpm": [{}],
        "autostart": True,
        "qemu_agent": True,
        "disk": [{"file": "/v/root.qcow2"}, {"file": "/v/a.iso"}, {"block_device": "/dev/x", "scsi": True}],
        "network_interface": [{"network_name": "lab"}, {"bridge": "br0"}, {"macvtap": "eth0"}, {}],
    }
    made = bench.make(written)
    assert bench.look().object == made
    assert bench.changes(written) == ()


def test_a_domain_that_shall_not_run_is_only_defined(bench, host):
    made = bench.make({**WEB, "running": False})
    assert made["running"] is False
    assert not record(host).active
    assert bench.changes({**WEB, "running": False}) == ()


def test_power_is_enforced_both_ways(bench, host):
    bench.make(WEB)
    power_off_domain(host, UUID)
    started = {"running": Disruption.LIVE, "network_interface.0.addresses": Disruption.LIVE}
    assert classes(bench.changes(WEB)) == started
    bench.change(WEB)
    assert record(host).active
    assert bench.change({**WEB, "running": False}) is Disruption.REBOOT
    assert not record(host).active
    start_domain(host, UUID)
    assert classes(bench.changes({**WEB, "running": False})) == {"running": Disruption.REBOOT}


def test_a_paused_guest_goes_on(bench, host):
    bench.make(WEB)
    suspend_domain(host, UUID)
    bench.said.clear()
    assert classes(bench.changes(WEB)) == {"paused": Disruption.LIVE}
    bench.change(WEB)
    assert [words for words, *_ in bench.said] == ["resuming"]
    assert bench.changes(WEB) == ()


def test_a_guest_stands_still_where_that_is_written(bench, host):
    standing = {**WEB, "paused": True}
    bench.make(standing)
    assert record(host).state is PowerState.PAUSED
    assert bench.changes(standing) == ()
    bench.change(WEB)
    assert record(host).state is PowerState.RUNNING
    assert classes(bench.changes(standing)) == {"paused": Disruption.INTERRUPT}
    bench.change(standing)
    assert record(host).state is PowerState.PAUSED
    assert bench.changes(standing) == ()


def test_a_guest_is_asked_to_shut_down_before_its_domain_is_deleted_where_that_is_written(bench, host):
    bench.make({**WEB, "on_destroy": "shutdown", "shutdown_mode": ["acpi", "agent"]})
    bench.remove()
    assert [words for words, *_ in bench.said][-1] == "shutting down"
    assert host.inventory.domains.named("web") is None


def test_autostart_follows_what_is_written_and_else_stays(bench, host):
    bench.make(WEB)
    bench.change({**WEB, "autostart": True})
    assert record(host).autostart
    assert bench.changes(WEB) == ()
    set_domain_autostart(host, UUID, False)
    assert classes(bench.changes({**WEB, "autostart": True})) == {"autostart": Disruption.LIVE}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"memory": 256}, Disruption.LIVE),
        ({"memory": 2048}, Disruption.REBOOT),
        ({"vcpu": 2}, Disruption.REBOOT),
        ({"description": "x"}, Disruption.LIVE),
        ({"metadata": "<a xmlns='urn:a'/>"}, Disruption.LIVE),
        ({"machine": "q35"}, Disruption.REBOOT),
        ({"disk": [*WEB["disk"], {"file": "/v/b.qcow2"}]}, Disruption.REBOOT),
        ({"disk": []}, Disruption.REBOOT),
        ({"network_interface": [*WEB["network_interface"], {"bridge": "br0"}]}, Disruption.REBOOT),
        ({"network_interface": [{"network_name": "dmz"}]}, Disruption.REBOOT),
        ({"graphics": [{}], "video": [{}]}, Disruption.REBOOT),
        ({"console": []}, Disruption.REBOOT),
        ({"cloudinit": "/v/seed.iso;1"}, Disruption.NEXT_BOOT),
        ({"qemu_agent": True}, Disruption.NONE),
        ({"on_reboot_needed": "next-boot", "memory": 4096}, Disruption.NEXT_BOOT),
    ],
)
def test_a_change_is_made_once_and_without_a_new_domain(bench, host, change, expected):
    made = bench.make(WEB)
    mac = made["network_interface"][0]["mac"]
    assert bench.change({**WEB, **change}) is expected
    assert bench.changes({**WEB, **change}) == ()
    assert record(host).active
    assert record(host).uuid == UUID
    assert bench.state["network_interface"][0]["mac"] == mac


def test_all_reboots_are_one(bench):
    bench.make(WEB)
    bench.said.clear()
    bench.change({**WEB, "memory": 4096, "vcpu": 4, "machine": "q35", "graphics": [{}]})
    assert [words for words, *_ in bench.said] == ["shutting down", "starting"]


def test_live_headroom(bench, host):
    written = {**WEB, "memory": 256, "max_memory": 1024, "max_vcpu": 4}
    bench.make(written)
    assert bench.change({**written, "memory": 1024, "vcpu": 3}) is Disruption.LIVE
    live = Document.parse(record(host).live_xml)
    assert live.get("currentMemory") == str(1024 * 1024)
    assert live.get("vcpu/@current") == "3"
    assert bench.changes({**written, "memory": 1024, "vcpu": 3}) == ()


def test_a_guest_that_is_off_is_edited_without_being_started(bench, host):
    off = {**WEB, "running": False}
    bench.make(off)
    assert bench.change({**off, "memory": 4096, "name": "www", "machine": "q35"}) is Disruption.LIVE
    assert record(host).name == "www"
    assert not record(host).active
    assert bench.changes({**off, "memory": 4096, "name": "www", "machine": "q35"}) == ()


def test_a_running_guest_is_renamed_by_a_reboot(bench, host):
    bench.make(WEB)
    assert bench.change({**WEB, "name": "www"}) is Disruption.REBOOT
    assert record(host).name == "www"
    assert record(host).active


def test_the_next_boot_brings_what_was_left_for_it(bench, host):
    later = {**WEB, "on_reboot_needed": "next-boot", "memory": 4096, "disk": [*WEB["disk"], {"file": "/v/b.iso"}]}
    bench.make(WEB)
    bench.change(later)
    assert bench.state["pending"] == ["disk", "memory"]
    assert bench.changes(later) == ()
    power_off_domain(host, UUID)
    start_domain(host, UUID)
    assert bench.look().object["pending"] == []


def test_an_update_stopped_before_the_reboot_is_seen_and_finished(bench, monkeypatch):
    bench.make(WEB)
    state = bench.state
    bigger = {**WEB, "memory": 4096, "disk": [*WEB["disk"], {"file": "/v/b.img"}]}
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "shut_down", killed)
        with pytest.raises(Killed):
            bench.change(bigger)
    bench.state = state
    assert max(classes(bench.changes(bigger)).values()) is Disruption.REBOOT
    bench.change(bigger)
    assert bench.changes(bigger) == ()
    assert bench.look().object["pending"] == []


def test_an_update_stopped_while_the_guest_is_off_starts_it_again(bench, host, monkeypatch):
    bench.make(WEB)
    state = bench.state
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "start", killed)
        with pytest.raises(Killed):
            bench.change({**WEB, "memory": 4096})
    bench.state = state
    assert not record(host).active
    assert classes(bench.changes({**WEB, "memory": 4096}))["running"] is Disruption.LIVE
    bench.change({**WEB, "memory": 4096})
    assert record(host).active


def killed(*_arguments, **_options):
    raise Killed


@pytest.mark.parametrize("step", ["reserve_addresses", "start", "wait_until_ready"])
def test_a_create_that_was_stopped_is_continued(bench, host, monkeypatch, step):
    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, step, killed)
        with pytest.raises(Killed):
            bench.make(STATIC)
    assert bench.recorded[-1]["id"] == UUID
    bigger = {**STATIC, "memory": 2048}
    made = bench.make(bigger)
    assert made["running"] is True
    assert made["pending"] == []
    assert bench.changes(bigger) == ()
    assert reserved(host) == ["10.1.0.200"]


def test_a_leftover_is_renamed(bench, host):
    bench.make(WEB)
    bench.make({**WEB, "name": "www"})
    assert record(host).name == "www"
    assert bench.changes({**WEB, "name": "www"}) == ()


def test_a_foreign_domain_of_the_name_is_not_touched(bench, host):
    foreign = define_domain(
        host, "<domain type='test'><name>web</name><memory>1024</memory><os><type>hvm</type></os></domain>"
    )
    with pytest.raises(DiagnosticError) as caught:
        bench.make(WEB)
    assert "web" in caught.value.diagnostics[0].summary
    assert host.inventory.domains.get(foreign) is not None
    assert record(host) is None


def test_deleting_leaves_nothing_and_is_silent_the_second_time(bench, host):
    bench.make(STATIC)
    bench.remove()
    assert record(host) is None
    assert reserved(host) == []
    bench.remove()


def test_a_reservation_follows_its_interface(bench, host):
    bench.make(STATIC)
    assert reserved(host) == ["10.1.0.200"]
    other = {**WEB, "network_interface": [{"network_name": "lab", "addresses": ["10.1.0.201"]}]}
    assert bench.change(other) is Disruption.LIVE
    assert reserved(host) == ["10.1.0.201"]
    moved = {**WEB, "network_interface": [{"network_name": "dmz", "addresses": ["10.2.0.201"]}]}
    bench.change(moved)
    assert (reserved(host), reserved(host, "dmz")) == ([], ["10.2.0.201"])
    bench.change({**WEB, "network_interface": [{"network_name": "dmz"}]})
    assert reserved(host, "dmz") == []


def test_a_reservation_follows_the_mac_address(bench, host):
    bench.make(STATIC)
    nic = {**STATIC["network_interface"][0], "mac": "52:54:00:00:00:77"}
    bench.change({**STATIC, "network_interface": [nic]})
    network = host.inventory.networks.named("lab")
    assert [entry.mac for entry in reservations_in(network.xml)] == ["52:54:00:00:00:77"]


def test_a_reservation_that_was_taken_away_is_made_again(bench, host):
    bench.make(STATIC)
    release_addresses(host, bench.state)
    assert "network_interface.0.reserved_addresses" in classes(bench.changes(STATIC))
    bench.change(STATIC)
    assert reserved(host) == ["10.1.0.200"]


def test_a_domain_that_is_gone_is_told(bench, host):
    bench.make(WEB)
    observed = bench.look()
    bench.remove()
    assert DOMAIN.read(host, bench.state) is None
    with pytest.raises(DiagnosticError) as caught:
        DOMAIN.update(bench.operation(), observed.object, observed.object, [])
    assert caught.value.diagnostics[0].summary == "The domain is gone"


def test_a_guest_started_since_the_plan_is_not_rebooted(bench, host):
    off = {**WEB, "running": False}
    bench.make(off)
    observed = bench.look()
    planned = bench.plan({**WEB, "machine": "q35"}, observed)
    start_domain(host, UUID)
    with pytest.raises(DiagnosticError) as caught:
        DOMAIN.update(bench.operation(), observed.object, settled(planned), [Edit(("machine",), "pc", "q35")])
    assert caught.value.diagnostics[0].summary == "The guest was started since the plan was made"


def test_what_costs_more_than_the_plan_told_is_refused(bench, host):
    bench.make(WEB)
    observed = bench.look()
    planned = settled(bench.plan({**WEB, "machine": "q35"}, observed))
    definition = read_definition(host, UUID)
    told = replace(bench.operation(), planned_cost=Disruption.LIVE)
    with pytest.raises(DiagnosticError) as caught:
        DOMAIN.update(told, observed.object, planned, [Edit(("machine",), "pc", "q35")])
    assert caught.value.diagnostics[0].summary == "The change costs more than the plan says"
    assert read_definition(host, UUID) == definition


def test_nobody_waits_for_an_address_that_never_comes(bench, host):
    start_network(host, define_network(host, "<network><name>bare</name><bridge name='br-bare'/></network>"))
    made = bench.make({**WEB, "network_interface": [{"network_name": "bare", "wait_for_lease": True}]})
    assert made["network_interface"][0]["addresses"] == []
    assert bench.look().object == made


def test_waiting_for_an_address(bench):
    waiting = {**WEB, "network_interface": [{"network_name": "lab", "wait_for_lease": True}]}
    made = bench.make(waiting)
    assert made["network_interface"][0]["addresses"][0].startswith("10.1.0.")
    assert bench.look().object == made


def test_a_running_guest_that_does_not_ask_for_another_address_is_warned_of(bench, monkeypatch):
    """As one whose DHCP client doesn't look at its link; what was planned is done all the same."""

    def never(*_arguments, **_named):
        raise TimedOutError.of("No address", "None came.")

    monkeypatch.setattr("kvmform.resources.domain.life.power.wait_for_addresses", never)
    monkeypatch.setattr(type(bench.host), "is_simulated", False)
    found = wait_for_others(
        bench.operation("x"), {"id": "u", "timeouts": []}, ["52:54:00:00:00:01"], [{"addresses": ["10.0.0.1"]}]
    )
    assert found == {}
    (told,) = bench.warned
    assert told.severity is Severity.WARNING
    assert "has not asked for another address yet" in told.detail


ONE, TWO = ({"network_name": "lab", "addresses": [f"10.1.0.{number}"]} for number in (20, 21))
FAST, SLOW = {"network_name": "lab"}, {"network_name": "lab", "model": "e1000"}


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ([ONE, TWO], [TWO], [1]),
        ([TWO], [ONE, TWO], [None, 0]),
        ([FAST], [SLOW, FAST], [None, 0]),
        ([FAST, SLOW], [SLOW], [1]),
        ([FAST, SLOW], [SLOW, FAST], [1, 0]),
        ([FAST], [SLOW], [0]),
        ([ONE], [FAST], [0]),
    ],
    ids=str,
)
def test_a_card_is_known_by_what_it_is_where_no_mac_address_is_written(bench, before, after, places):
    made = bench.make({**WEB, "network_interface": before})["network_interface"]
    planned = bench.plan({**WEB, "network_interface": after}, bench.look())["network_interface"]
    macs = [interface["mac"] for interface in made]
    assert [macs.index(nic["mac"]) if nic["mac"] in macs else None for nic in planned] == places
