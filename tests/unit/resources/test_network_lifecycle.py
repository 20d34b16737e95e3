"""Networks on a simulated host, and what can be told of them without any."""

import pytest
from network_shapes import SHAPES
from type_bench import TypeBench, complete

from kvmform.host.host import open_host
from kvmform.host.networks import stop_network
from kvmform.resources.network import NETWORK
from kvmform.resources.network.definition import network_xml, subnets
from kvmform.schema import Disruption, Observed

NAT = SHAPES["nat"]


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


# libvirt's test driver starts every network that it loads, and keeps of dnsmasq's options nothing.
@pytest.mark.parametrize("name", sorted(set(SHAPES) - {"inactive"}))
def test_what_is_made_is_read_back_without_a_difference(bench, name):
    state = bench.create(NETWORK, SHAPES[name])
    assert bench.edits(NETWORK, SHAPES[name], state) == ()


def test_a_network_that_is_made_twice_is_there_once(bench):
    first = bench.create(NETWORK, NAT)
    assert bench.create(NETWORK, NAT)["id"] == first["id"]
    assert len(bench.host.inventory.networks.all()) == 1


def test_deleting_twice_is_as_good_as_once(bench):
    state = bench.create(NETWORK, NAT)
    bench.delete(NETWORK, state)
    bench.delete(NETWORK, state)
    assert NETWORK.read(bench.host, state) is None


def test_the_id_is_known_beforehand(bench):
    planned = bench.propose(NETWORK, NAT)
    assert bench.create(NETWORK, NAT)["id"] == planned["id"]


def test_a_stopped_network_is_started_again(bench):
    state = bench.create(NETWORK, NAT)
    stop_network(bench.host, state["id"])
    [edit] = bench.edits(NETWORK, NAT, state)
    assert (edit.path, edit.effect.disruption) == (("active",), Disruption.LIVE)
    assert bench.update(NETWORK, NAT, state)["active"] is True


def hosts(*entries):
    return {**NAT, "dhcp": [{"hosts": [{"mac": m, "ip": i} for m, i in entries]}]}


def test_a_dhcp_host_is_added_changed_and_removed_live(bench):
    one, two = ("52:54:00:00:00:01", "10.231.1.11"), ("52:54:00:00:00:02", "10.231.1.12")
    state = bench.create(NETWORK, NAT)
    for wanted in (hosts(one), hosts(one, two), hosts((one[0], "10.231.1.99"), two), hosts(two), NAT):
        assert {e.effect.disruption for e in bench.edits(NETWORK, wanted, state)} == {Disruption.LIVE}
        state = bench.update(NETWORK, wanted, state)
        assert bench.edits(NETWORK, wanted, state) == ()
    assert "<host " not in bench.host.inventory.networks.get(state["id"]).xml


def test_a_fixed_address_that_somebody_else_made_is_no_difference_and_survives(bench):
    """Domains put the fixed addresses of their interfaces into the network."""
    state = bench.create(NETWORK, {**NAT, "dhcp": [{"hosts": [{"mac": "52:54:00:00:00:09", "ip": "10.231.1.9"}]}]})
    assert bench.edits(NETWORK, NAT, {**state, "dhcp": []}) == ()
    redefined = bench.update(NETWORK, {**NAT, "domain": "other.test"}, {**state, "dhcp": []})
    assert "52:54:00:00:00:09" in bench.host.inventory.networks.get(redefined["id"]).xml


@pytest.mark.parametrize(
    ("wanted", "disruption"),
    [
        ({"autostart": True}, Disruption.NONE),
        ({"domain": "d.test"}, Disruption.INTERRUPT),
        ({"mode": "none"}, Disruption.INTERRUPT),
        ({"mtu": 1400}, Disruption.INTERRUPT),
        ({"addresses": ["10.231.2.0/24"]}, Disruption.INTERRUPT),
        ({"dhcp": [{"enabled": False}]}, Disruption.INTERRUPT),
        ({"dns": [{"enabled": False}]}, Disruption.INTERRUPT),
        ({"dns": [{"hosts": [{"ip": "10.231.1.4", "hostname": "x"}]}]}, Disruption.LIVE),
        ({"dhcp": [{"ranges": [{"start": "10.231.1.50", "end": "10.231.1.60"}]}]}, Disruption.LIVE),
        ({"routes": [{"cidr": "10.240.0.0/24", "gateway": "10.231.1.2"}]}, Disruption.INTERRUPT),
        ({"name": "renamed"}, Disruption.REPLACE),
    ],
)
def test_what_a_change_costs(bench, wanted, disruption):
    state = bench.create(NETWORK, NAT)
    assert max(e.effect.disruption for e in bench.edits(NETWORK, {**NAT, **wanted}, state)) is disruption


def test_an_inactive_network_is_changed_without_anybody_noticing(bench):
    state = bench.create(NETWORK, NAT)
    stop_network(bench.host, state["id"])
    edits = bench.edits(NETWORK, {**NAT, "active": False, "domain": "d.test"}, state)
    assert {e.effect.disruption for e in edits if e.path == ("domain",)} == {Disruption.NONE}


@pytest.mark.parametrize(
    ("cidr", "first", "last"),
    [
        ("10.231.1.0/24", "10.231.1.2", "10.231.1.254"),
        ("10.0.0.0/8", "10.0.0.2", "10.0.255.254"),
        ("fd00::/64", "fd00::2", "fd00::fffe"),
    ],
)
def test_dhcp_gives_out_all_but_the_first_and_the_last(cidr, first, last):
    [subnet] = subnets(complete(NETWORK, {"name": "x", "addresses": [cidr]}))
    assert subnet.ranges == [(first, last)]


def test_names_are_escaped_in_the_xml():
    planned = {**complete(NETWORK, {**NAT, "name": "a&b<'\"x"}), "id": "i"}
    assert "a&amp;b&lt;" in network_xml(planned)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"mode": "magic"}, "Unknown network mode"),
        ({"mode": "bridge"}, "Missing bridge"),
        ({"bridge": "a-name-that-is-too-long"}, "Bridge name too long"),
        ({"dns": [{"local_only": True}]}, "Missing domain"),
        ({"addresses": ["10.231.1.0/33"]}, "Invalid network address"),
        ({"addresses": ["10.231.1.0/30"]}, "Network too small"),
        ({"addresses": ["10.231.1.0/24", "10.231.2.0/24"]}, "Too many addresses"),
        ({"dhcp": [{"hosts": [{"mac": "52:54:00:00:00:01", "ip": "10.99.0.1"}]}]}, "Address outside of the network"),
        ({"dhcp": [{"hosts": [{"mac": "52:54:00:00:00:01", "ip": "ten"}]}]}, "Invalid address"),
    ],
)
def test_what_would_go_wrong_is_told_beforehand(bench, wanted, said):
    assert said in [problem.diagnostic.summary for problem in bench.check(NETWORK, {**NAT, **wanted})]


def test_a_name_a_bridge_and_addresses_that_are_taken_are_told(bench):
    bench.create(NETWORK, {**NAT, "bridge": "taken0"}, address="other")
    bench.planned.clear()
    found = [p.diagnostic.summary for p in bench.check(NETWORK, {**NAT, "bridge": "taken0"})]
    assert found == ["Network already exists", "Bridge already in use", "Addresses already in use"]


def test_two_planned_networks_with_the_same_addresses_are_told(bench):
    bench.propose(NETWORK, {**NAT, "name": "one"}, address="one")
    found = bench.check(NETWORK, {**NAT, "name": "two"}, address="two")
    assert [p.diagnostic.summary for p in found] == ["Addresses already in use"]


def test_a_network_is_imported_by_its_name(bench):
    state = bench.create(NETWORK, NAT)
    found = NETWORK.read(bench.host, {"id": "shape", "name": None})
    assert isinstance(found, Observed)
    assert found.object["id"] == state["id"]
