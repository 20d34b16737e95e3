"""What is told about a network at plan time: everything that libvirt would refuse later, or do wrongly in silence."""

import pytest
from network_shapes import SHAPES
from type_bench import TypeBench, complete

from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network
from kvmform.resources.network.resource_type import NETWORK
from kvmform.schema import Check, Identity
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL, STRING

NAT = {"name": "lab", "addresses": ["10.17.3.0/24"]}
BRIDGED = {"name": "lab", "mode": "bridge", "bridge": "br0"}
HOST = {"mac": "52:54:00:00:00:01", "ip": "10.17.3.10"}
FOREIGN = """
<network>
  <name>foreign</name>
  {forward}
  <bridge name="{bridge}"/>
  <ip address="10.17.3.129" netmask="255.255.255.128"/>
</network>"""


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


def problems(bench, written, **how):
    return [(problem.path, problem.diagnostic.summary) for problem in bench.check(NETWORK, written, **how)]


def foreign(bench, *, active, bridge="virbr50", forward="<forward mode='nat'/>"):
    uuid = define_network(bench.host, FOREIGN.format(bridge=bridge, forward=forward))
    if active:
        start_network(bench.host, uuid)
    return uuid


@pytest.mark.parametrize("name", SHAPES)
def test_a_good_network_has_no_problems(bench, name):
    assert problems(bench, SHAPES[name]) == []


@pytest.mark.parametrize(
    ("change", "path", "summary"),
    [
        ({"mode": "magic"}, ("mode",), "Unknown network mode"),
        ({"addresses": None}, ("mode",), "Missing addresses"),
        ({"addresses": [], "mode": "Route"}, ("mode",), "Missing addresses"),
        ({"mode": "bridge"}, ("mode",), "Missing bridge"),
        ({"bridge": "a-name-that-is-long"}, ("bridge",), "Name of the bridge too long"),
        ({"mtu": 60}, ("mtu",), "Unsuitable MTU"),
        ({"mtu": 65536}, ("mtu",), "Unsuitable MTU"),
        ({"addresses": ["10.17.3.0/33"]}, ("addresses", 0), "Unsuitable network address"),
        ({"addresses": ["ten"]}, ("addresses", 0), "Unsuitable network address"),
        ({"addresses": ["10.17.3.0/30"]}, ("addresses", 0), "Unsuitable network address"),
        ({"addresses": ["10.17.3.0/24", "10.17.0.0/16"]}, ("addresses", 1), "Unsuitable network address"),
        ({"xml": [{"xslt": "no stylesheet"}]}, ("xml", 0, "xslt"), "Invalid XML"),
    ],
)
def test_the_network_itself(bench, change, path, summary):
    assert problems(bench, NAT | change) == [(path, summary)]


@pytest.mark.parametrize(
    "change",
    [
        {"domain": "lab.test"},
        {"mtu": 1400},
        {"routes": [{"cidr": "10.9.0.0/24", "gateway": "10.17.3.9"}], "addresses": ["10.17.3.0/24"]},
    ],
)
def test_what_libvirt_refuses_on_a_bridge_of_the_host(bench, change):
    [name, *_] = change
    assert problems(bench, BRIDGED | change) == [((name,), "Not possible on the host's own bridge")]


@pytest.mark.parametrize(
    ("dns", "path", "summary"),
    [
        ({"local_only": True}, ("local_only",), "Missing domain"),
        ({"enabled": False, "hosts": [{"ip": "10.17.3.5", "hostname": "a"}]}, ("hosts",), "DNS is disabled"),
        ({"enabled": False, "forwarders": [{"address": "10.9.9.9"}]}, ("forwarders",), "DNS is disabled"),
        ({"forwarders": [{}]}, ("forwarders", 0), "Empty forwarder"),
        ({"forwarders": [{"address": "nine"}]}, ("forwarders", 0, "address"), "Invalid IP address"),
        ({"hosts": [{"ip": "five", "hostname": "a"}]}, ("hosts", 0, "ip"), "Invalid IP address"),
    ],
)
def test_dns(bench, dns, path, summary):
    assert problems(bench, {**NAT, "dns": [dns]}) == [(("dns", 0, *path), summary)]


@pytest.mark.parametrize(
    ("dhcp", "path", "summary"),
    [
        ({"enabled": False, "hosts": [HOST]}, ("hosts",), "DHCP is disabled"),
        ({"hosts": [{**HOST, "ip": "10.99.0.1"}]}, ("hosts", 0, "ip"), "Address outside of the network"),
        ({"hosts": [{**HOST, "ip": "ten"}]}, ("hosts", 0, "ip"), "Invalid IP address"),
        ({"hosts": [{"ip": "10.17.3.10"}]}, ("hosts", 0), "Missing MAC address"),
        ({"hosts": [HOST, {**HOST, "ip": "10.17.3.11"}]}, ("hosts", 1, "mac"), "DHCP host given twice"),
        ({"hosts": [HOST, {"name": "a", "ip": "10.17.3.10"}]}, ("hosts", 1, "ip"), "DHCP host given twice"),
        (
            {"ranges": [{"start": "10.17.3.20", "end": "10.17.4.9"}]},
            ("ranges", 0, "end"),
            "Address outside of the network",
        ),
        ({"ranges": [{"start": "10.17.3.20", "end": "10.17.3.9"}]}, ("ranges", 0), "Invalid range"),
    ],
)
def test_dhcp(bench, dhcp, path, summary):
    assert problems(bench, {**NAT, "dhcp": [dhcp]}) == [(("dhcp", 0, *path), summary)]


@pytest.mark.parametrize("host", [{"mac": HOST["mac"]}, {"mac": HOST["mac"], "name": "a"}, {}])
def test_dhcp_for_ipv6_knows_guests_by_name(bench, host):
    written = {**NAT, "addresses": ["fd00:17::/64"], "dhcp": [{"hosts": [{**host, "ip": "fd00:17::5"}]}]}
    assert problems(bench, written) == [(("dhcp", 0, "hosts", 0), "A name is needed for an IPv6 address")]


def test_dhcp_on_a_bridge_of_the_host_is_that_of_another(bench):
    assert problems(bench, {**BRIDGED, "dhcp": [{"enabled": True, "hosts": [HOST]}]}) == [
        (("dhcp", 0, "hosts"), "DHCP is disabled"),
        (("dhcp", 0, "hosts", 0, "ip"), "Address outside of the network"),
    ]


@pytest.mark.parametrize(
    ("route", "path", "summary"),
    [
        ({"cidr": "10.9.0.0/24", "gateway": "10.99.0.1"}, "gateway", "Address outside of the network"),
        ({"cidr": "10.9.0.0/24", "gateway": "nine"}, "gateway", "Invalid IP address"),
        ({"cidr": "nine", "gateway": "10.17.3.9"}, "cidr", "Unsuitable network address"),
    ],
)
def test_routes(bench, route, path, summary):
    assert problems(bench, {**NAT, "routes": [route]}) == [(("routes", 0, path), summary)]


def test_what_is_not_known_yet_is_no_problem(bench):
    address, unknown = Unknown(STRING), Unknown()
    planned = {
        **complete(NETWORK, {**NAT, "dns": [{"hosts": [{}], "forwarders": [{}]}], "dhcp": [{"hosts": [HOST]}]}),
        "id": "i",
        "mode": Unknown(STRING),
        "bridge": Unknown(STRING),
        "addresses": unknown,
        "routes": unknown,
        "xml": unknown,
    }
    planned["dns"][0] |= {"enabled": Unknown(BOOL), "hosts": [{"ip": address, "hostname": address}], "srvs": unknown}
    planned["dns"][0]["forwarders"] = [{"address": address, "domain": None}]
    planned["dhcp"][0] |= {"hosts": [*planned["dhcp"][0]["hosts"], dict.fromkeys(HOST | {"name": ""}, address)]}
    planned["dhcp"][0]["ranges"] = unknown
    for shape in (planned, {**planned, "dns": unknown, "dhcp": unknown, "addresses": [address, "10.17.3.0/24"]}):
        check = Check(
            address="x",
            host=bench.host,
            base_directory=bench.base_directory,
            identity=Identity("l", "x"),
            config=shape,
            observed=None,
            planned=shape,
            replace=False,
            edits=(),
            others=lambda kind: [planned] if kind == "libvirt_network" else [],
        )
        assert list(NETWORK.check(check)) == []


def test_a_name_of_a_foreign_network_is_refused(bench):
    uuid = foreign(bench, active=False)
    [problem] = bench.check(NETWORK, {**NAT, "name": "foreign"})
    assert (problem.path, problem.diagnostic.summary) == (("name",), "Network already exists")
    assert uuid in problem.diagnostic.detail


@pytest.mark.parametrize("active", [True, False])
def test_a_bridge_of_a_foreign_network_is_refused(bench, active):
    foreign(bench, active=active)
    written = {**NAT, "bridge": "virbr50", "addresses": ["10.18.0.0/24"]}
    assert problems(bench, written) == [(("bridge",), "Bridge used by another network")]


def test_a_bridge_of_the_host_serves_any_number_of_networks(bench):
    foreign(bench, active=True, bridge="br0", forward="<forward mode='bridge'/>")
    bench.propose(NETWORK, {**BRIDGED, "name": "second"}, address="second")
    assert problems(bench, BRIDGED) == []


@pytest.mark.parametrize("cidr", ["10.17.3.0/24", "10.17.3.128/29", "10.0.0.0/8"])
def test_addresses_of_an_active_foreign_network_are_refused(bench, cidr):
    uuid = foreign(bench, active=True)
    [problem] = bench.check(NETWORK, {**NAT, "addresses": [cidr]})
    assert (problem.path, problem.diagnostic.summary) == (("addresses",), "Addresses used by another network")
    assert '"foreign"' in problem.diagnostic.detail
    bench.host.inventory.networks.forget(uuid)


def test_addresses_of_a_network_that_is_down_are_free(bench):
    foreign(bench, active=False)
    assert problems(bench, NAT) == []
    bench.propose(NETWORK, {**NAT, "name": "spare", "active": False}, address="spare")
    assert problems(bench, NAT) == []


def test_what_another_planned_network_has_is_refused(bench):
    bench.propose(NETWORK, {**NAT, "bridge": "lab0"}, address="first")
    assert problems(bench, {**NAT, "bridge": "lab0"}) == [
        (("addresses",), "Addresses used by another network"),
        (("name",), "Name used twice"),
        (("bridge",), "Bridge used by another network"),
    ]


def test_addresses_that_another_planned_network_gives_up_are_free(bench):
    first = bench.create(NETWORK, {**NAT, "name": "first"}, address="first")
    bench.planned.clear()
    moved = {**NAT, "name": "first", "addresses": ["10.18.0.0/24"]}
    bench.propose(NETWORK, moved, NETWORK.read(bench.host, first), address="first")
    assert problems(bench, NAT, address="second") == []


@pytest.mark.parametrize("replace", [True, False])
def test_a_network_is_no_hindrance_to_itself(bench, replace):
    state = bench.create(NETWORK, {**NAT, "bridge": "lab0"})
    bench.planned.clear()
    assert problems(bench, {**NAT, "bridge": "lab0"}, observed=NETWORK.read(bench.host, state), replace=replace) == []


def taken(before, after):
    """Of the claims that `after` needs, those that `before` has."""
    networks = ({**complete(NETWORK, {**NAT, "name": name, "addresses": [cidr]})} for name, cidr in (before, after))
    had, wanted = networks
    return {claim for claim in NETWORK.needs(wanted) if claim in set(NETWORK.claims(had)) and claim[1] is not None}


@pytest.mark.parametrize(
    ("before", "after", "meet"),
    [
        ("10.17.0.0/16", "10.17.0.0/16", True),
        ("10.17.0.0/16", "10.17.9.0/24", True),
        ("10.17.9.0/24", "10.17.0.0/16", True),
        ("10.17.8.0/24", "10.17.9.0/24", False),
        ("10.16.0.0/16", "10.17.9.0/24", False),
        ("fd00:17::/48", "fd00:17:0:9::/64", True),
        ("fd00:17::/64", "fd00:18::/64", False),
        ("0.0.0.0/1", "::/1", False),
    ],
)
def test_a_network_needs_addresses_that_no_other_has_any_of(before, after, meet):
    assert bool(taken(("a", before), ("b", after))) is meet
    assert taken(("a", before), ("a", after)) >= {("network", "a")}


def guest_on(network, addresses):
    interface = {
        "network_name": network,
        "network_id": None,
        "mac": "52:54:00:00:00:09",
        "reserved_addresses": addresses,
    }
    return {"name": "web", "network_interface": [interface]}


def test_a_guest_keeps_the_address_that_it_reserves(bench):
    state = bench.create(NETWORK, NAT)
    bench.planned["libvirt_domain"] = [guest_on("lab", ["10.17.3.9"])]
    observed = NETWORK.read(bench.host, state)
    moved = problems(bench, {**NAT, "addresses": ["10.18.0.0/24"]}, observed=observed)
    assert moved == [(("addresses",), "A guest's address is left out")]
    given_away = problems(bench, {**NAT, "dhcp": [{"hosts": [{**HOST, "ip": "10.17.3.9"}]}]}, observed=observed)
    assert given_away == [(("dhcp", 0, "hosts", 0, "ip"), "Address is taken")]


@pytest.mark.parametrize("reserved", [["10.17.3.9"], ["nine"], Unknown(STRING)])
def test_what_is_no_address_is_told_once_and_stops_nothing_else(bench, reserved):
    state = bench.create(NETWORK, NAT)
    bench.planned["libvirt_domain"] = [guest_on("lab", reserved)]
    found = problems(bench, {**NAT, "addresses": ["10.17.3.0/33"]}, observed=NETWORK.read(bench.host, state))
    assert (("addresses", 0), "Unsuitable network address") in found
