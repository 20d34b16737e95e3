"""Networks on a real host: every shape, changes under running guests, and what is left when something fails."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import libvirt
import pytest
from guest import ask_guest, wait_for_guest, wait_for_lease
from lab_xml import disk_xml, guest_xml, interface_xml
from network_shapes import SHAPES
from type_bench import Killed, TypeBench
from waiting import wait_until

from kvmform.diagnostics import DiagnosticError
from kvmform.host.devices import update_device
from kvmform.host.host import open_host
from kvmform.resources.network.reading import read
from kvmform.resources.network.resource_type import NETWORK
from kvmform.schema import Disruption, Identity
from kvmform.xml.document import Document

pytestmark = pytest.mark.libvirt

NAT = SHAPES["nat"]
LAB = {"name": "shape", "addresses": ["10.231.1.0/24"], "bridge": "shape0", "stp": False}
MAC = "52:54:00:23:10:01"
FIXED = {"mac": MAC, "ip": "10.231.1.77", "name": "fixed"}


@pytest.fixture
def bench(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    bench = TypeBench(host, tmp_path)
    yield bench
    for planned in {p["id"]: p for p in bench.planned.get("libvirt_network", [])}.values():
        bench.delete(NETWORK, planned)
    host.close()


@pytest.fixture
def connection(lab_host):
    """A connection past kvmform."""
    connection = lab_host.connect()
    yield connection
    connection.close()


def changed(bench, written, state):
    """The network after an update, which leaves nothing to do, and is read back as it was returned."""
    state = bench.update(NETWORK, written, state)
    assert left(bench, written, state) == ()
    assert read(bench.host, state).object == state
    return state


def left(bench, written, state):
    """What a new command would plan."""
    bench.host.inventory.networks.forget_all()
    return bench.edits(NETWORK, written, state)


def record(bench, state):
    return bench.host.inventory.networks.get(state["id"])


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_made_is_read_back_without_a_difference(bench, name):
    state = bench.create(NETWORK, SHAPES[name])
    assert left(bench, SHAPES[name], state) == ()
    assert read(bench.host, state).object == state


@pytest.mark.changes(
    "libvirt_network.mode",
    "libvirt_network.domain",
    "libvirt_network.bridge",
    "libvirt_network.stp",
    "libvirt_network.mtu",
    "libvirt_network.addresses",
    "libvirt_network.dns",
    "libvirt_network.dns.enabled",
    "libvirt_network.dns.local_only",
    "libvirt_network.dns.forwarders",
    "libvirt_network.dns.forwarders.address",
    "libvirt_network.dns.forwarders.domain",
    "libvirt_network.dns.hosts",
    "libvirt_network.dns.hosts.ip",
    "libvirt_network.dns.hosts.hostname",
    "libvirt_network.dns.srvs",
    "libvirt_network.dns.srvs.service",
    "libvirt_network.dns.srvs.protocol",
    "libvirt_network.dns.srvs.domain",
    "libvirt_network.dns.srvs.target",
    "libvirt_network.dns.srvs.port",
    "libvirt_network.dns.srvs.weight",
    "libvirt_network.dns.srvs.priority",
    "libvirt_network.dhcp",
    "libvirt_network.dhcp.enabled",
    "libvirt_network.dhcp.hosts",
    "libvirt_network.dhcp.hosts.mac",
    "libvirt_network.dhcp.hosts.ip",
    "libvirt_network.dhcp.hosts.name",
    "libvirt_network.dhcp.ranges",
    "libvirt_network.dhcp.ranges.start",
    "libvirt_network.dhcp.ranges.end",
    "libvirt_network.routes",
    "libvirt_network.routes.cidr",
    "libvirt_network.routes.gateway",
    "libvirt_network.dnsmasq_options",
    "libvirt_network.dnsmasq_options.options",
    "libvirt_network.dnsmasq_options.options.option_name",
    "libvirt_network.dnsmasq_options.options.option_value",
    "libvirt_network.autostart",
    "libvirt_network.active",
)
@pytest.mark.parametrize(
    "name",
    [
        "autostart",
        "inactive",
        "bridge-of-the-host",
        "dhcp-hosts-and-range",
        "dns-of-everything",
        "dns-off",
        "dnsmasq-options",
        "ipv6-too",
        "isolated",
        "named-bridge",
        "routes",
        "without-dhcp",
    ],
)
def test_a_network_takes_another_shape_and_back(bench, name):
    state = bench.create(NETWORK, NAT)
    for wanted in (SHAPES[name], NAT):
        state = changed(bench, wanted, state)


@pytest.mark.changes("libvirt_network.name", "libvirt_network.xml", "libvirt_network.xml.xslt")
@pytest.mark.parametrize(
    ("change", "expected"),
    [({"name": "shaped"}, "<name>shaped</name>"), ({"xml": SHAPES["changed-by-a-stylesheet"]["xml"]}, "1300")],
)
def test_another_name_and_another_stylesheet_are_another_network(bench, change, expected):
    plain = {"name": "shape", "mode": "none", "mtu": 1400}
    state = bench.create(NETWORK, plain)
    assert {edit.effect.disruption for edit in left(bench, plain | change, state)} == {Disruption.REPLACE}
    bench.delete(NETWORK, state)
    state = bench.create(NETWORK, plain | change)
    assert left(bench, plain | change, state) == ()
    assert expected in record(bench, state).live_xml


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ({}, {"port=0": False, "dhcp-range": True}),
        ({"dns": [{"enabled": False}]}, {"port=0": True, "dhcp-range": True}),
        ({"dhcp": [{"enabled": False}]}, {"port=0": False, "dhcp-range": False}),
        ({"dns": [{"enabled": False}], "dhcp": [{"enabled": False}]}, {"port=0": False, "dhcp-range": False}),
    ],
)
def test_dns_and_dhcp_are_really_on_and_off(bench, lab_host, servers, expected):
    bench.create(NETWORK, LAB | servers)
    file = "/var/lib/libvirt/dnsmasq/shape.conf"  # There is none without any server.
    configuration = lab_host.exec_(["sh", "-c", f"test ! -e {file} || cat {file}"])
    assert {word: word in configuration for word in expected} == expected
    assert bool(configuration) is (len(servers) < 2)


def test_live_changes_are_in_the_running_network_and_in_the_definition(bench):
    two = {"mac": "52:54:00:23:10:02", "ip": "10.231.1.78"}
    names = [{"ip": "10.231.1.5", "hostname": "a"}, {"ip": "10.231.1.5", "hostname": "b"}]
    service = {"service": "ldap", "protocol": "tcp", "domain": "x.test", "target": "a", "port": "389"}
    state = bench.create(NETWORK, LAB)
    for wanted, text in (
        ({"dhcp": [{"hosts": [FIXED]}]}, "10.231.1.77"),
        ({"dhcp": [{"hosts": [{**FIXED, "ip": "10.231.1.79"}, two]}]}, "10.231.1.79"),
        ({"dhcp": [{"hosts": [{**FIXED, "ip": two["ip"]}, {**two, "ip": "10.231.1.79"}]}]}, "10.231.1.78"),
        ({"dhcp": [{"ranges": [{"start": "10.231.1.100", "end": "10.231.1.110"}]}]}, "10.231.1.110"),
        ({"dns": [{"hosts": names, "srvs": [service]}]}, "ldap"),
        ({"dns": [{"hosts": names[1:], "srvs": [{**service, "port": "636"}]}]}, "636"),
    ):
        assert {e.effect.disruption for e in left(bench, LAB | wanted, state)} == {Disruption.LIVE}
        state = changed(bench, LAB | wanted, state)
        assert text in record(bench, state).xml
        assert text in record(bench, state).live_xml
    state = changed(bench, LAB, state)
    for xml in (record(bench, state).xml, record(bench, state).live_xml):
        assert [word for word in ("<host", "ldap", "100") if word in xml] == []


def test_networks_that_are_made_at_the_same_time_have_bridges_of_their_own(bench):
    addresses = [f"isolated{number}" for number in range(12)]
    planned = [bench.propose(NETWORK, {"name": a, "mode": "none", "active": False}, None, a) for a in addresses]
    known = [{**network, "bridge": None} for network in planned]
    with ThreadPoolExecutor(6) as workers:
        made = list(workers.map(NETWORK.create, map(bench.operation, addresses), known))
    assert len({network["bridge"] for network in made}) == len(made)


@pytest.fixture
def occupied(lab_host):
    """Addresses that an interface of the host has."""
    lab_host.exec_(["ip", "link", "add", "occupied0", "type", "bridge"])
    lab_host.exec_(["ip", "address", "add", "10.231.9.1/24", "dev", "occupied0"])
    lab_host.exec_(["ip", "link", "set", "occupied0", "up"])
    yield ["10.231.9.0/24"]
    lab_host.exec_(["ip", "link", "delete", "occupied0"])


def test_a_network_that_can_not_be_started_is_recorded_and_deleted(bench, occupied):
    with pytest.raises(DiagnosticError, match="Cannot start network"):
        bench.create(NETWORK, {**LAB, "addresses": occupied})
    assert bench.recorded[-1]["id"] == Identity("lineage", "x").uuid
    bench.delete(NETWORK, bench.recorded[-1])
    assert bench.host.inventory.networks.named("shape") is None


def test_a_creation_that_failed_is_continued(bench, occupied):
    with pytest.raises(DiagnosticError):
        bench.create(NETWORK, {**LAB, "addresses": occupied})
    state = bench.create(NETWORK, LAB, leftover=bench.recorded[-1])
    assert left(bench, LAB, state) == ()


@pytest.fixture
def guest(connection):
    """Starts a guest without an operating system, paused, with one interface."""
    started = []

    def start(interface):
        domain = connection.defineXML(guest_xml("plugged", "qemu", interface))
        started.append(domain)
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        return domain

    yield start
    for domain in started:
        domain.destroy()
        domain.undefine()


def interface_of(domain):
    """Type, network, link state and tap of its interface."""
    document = Document.parse(domain.XMLDesc(0))
    place = "devices/interface"
    found = [document.get(f"{place}/{path}") for path in ("@type", "source/@network", "link/@state", "target/@dev")]
    return found[0], found[1], found[2] or "up", found[3]


def ports_of(lab_host, bridge):
    """The taps that a bridge connects."""
    return lab_host.exec_(["ls", f"/sys/class/net/{bridge}/brif"]).split()


@pytest.mark.parametrize(
    ("change", "bridge"),
    [
        ({"mtu": 1400}, "shape0"),
        ({"addresses": ["10.231.2.0/24"]}, "shape0"),
        ({"bridge": "shape1"}, "shape1"),
        ({"mode": "none", "stp": True}, "shape0"),
        ({"mode": "bridge", "bridge": "hostbr0", "addresses": None}, "hostbr0"),
    ],
)
def test_a_restart_plugs_running_guests_in_again(bench, lab_host, guest, change, bridge):
    lab_host.exec_(["ip", "link", "add", "hostbr0", "type", "bridge"])
    try:
        state = bench.create(NETWORK, LAB)
        domain = guest(interface_xml("shape", MAC))
        for wanted, place in ((LAB | change, bridge), (LAB, "shape0")):
            assert max(e.effect.disruption for e in left(bench, wanted, state)) is Disruption.INTERRUPT
            state = changed(bench, wanted, state)
            _, network, link, tap = interface_of(domain)
            assert (network, link) == ("shape", "up")
            assert ports_of(lab_host, place) == [tap]
    finally:
        lab_host.exec_(["ip", "link", "delete", "hostbr0"])


def test_an_interface_that_names_the_bridge_and_one_without_a_link_are_plugged_in_as_they_were(bench, lab_host, guest):
    state = bench.create(NETWORK, LAB)
    xml = f"<interface type='bridge'><mac address='{MAC}'/><source bridge='shape0'/><link state='down'/></interface>"
    domain = guest(xml)
    changed(bench, LAB | {"mtu": 1400}, state)
    kind, network, link, tap = interface_of(domain)
    assert (kind, network, link) == ("bridge", None, "down")
    assert ports_of(lab_host, "shape0") == [tap]


def test_a_network_that_somebody_stopped_is_started_with_its_guests(bench, lab_host, connection, guest):
    state = bench.create(NETWORK, LAB)
    domain = guest(interface_xml("shape", MAC))
    connection.networkLookupByName("shape").destroy()
    assert [edit.path for edit in left(bench, LAB, state)] == [("active",)]
    changed(bench, LAB, state)
    assert ports_of(lab_host, "shape0") == [interface_of(domain)[3]]


def test_a_restart_that_fails_leaves_network_and_guests_as_they_were(bench, lab_host, guest, occupied):
    state = bench.create(NETWORK, LAB)
    domain = guest(interface_xml("shape", MAC))
    with pytest.raises(DiagnosticError, match="Cannot start network"):
        bench.update(NETWORK, LAB | {"addresses": occupied}, state)
    assert ports_of(lab_host, "shape0") == [interface_of(domain)[3]]
    assert left(bench, LAB, {**state, **bench.recorded[-1]}) == ()


@pytest.mark.parametrize("calls", [0, 1])
def test_guests_that_a_killed_restart_left_unplugged_are_plugged_in_by_the_next_run(
    bench, lab_host, guest, monkeypatch, calls
):
    remaining = calls

    def killed(*arguments):
        nonlocal remaining
        if remaining == 0:
            raise Killed
        remaining -= 1
        update_device(*arguments)

    state = bench.create(NETWORK, LAB)
    domain = guest(interface_xml("shape", MAC))
    with monkeypatch.context() as patch:
        patch.setattr("kvmform.resources.network.plugging.update_device", killed)
        with pytest.raises(Killed):
            bench.update(NETWORK, LAB | {"mtu": 1400}, state)
    changed(bench, LAB | {"mtu": 1400}, {**state, **bench.recorded[-1]})
    kind, network, link, tap = interface_of(domain)
    assert (kind, network, link) == ("network", "shape", "up")
    assert ports_of(lab_host, "shape0") == [tap]


@pytest.mark.guest
@pytest.mark.slow
def test_a_guest_notices_no_live_change_and_has_its_network_after_a_restart(
    bench, lab_host, connection, guest_image, domain_type, tmp_path
):
    written = {**LAB, "dnsmasq_options": [{"options": [{"option_name": "no-ping"}]}]}
    state = bench.create(NETWORK, written)
    root = tmp_path / "root.qcow2"
    subprocess.run(["qemu-img", "create", "-qFqcow2", "-fqcow2", "-b", guest_image, root], check=True)
    xml = guest_xml("plugged", domain_type, disk_xml(root, "vda"), interface_xml("shape", MAC))
    domain = connection.defineXML(xml)
    domain.create()
    try:
        address = wait_for_lease(lab_host, "shape", MAC)
        before = wait_for_guest(lab_host, address)

        written |= {"dhcp": [{"hosts": [FIXED]}], "dns": [{"hosts": [{"ip": "10.231.1.5", "hostname": "five"}]}]}
        state = changed(bench, written, state)
        assert ask_guest(lab_host, address).boot_id == before.boot_id

        written |= {"domain": "shape.test", "mtu": 1400}
        state = changed(bench, written, state)
        after = wait_for_guest(lab_host, address, 10)
        assert (after.boot_id, after.boots) == (before.boot_id, before.boots)

        domain.reset()  # It asks for an address again, and gets the one that is fixed by now.
        assert wait_until(lambda: lab_host.leases("shape").get(MAC) == FIXED["ip"], 60)
    finally:
        domain.destroy()
        domain.undefine()
