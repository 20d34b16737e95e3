"""Links of networks, and what their servers tell, on a real host: each change is in the definition and at work."""

from contextlib import closing

import libvirt
import pytest
from lab_xml import guest_xml, interface_xml
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.host.networks import update_network
from kvmform.resources.network.reading import read
from kvmform.resources.network.resource_type import NETWORK
from kvmform.schema import Disruption
from kvmform.xml.document import Document

pytestmark = pytest.mark.libvirt

MAC = "52:54:00:23:40:01"
LAB = {"name": "links", "addresses": ["10.231.40.0/24"], "bridge": "links0", "stp": False}
DEVICES = {"name": "links", "mode": "bridge"}


@pytest.fixture
def bench(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    bench = TypeBench(host, tmp_path)
    yield bench
    for planned in {p["id"]: p for p in bench.planned.get("libvirt_network", [])}.values():
        bench.delete(NETWORK, planned)
    host.close()


@pytest.fixture
def guest(lab_host):
    """Starts a guest without an operating system, paused, with one interface on the network."""
    connection = lab_host.connect()
    started = []

    def start(portgroup=None):
        interface = interface_xml("links", MAC)
        if portgroup is not None:
            interface = interface.replace("network='links'", f"network='links' portgroup='{portgroup}'")
        domain = connection.defineXML(guest_xml("linked", "qemu", interface))
        started.append(domain)
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
        return domain

    yield start
    for domain in started:
        domain.destroy()
        domain.undefine()
    connection.close()


@pytest.fixture
def devices(lab_host):
    """Two devices of the host that guests can share."""
    lab_host.exec_(["ip", "link", "add", "share0", "type", "veth", "peer", "name", "share1"])
    yield ["share0", "share1"]
    lab_host.exec_(["ip", "link", "delete", "share0"])


def changed(bench, written, state, disruption):
    """The network after an update of this class, after which nothing is left to do."""
    assert {edit.effect.disruption for edit in left(bench, written, state)} == {disruption}
    state = bench.update(NETWORK, written, state)
    assert left(bench, written, state) == ()
    assert read(bench.host, state).object == state
    return state


def left(bench, written, state):
    bench.host.inventory.networks.forget_all()
    bench.host.inventory.domains.forget_all()
    return bench.edits(NETWORK, written, state)


def definitions(bench, state):
    """The XML that it is started with, and the one that is at work."""
    record = bench.host.inventory.networks.get(state["id"])
    return [Document.parse(xml) for xml in (record.xml, record.live_xml)]


def attributes(document, path, *names):
    return [tuple(element.get(name) for name in names) for element in document.find_all(path)]


def dnsmasq(lab_host, ending):
    """A file that dnsmasq is told what to do by."""
    return lab_host.exec_(["cat", f"/var/lib/libvirt/dnsmasq/links.{ending}"])


def rules(lab_host):
    return lab_host.exec_(["iptables", "-t", "nat", "-S", "LIBVIRT_PRT"])


@pytest.mark.changes(
    "libvirt_network.dns.txts",
    "libvirt_network.dns.txts.name",
    "libvirt_network.dns.txts.value",
    "libvirt_network.dhcp.hosts.lease",
    "libvirt_network.dhcp.hosts.lease.expiry",
    "libvirt_network.dhcp.hosts.lease.unit",
    "libvirt_network.dhcp.ranges.lease",
    "libvirt_network.dhcp.ranges.lease.expiry",
    "libvirt_network.dhcp.ranges.lease.unit",
)
def test_text_records_and_the_time_of_leases_change_live(bench, lab_host, guest):
    def written(texts, host_lease, range_lease):
        hosts = [{"mac": MAC, "ip": "10.231.40.77", "lease": host_lease}]
        ranges = [{"start": "10.231.40.100", "end": "10.231.40.110", "lease": range_lease}]
        return LAB | {"dns": [{"txts": texts}], "dhcp": [{"hosts": hosts, "ranges": ranges}]}

    before = written([{"name": "owner", "value": "0"}], [{"expiry": 2, "unit": "hours"}], [])
    state = bench.create(NETWORK, before)
    assert f"{MAC},10.231.40.77,2h" in dnsmasq(lab_host, "hostsfile")
    assert "txt-record=owner,0" in dnsmasq(lab_host, "conf")
    guest()
    after = written([{"name": "owner", "value": "us"}], [{"expiry": 0}], [{"expiry": 300, "unit": "seconds"}])
    state = changed(bench, after, state, Disruption.LIVE)
    for document in definitions(bench, state):
        assert attributes(document, "dns/txt", "name", "value") == [("owner", "us")]
        assert attributes(document, "ip/dhcp/host/lease", "expiry") == [("0",)]
        assert attributes(document, "ip/dhcp/range/lease", "expiry", "unit") == [("300", "seconds")]
    assert f"{MAC},10.231.40.77,infinite" in dnsmasq(lab_host, "hostsfile")
    assert [line for line in dnsmasq(lab_host, "conf").splitlines() if "txt" in line] == ["txt-record=owner,us"]
    assert "10.231.40.110,255.255.255.0,300s" in dnsmasq(lab_host, "conf")


@pytest.mark.changes(
    "libvirt_network.dhcp.bootp",
    "libvirt_network.dhcp.bootp.file",
    "libvirt_network.dhcp.bootp.server",
    "libvirt_network.dhcp.tftp",
    "libvirt_network.dhcp.tftp.root",
)
def test_booting_from_the_network_needs_a_restart(bench, lab_host, guest):
    state = bench.create(NETWORK, LAB)
    domain = guest()
    own = LAB | {"dhcp": [{"bootp": [{"file": "one.0"}], "tftp": [{"root": "/srv"}]}]}
    other = LAB | {"dhcp": [{"bootp": [{"file": "two.0", "server": "10.231.40.9"}], "tftp": [{"root": "/tmp"}]}]}
    for wanted, words in (
        (own, ["dhcp-boot=one.0", "tftp-root=/srv", "enable-tftp"]),
        (other, ["dhcp-boot=two.0,,10.231.40.9", "tftp-root=/tmp"]),
        (LAB, []),
    ):
        state = changed(bench, wanted, state, Disruption.INTERRUPT)
        found = dnsmasq(lab_host, "conf")
        assert [word for word in words if word not in found] == []
        assert ("tftp" in found) is bool(words)
    assert ports(lab_host) == [tap(domain)]


def tap(domain):
    return Document.parse(domain.XMLDesc(0)).get("devices/interface/target/@dev")


def ports(lab_host):
    return lab_host.exec_(["ls", "/sys/class/net/links0/brif"]).split()


@pytest.mark.changes(
    "libvirt_network.forward.nat",
    "libvirt_network.forward.nat.ipv6",
    "libvirt_network.forward.nat.address",
    "libvirt_network.forward.nat.address.start",
    "libvirt_network.forward.nat.address.end",
    "libvirt_network.forward.nat.port",
    "libvirt_network.forward.nat.port.start",
    "libvirt_network.forward.nat.port.end",
    "libvirt_network.addresses",
)
def test_what_masquerading_makes_of_senders_changes_by_a_restart_that_nobody_notices_where_nobody_is(bench, lab_host):
    both = LAB | {"addresses": ["10.231.40.0/24", "10.231.41.0/24", "fd00:40::/64"]}
    state = bench.create(NETWORK, both)
    assert "10.231.41.0/24" in rules(lab_host)
    address = [{"start": "192.0.2.1", "end": "192.0.2.4"}]
    for nat, rule in (
        ([{"ipv6": True, "address": address, "port": [{"start": 2000, "end": 3000}]}], "192.0.2.1-192.0.2.4:2000-3000"),
        ([], "--to-ports 1024-65535"),
    ):
        wanted = both | ({"forward": [{"nat": nat}]} if nat else {})
        state = changed(bench, wanted, state, Disruption.LIVE)
        assert rule in rules(lab_host)
        rules_of_ipv6 = lab_host.exec_(["ip6tables", "-t", "nat", "-S"])
        assert ("fd00:40::/64" in rules_of_ipv6) is ("ipv6" in str(nat))


@pytest.mark.changes(
    "libvirt_network.forward", "libvirt_network.forward.interfaces", "libvirt_network.forward.interfaces.dev"
)
def test_the_way_out_changes_live(bench, lab_host, guest, devices):
    state = bench.create(NETWORK, LAB)
    guest()
    for names in (devices[:1], devices[1:], []):
        forward = [{"interfaces": [{"dev": name} for name in names]}] if names else []
        state = changed(bench, LAB | {"forward": forward}, state, Disruption.LIVE)
        for document in definitions(bench, state):
            assert attributes(document, "forward/interface", "dev") == [(name,) for name in names]
        assert [f"-o {name} " in rules(lab_host) for name in names] == [True] * len(names)
        assert ("-o " in rules(lab_host)) is bool(names)


@pytest.mark.changes("libvirt_network.forward.interfaces", "libvirt_network.trust_guest_rx_filters")
def test_guests_share_devices_of_the_host(bench, guest, devices):
    def sharing(*names, **more):
        return DEVICES | {"forward": [{"interfaces": [{"dev": name} for name in names]}]} | more

    state = bench.create(NETWORK, sharing(devices[0]))
    state = changed(bench, sharing(devices[1]), state, Disruption.LIVE)
    domain = guest()
    source = Document.parse(domain.XMLDesc(0)).get("devices/interface/source/@dev")
    assert source == devices[1]
    state = changed(bench, sharing(*devices), state, Disruption.LIVE)
    state = changed(bench, sharing(*devices, trust_guest_rx_filters=True), state, Disruption.LIVE)
    assert definitions(bench, state)[1].get("@trustGuestRxFilters") == "yes"
    [edit] = [edit for edit in left(bench, LAB | {"mode": "vepa", "bridge": None}, state) if edit.path == ("mode",)]
    assert edit.effect.disruption is Disruption.REPLACE


@pytest.mark.changes(
    "libvirt_network.portgroups",
    "libvirt_network.portgroups.name",
    "libvirt_network.portgroups.default",
    "libvirt_network.portgroups.trust_guest_rx_filters",
    "libvirt_network.portgroups.bandwidth",
    "libvirt_network.portgroups.bandwidth.inbound",
    "libvirt_network.portgroups.bandwidth.inbound.average",
    "libvirt_network.portgroups.bandwidth.inbound.peak",
    "libvirt_network.portgroups.bandwidth.inbound.burst",
    "libvirt_network.portgroups.bandwidth.outbound",
    "libvirt_network.portgroups.bandwidth.outbound.average",
    "libvirt_network.portgroups.bandwidth.outbound.peak",
    "libvirt_network.portgroups.bandwidth.outbound.burst",
)
def test_port_groups_change_live_and_those_of_others_stay(bench, lab_host):
    state = bench.create(NETWORK, LAB | {"portgroups": [{"name": "a"}]})
    network = lab_host.connect().networkLookupByName("links")
    section = libvirt.VIR_NETWORK_SECTION_PORTGROUP
    both = libvirt.VIR_NETWORK_UPDATE_AFFECT_LIVE | libvirt.VIR_NETWORK_UPDATE_AFFECT_CONFIG
    network.update(libvirt.VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, section, -1, "<portgroup name='theirs'/>", both)
    limits = [
        {"inbound": [{"average": 10, "peak": 20, "burst": 30}], "outbound": [{"average": 40, "peak": 50, "burst": 60}]}
    ]
    for groups, expected in (
        ([{"name": "a", "default": True}], [("a", "yes", None), ("theirs", None, None)]),
        (
            [{"name": "a", "trust_guest_rx_filters": True, "bandwidth": limits}, {"name": "b"}],
            [("a", None, "yes"), ("b", None, None), ("theirs", None, None)],
        ),
        ([], [("theirs", None, None)]),
    ):
        state = changed(bench, LAB | {"portgroups": groups}, state, Disruption.LIVE)
        for document in definitions(bench, state):
            assert sorted(attributes(document, "portgroup", "name", "default", "trustGuestRxFilters")) == expected
            limited = attributes(document, "portgroup/bandwidth/outbound", "average", "peak", "burst")
            assert limited == [("40", "50", "60")] * ("bandwidth" in str(groups))


@pytest.mark.changes("libvirt_network.portgroups.trust_guest_rx_filters", "libvirt_network.portgroups.default")
def test_guests_of_a_port_group_get_what_it_gives_by_now(bench, lab_host, guest):
    def written(**group):
        return LAB | {"portgroups": [{"name": "a", **group}, {"name": "b"}]}

    state = bench.create(NETWORK, written())
    domain = guest(portgroup="a")
    with closing(lab_host.connect()) as connection:
        network = connection.networkLookupByName("links")
        for group, cost, trusted in (
            ({"trust_guest_rx_filters": True}, Disruption.INTERRUPT, True),
            ({"default": True}, Disruption.INTERRUPT, False),
        ):
            state = changed(bench, written(**group), state, cost)
            assert state["restarting"] is None
            assert ports(lab_host) == [tap(domain)]
            [port] = network.listAllPorts()
            assert ("trustGuest='yes'" in port.XMLDesc()) is trusted
    others = written(default=True)
    others["portgroups"][1] = {"name": "b", "trust_guest_rx_filters": True}
    changed(bench, others, state, Disruption.LIVE)


@pytest.mark.parametrize("calls", range(4))
def test_a_live_change_that_failed_midway_is_completed_by_the_next_run(bench, monkeypatch, calls):
    """It fails in the definition, or when that is done and the running network is not."""
    plain = {"name": "links", "mode": "none"}
    state = bench.create(NETWORK, plain)
    wanted = plain | {"portgroups": [{"name": "a"}, {"name": "b"}]}
    made = iter(range(10))

    def failing(*arguments, **named):
        if next(made) == calls:
            raise DiagnosticError.of("Refused", "The host refuses.")
        update_network(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr("kvmform.resources.network.updates.update_network", failing)
        with pytest.raises(DiagnosticError, match="Refused"):
            bench.update(NETWORK, wanted, state)
    state = changed(bench, wanted, state, Disruption.LIVE)
    for document in definitions(bench, state):
        assert sorted(attributes(document, "portgroup", "name")) == [("a",), ("b",)]


@pytest.mark.changes("libvirt_network.delay", "libvirt_network.port", "libvirt_network.port.isolated")
def test_guests_are_kept_apart_once_they_are_plugged_in_again(bench, lab_host, guest):
    state = bench.create(NETWORK, LAB)
    domain = guest()
    for isolated, delay in ((True, 3), (False, 0)):
        wanted = LAB | {"port": [{"isolated": isolated}], "delay": delay, "stp": bool(delay)}
        state = changed(bench, wanted, state, Disruption.INTERRUPT)
        flag = lab_host.exec_(["cat", f"/sys/class/net/{tap(domain)}/brport/isolated"]).strip()
        assert flag == str(int(isolated))
        assert lab_host.exec_(["cat", "/sys/class/net/links0/bridge/forward_delay"]).strip() == str(
            max(delay * 100, 200) if delay else 0
        )


def test_limits_that_the_host_can_not_keep_leave_the_network_as_it_was(bench, lab_host, guest):
    """Not every kernel has what libvirt asks of it, and libvirt tells so only when the network is started."""
    state = bench.create(NETWORK, LAB)
    domain = guest()
    limited = LAB | {"bandwidth": [{"inbound": [{"average": 1000}]}]}
    if reason := refusal_of(lambda: bench.update(NETWORK, limited, state)):
        assert "Cannot start network" in reason
        assert left(bench, LAB, {**state, **bench.recorded[-1]}) == ()
    else:
        assert "htb" in lab_host.exec_(["tc", "qdisc", "show", "dev", "links0"])
    assert ports(lab_host) == [tap(domain)]


def refusal_of(action):
    """Why an action failed; nothing if it did not."""
    try:
        action()
    except DiagnosticError as problem:
        return problem.diagnostics[0].summary
    return ""


@pytest.mark.changes("libvirt_network.ipv6", "libvirt_network.mac", "libvirt_network.dns.forward_plain_names")
def test_the_bridges_own_address_and_what_is_asked_of_others_change(bench, lab_host):
    plain = LAB | {"mode": "none"}
    state = bench.create(NETWORK, plain)
    own = plain | {"ipv6": True, "mac": "52:54:00:aa:bb:01", "dns": [{"forward_plain_names": False}]}
    for wanted, is_own in ((own, True), (plain, False)):
        state = changed(bench, wanted, state, Disruption.LIVE)
        assert ("52:54:00:aa:bb:01" in lab_host.exec_(["cat", "/sys/class/net/links0/address"])) is is_own
        assert ("-i links0 -o links0 -j ACCEPT" in lab_host.exec_(["ip6tables", "-S"])) is is_own
        assert ("domain-needed" in dnsmasq(lab_host, "conf")) is is_own


@pytest.mark.changes("libvirt_network.metadata")
def test_metadata_is_in_the_definition_and_the_network_runs_on(bench, guest):
    plain = {"name": "links", "mode": "none"}
    state = bench.create(NETWORK, plain)
    guest()
    for metadata, tags in (("any text", 1), ("<a:b xmlns:a='urn:x'>c</a:b>", 1), (None, 0)):
        state = changed(bench, plain | {"metadata": metadata}, state, Disruption.NONE)
        assert len(definitions(bench, state)[0].find_all("metadata/*")) == tags
    assert definitions(bench, state)[1].get("@connections") == "1"


def test_what_somebody_added_by_hand_is_kept(bench, lab_host):
    connection = lab_host.connect()
    state = bench.create(NETWORK, LAB)
    xml = connection.networkLookupByName("links").XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE)
    by_hand = xml.replace("<dns", "<port isolated='yes'/><dns" if "<dns" in xml else "").replace(
        "<ip ",
        "<port isolated='yes'/><metadata><x:y xmlns:x='urn:x'>z</x:y></metadata><portgroup name='theirs'/><ip ",
        1,
    )
    connection.networkDefineXML(by_hand)
    assert left(bench, LAB, state) == ()
    state = changed(bench, LAB | {"domain": "links.test"}, state, Disruption.LIVE)
    for document in definitions(bench, state):
        assert document.get("port/@isolated") == "yes"
        assert document.get("portgroup/@name") == "theirs"
        assert [element.text for element in document.root.find("metadata")] == ["z"]
    connection.close()
