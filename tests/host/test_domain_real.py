"""Domains on a real host with real guests: what is live is live, and what needs a boot takes one."""

import json
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from guest import ask_guest, mark_guest, wait_for_guest
from lab_xml import network_xml, write_seed
from waiting import wait_until

from kvmform.diagnostics import DiagnosticError
from kvmform.host.agent import ask_agent
from kvmform.host.errors import HostError
from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network
from kvmform.resources.domain.interface.reservations import reservations_in
from kvmform.resources.domain.machine.memory import memory_given
from kvmform.schema import Disruption
from kvmform.xml.document import Document

pytestmark = [pytest.mark.libvirt, pytest.mark.guest, pytest.mark.slow]

CASES = sorted((Path(__file__).parents[1] / "cases" / "domain").iterdir())
SUBNETS = {"one": 71, "two": 72}


@pytest.fixture(scope="module", autouse=True)
def networks(lab_host, tmp_path_factory):
    host = open_host(lab_host.uri, tmp_path_factory.mktemp("networks"))
    made = [define_network(host, network_xml(f"domain-{name}", subnet)) for name, subnet in SUBNETS.items()]
    for uuid in made:
        start_network(host, uuid)
    yield
    for name in SUBNETS:
        network = host.inventory.networks.named(f"domain-{name}")
        stop_network(host, network.uuid)
        undefine_network(host, network.uuid)
    host.close()


@pytest.fixture
def root(guest_image, tmp_path):
    """A disk of the tiny guest's."""
    return clone(guest_image, tmp_path / "root.qcow2")


def clone(image, path):
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image, path]
    subprocess.run(command, check=True)
    return str(path)


def blank(path, size="16M"):
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, size], check=True)
    return str(path)


def written(root, **more):
    return {
        "name": "domain-real",
        "machine": "q35",
        "memory": 160,
        "disk": [{"file": root}],
        "network_interface": [{"network_name": "domain-one", "wait_for_lease": True}],
        "console": [{"type": "pty", "target_port": "0", "target_type": "serial"}],
        "timeouts": [{"create": "2m"}],
        **more,
    }


def address(bench, index=0):
    return bench.state["network_interface"][index]["addresses"][0]


def applied(bench, wanted, expected):
    """Apply a change, which is of this class and leaves nothing to do."""
    assert bench.change(wanted) is expected
    assert bench.changes(wanted) == ()
    assert bench.look().object == bench.state
    return wanted


def documents(bench):
    record = bench.host.inventory.domains.get(bench.state["id"])
    return Document.parse(record.xml), Document.parse(record.live_xml)


def device_addresses(document, kind):
    return [dict(item.attrib) for item in document.find_all(f"devices/{kind}/address")]


@pytest.mark.changes(
    *(f"libvirt_domain.{name}" for name in ("memory", "vcpu", "network_interface", "network_interface.wait_for_lease"))
)
def test_live_changes_reach_the_guest_without_a_reboot(lab_host, bench, root, tmp_path):
    wanted = written(root, memory=224, max_vcpu=2)
    made = bench.make(wanted)
    assert bench.changes(wanted) == ()
    assert bench.look().object == made
    before = wait_for_guest(lab_host, address(bench))

    wanted = applied(bench, {**wanted, "memory": 128}, Disruption.LIVE)
    assert wait_until(lambda: ask_guest(lab_host, address(bench)).memory < before.memory - 64 * 1024, 10)
    wanted = applied(bench, {**wanted, "memory": 224}, Disruption.LIVE)

    wanted = applied(bench, {**wanted, "vcpu": 2}, Disruption.LIVE)
    assert wait_until(lambda: ask_guest(lab_host, address(bench)).cpus == 2, 10)

    data = {"file": blank(tmp_path / "data.qcow2")}
    wanted = applied(bench, {**wanted, "disk": [*wanted["disk"], data]}, Disruption.LIVE)
    assert wait_until(lambda: ask_guest(lab_host, address(bench)).disks.get("vdb") == 16 * 2**20, 10)
    definition, live = documents(bench)
    assert device_addresses(definition, "disk") == device_addresses(live, "disk")

    second = {"network_name": "domain-two", "wait_for_lease": True}
    wanted = applied(bench, {**wanted, "network_interface": [*wanted["network_interface"], second]}, Disruption.LIVE)
    assert address(bench, 1).startswith("10.72.0.")
    definition, live = documents(bench)
    assert device_addresses(definition, "interface") == device_addresses(live, "interface")

    wanted = applied(bench, {**wanted, "disk": wanted["disk"][:1]}, Disruption.LIVE)
    wanted = applied(bench, {**wanted, "network_interface": wanted["network_interface"][:1]}, Disruption.LIVE)
    scsi = {"file": blank(tmp_path / "scsi.qcow2"), "scsi": True}
    wanted = applied(bench, {**wanted, "disk": [*wanted["disk"], scsi]}, Disruption.LIVE)
    assert wait_until(lambda: "sda" in ask_guest(lab_host, address(bench)).disks, 10)

    after = ask_guest(lab_host, address(bench))
    assert (after.boots, after.boot_id) == (before.boots, before.boot_id)
    assert "vdb" not in after.disks


@pytest.mark.changes(
    *("libvirt_domain.memory", "libvirt_domain.max_memory", "libvirt_domain.vcpu", "libvirt_domain.max_vcpu"),
    *("libvirt_domain.description", "libvirt_domain.boot_device", "libvirt_domain.boot_device.dev"),
)
def test_what_needs_a_boot_takes_one_and_keeps_the_guest(lab_host, bench, root):
    wanted = written(root)
    made = bench.make(wanted)
    before = wait_for_guest(lab_host, address(bench))
    mark_guest(lab_host, address(bench), "mine")
    bench.said.clear()
    changed = {
        **wanted,
        "memory": 256,
        "vcpu": 2,
        "description": "bigger",
        "graphics": [{"type": "vnc", "listen_type": "address"}],
        "video": [{"type": "virtio"}],
        "boot_device": [{"dev": ["hd", "network"]}],
    }
    applied(bench, changed, Disruption.REBOOT)
    assert [words for words, *_ in bench.said] == ["shutting down", "starting", "waiting for addresses"]
    after = wait_for_guest(lab_host, address(bench))
    assert after.boots == before.boots + 1
    assert after.mark == "mine"
    assert after.cpus == 2
    assert after.memory > before.memory
    assert bench.state["id"] == made["id"]
    assert bench.state["network_interface"][0]["mac"] == made["network_interface"][0]["mac"]


def balloon(lab_host):
    """KiB that the guest has left itself, as its balloon tells."""
    return lab_host.connect().lookupByName("domain-real").info()[2]


@pytest.mark.changes("libvirt_domain.memory", "libvirt_domain.max_memory", "libvirt_domain.memory_slots")
def test_memory_grows_by_modules_while_the_guest_runs(lab_host, bench, root):
    plain = written(root)
    bench.make({**plain, "running": False})
    wanted = {**plain, "max_memory": 1024, "memory_slots": 4}
    applied(bench, {**wanted, "running": False}, Disruption.LIVE)
    applied(bench, wanted, Disruption.LIVE)
    before = wait_for_guest(lab_host, address(bench))
    for size, given in ((160 + 256, 416), (160 + 384, 544), (256, 544)):
        wanted = applied(bench, {**wanted, "memory": size}, Disruption.LIVE)
        assert [memory_given(document) for document in documents(bench)] == [given, given]
        assert documents(bench)[0].get("currentMemory") == str(size * 1024)
        assert wait_until(lambda size=size: balloon(lab_host) == size * 1024, 20)
    definition, live = documents(bench)
    assert device_addresses(definition, "memory") == device_addresses(live, "memory")
    assert len(device_addresses(live, "memory")) == 2
    assert ask_guest(lab_host, address(bench)).boot_id == before.boot_id
    applied(bench, plain, Disruption.REBOOT)
    assert wait_for_guest(lab_host, address(bench)).boots == before.boots + 1
    for document in documents(bench):
        assert document.find("maxMemory") is None
        assert document.find("devices/memory") is None


@pytest.mark.changes("libvirt_domain.on_reboot_needed", "libvirt_domain.memory", "libvirt_domain.pending")
def test_a_change_left_for_the_next_boot_comes_with_it(lab_host, bench, root, tmp_path):
    wanted = written(root, on_reboot_needed="next-boot")
    bench.make(wanted)
    before = wait_for_guest(lab_host, address(bench))
    image = write_seed(tmp_path / "medium.iso", "medium")
    later = {**wanted, "memory": 256, "disk": [*wanted["disk"], {"file": str(image)}]}
    applied(bench, later, Disruption.NEXT_BOOT)
    assert bench.state["pending"] == ["disk", "memory"]
    assert ask_guest(lab_host, address(bench)).boot_id == before.boot_id
    reboot = {**later, "on_reboot_needed": "reboot"}
    applied(bench, reboot, Disruption.REBOOT)
    assert bench.state["pending"] == []
    assert wait_for_guest(lab_host, address(bench)).memory > before.memory


@pytest.mark.changes("libvirt_domain.running", "libvirt_domain.name")
def test_power_is_enforced_gracefully_both_ways(lab_host, bench, root):
    wanted = written(root)
    bench.make(wanted)
    wait_for_guest(lab_host, address(bench))
    started = time.monotonic()
    applied(bench, {**wanted, "running": False}, Disruption.REBOOT)
    assert time.monotonic() - started < 30
    assert not any("powering off" in words for words, *_ in bench.said)
    applied(bench, {**wanted, "running": False, "name": "domain-renamed"}, Disruption.LIVE)
    applied(bench, {**wanted, "name": "domain-renamed"}, Disruption.LIVE)
    assert wait_for_guest(lab_host, address(bench)).boots == 2


def test_a_guest_that_does_not_listen_is_powered_off(bench, tmp_path):
    deaf = written(blank(tmp_path / "empty.qcow2"), network_interface=[], shutdown_timeout=1)
    bench.make(deaf)
    applied(bench, {**deaf, "running": False}, Disruption.REBOOT)
    assert any(words.startswith("powering off") for words, *_ in bench.said)


@pytest.mark.changes("libvirt_domain.machine")
def test_another_mainboard_boots_the_same_guest(lab_host, bench, root, tmp_path):
    image = str(write_seed(tmp_path / "medium.iso", "medium"))
    wanted = written(root, machine="pc", disk=[{"file": root}, {"file": image}])
    bench.make(wanted)
    wait_for_guest(lab_host, address(bench))
    other = str(write_seed(tmp_path / "other.iso", "other"))
    wanted = applied(bench, {**wanted, "disk": [{"file": root}, {"file": other}]}, Disruption.LIVE)
    applied(bench, {**wanted, "machine": "q35"}, Disruption.REBOOT)
    assert wait_for_guest(lab_host, address(bench)).boots == 2
    assert bench.look().facts["free_ports"] >= 8


@pytest.mark.changes(
    *(f"libvirt_domain.network_interface.{name}" for name in ("addresses", "hostname", "reserved_addresses"))
)
def test_a_static_address_is_the_guests_and_goes_with_it(lab_host, bench, root):
    nic = {"network_name": "domain-one", "addresses": ["10.71.0.200"], "wait_for_lease": True, "hostname": "static"}
    wanted = written(root, network_interface=[nic])
    bench.make(wanted)
    assert address(bench) == "10.71.0.200"
    assert wait_for_guest(lab_host, "10.71.0.200").boots == 1
    applied(bench, {**wanted, "network_interface": [{**nic, "addresses": ["10.71.0.201"]}]}, Disruption.LIVE)
    assert reserved(bench) == [("static", "10.71.0.201")]
    renamed = {**nic, "addresses": ["10.71.0.201"], "hostname": "fixed"}
    applied(bench, {**wanted, "network_interface": [renamed]}, Disruption.LIVE)
    assert reserved(bench) == [("fixed", "10.71.0.201")]
    applied(bench, {**wanted, "network_interface": [{**nic, "addresses": None}]}, Disruption.LIVE)
    assert reserved(bench) == []
    applied(bench, {**wanted, "network_interface": [renamed]}, Disruption.LIVE)
    bench.remove()
    assert reserved(bench) == []


def reserved(bench):
    """Names and addresses that the network reserves, now and in its definition alike."""
    record = bench.host.inventory.networks.named("domain-one")
    found = [list(reservations_in(xml)) for xml in (record.xml, record.live_xml)]
    assert found[0] == found[1]
    return [(entry.name, entry.address) for entry in found[0]]


def test_an_interface_moves_between_networks(lab_host, bench, root):
    wanted = written(root)
    bench.make(wanted)
    mac = bench.state["network_interface"][0]["mac"]
    moved = {**wanted, "network_interface": [{"network_name": "domain-two", "mac": mac, "wait_for_lease": True}]}
    ask_again_when_the_link_comes_back(bench)
    applied(bench, moved, Disruption.INTERRUPT)
    assert bridges(lab_host) == ["br-domain-two"]
    assert address(bench).startswith("10.72.")
    changed = {**wanted, "network_interface": [{"network_name": "domain-two", "mac": "52:54:00:71:71:71"}]}
    applied(bench, changed, Disruption.INTERRUPT)
    assert bridges(lab_host) == ["br-domain-two"]
    bridge = {**wanted, "network_interface": [{"bridge": "br-domain-one", "mac": "52:54:00:71:71:71"}]}
    applied(bench, bridge, Disruption.INTERRUPT)
    assert bridges(lab_host) == ["br-domain-one"]


ASK_AGAIN = """
changes=$(cat /sys/class/net/e*/carrier_changes)
until [ "$(cat /sys/class/net/e*/carrier_changes)" -ge $((changes + 2)) ]; do sleep 0.1; done
killall -USR2 udhcpc
sleep 1
killall -USR1 udhcpc
"""


def ask_again_when_the_link_comes_back(bench):
    """As the DHCP clients of larger systems do."""
    told = {"path": "/bin/sh", "arg": ["-c", ASK_AGAIN]}

    def is_told():
        with suppress(HostError):
            return ask_agent(bench.host, bench.state["id"], "guest-exec", told)

    assert wait_until(is_told, 30)


def bridges(lab_host):
    lines = lab_host.exec_(["bridge", "link"]).splitlines()
    return [line.split(" master ")[1].split()[0] for line in lines if " master br-domain-" in line]


def test_a_network_made_anew_gets_its_guests_back(lab_host, bench, root):
    wanted = written(root)
    bench.make(wanted)
    before = wait_for_guest(lab_host, address(bench))
    network = bench.host.inventory.networks.named("domain-one")
    stop_network(bench.host, network.uuid)
    undefine_network(bench.host, network.uuid)
    start_network(bench.host, define_network(bench.host, network_xml("domain-one", SUBNETS["one"])))
    assert bridges(lab_host) == []
    known = address(bench)
    applied(bench, wanted, Disruption.INTERRUPT)
    assert bridges(lab_host) == ["br-domain-one"]
    assert wait_for_guest(lab_host, known).boot_id == before.boot_id


def test_devices_added_past_kvmform_stay(lab_host, bench, root, tmp_path):
    wanted = written(root)
    bench.make(wanted)
    connection = lab_host.connect()
    domain = connection.lookupByName("domain-real")
    hand = blank(tmp_path / "hand.qcow2")
    domain.attachDeviceFlags(
        f"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{hand}'/>"
        "<target dev='vdb' bus='virtio'/></disk>",
        3,
    )
    connection.close()
    assert bench.changes(wanted) == ()
    data = {"file": blank(tmp_path / "data.qcow2")}
    wanted = applied(bench, {**wanted, "disk": [*wanted["disk"], data]}, Disruption.LIVE)
    assert bench.state["disk"][1]["target"] == "vdc"
    applied(bench, {**wanted, "memory": 256}, Disruption.REBOOT)
    definition, live = documents(bench)
    for document in (definition, live):
        assert document.find(f"devices/disk/source[@file='{hand}']") is not None


def test_a_device_unplugged_past_kvmform_is_plugged_in_again(lab_host, bench, root):
    wanted = written(root)
    bench.make(wanted)
    wait_for_guest(lab_host, address(bench))
    interface = Document(documents(bench)[0].find("devices/interface")).text
    connection = lab_host.connect()
    connection.lookupByName("domain-real").detachDeviceFlags(interface, 1)
    assert wait_until(lambda: bridges(lab_host) == [], 10)
    connection.close()
    (edit,) = bench.changes(wanted)
    assert (edit.path, edit.effect.disruption) == (("pending",), Disruption.LIVE)
    applied(bench, wanted, Disruption.LIVE)
    assert bridges(lab_host) == ["br-domain-one"]


def test_no_address_is_told_and_the_next_run_goes_on(bench, root, tmp_path):
    empty = written(blank(tmp_path / "empty.qcow2"), timeouts=[{"create": "2s"}], shutdown_timeout=1)
    with pytest.raises(DiagnosticError) as caught:
        bench.make(empty)
    assert caught.value.diagnostics[0].summary == 'No address for domain "domain-real"'
    made = bench.make(written(root, shutdown_timeout=1))
    assert made["running"] is True
    assert made["network_interface"][0]["addresses"]
    assert bench.changes(written(root, shutdown_timeout=1)) == ()


def test_a_start_that_fails_leaves_a_record(bench, tmp_path):
    broken = written(str(tmp_path / "nowhere.qcow2"))
    with pytest.raises(DiagnosticError):
        bench.make(broken)
    assert bench.recorded[-1]["name"] == "domain-real"
    bench.state = bench.recorded[-1]
    assert not bench.look().facts["running"]


def test_deleting_takes_snapshots_and_saved_memory_along(lab_host, bench, root):
    bench.make(written(root))
    connection = lab_host.connect()
    domain = connection.lookupByName("domain-real")
    domain.snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
    domain.managedSave()
    bench.remove()
    assert [one for one in connection.listAllDomains() if one.name() == "domain-real"] == []
    connection.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_is_defined_and_needs_no_change(bench, case):
    wanted = {**json.loads((case / "written.json").read_text()), "running": False}
    if bench.host.capabilities.guest(wanted.get("arch", "x86_64"), "qemu") is None:
        pytest.skip("no emulator for this architecture here")
    if case.name == "user-mode-by-passt":
        pytest.skip("libvirt 9.0 of Debian knows no passt")
    if case.name == "spice-with-tls":
        pytest.skip("libvirt's QEMU has no certificates here")
    if wanted.get("launch_security"):
        pytest.skip("no processor that encrypts memory here")
    wanted["network_interface"] = [
        {**nic, "network_name": "domain-one", "addresses": None} if nic.get("network_name") else nic
        for nic in wanted.get("network_interface", [])
    ]
    wanted |= {"name": "domain-case"}
    wanted |= {"type": "qemu"} if not wanted.get("emulator") else {}
    if shutil.which("swtpm") is None:
        wanted["tpm"] = []
    bench.make(wanted)
    assert bench.look().object == bench.state
    assert bench.changes(wanted) == ()
