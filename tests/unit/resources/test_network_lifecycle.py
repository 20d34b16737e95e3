"""The life of a network, on a simulated host."""

import pytest
from lab_xml import guest_xml, interface_xml
from network_shapes import SHAPES
from type_bench import Killed, TypeBench, complete

from kvmform.diagnostics import DiagnosticError
from kvmform.host.affect import Affect
from kvmform.host.domains import define_domain
from kvmform.host.host import open_host
from kvmform.host.networks import NetworkSection, UpdateCommand, stop_network, update_network
from kvmform.host.power import start_domain
from kvmform.resources.network.resource_type import NETWORK
from kvmform.schema import Disruption, Identity
from kvmform.struct import replace
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL, STRING

NAT = SHAPES["nat"]
UUID = Identity("lineage", "x").uuid
ONE = {"mac": "52:54:00:00:00:01", "ip": "10.231.1.11"}
TWO = {"mac": "52:54:00:00:00:02", "ip": "10.231.1.12", "name": "two"}


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


def with_hosts(*hosts):
    return {**NAT, "dhcp": [{"hosts": list(hosts)}]}


def made(bench, written):
    """A network as it is created; nothing is left to do then."""
    state = bench.create(NETWORK, written)
    assert bench.edits(NETWORK, written, state) == ()
    return state


def changed(bench, written, state):
    """The network after an update, which leaves nothing to do."""
    state = bench.update(NETWORK, written, state)
    assert bench.edits(NETWORK, written, state) == ()
    assert NETWORK.read(bench.host, state).object == state
    return state


def record(bench):
    return bench.host.inventory.networks.get(UUID)


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_made_is_read_back_without_a_difference(bench, name):
    state = made(bench, SHAPES[name])
    assert NETWORK.read(bench.host, state).object == state
    assert record(bench).active is SHAPES[name].get("active", True)
    assert record(bench).autostart is SHAPES[name].get("autostart", False)


def test_the_id_is_known_beforehand_and_what_libvirt_chooses_is_not(bench):
    planned = bench.propose(NETWORK, NAT)
    assert planned["id"] == UUID
    assert isinstance(planned["bridge"], Unknown)
    assert planned["restarting"] is None


@pytest.mark.parametrize(
    ("written", "enabled"),
    [
        ({"dhcp": [{"ranges": []}]}, True),
        ({"dhcp": [{"enabled": None}], "mode": "bridge"}, False),
        ({"dhcp": [{"enabled": False}]}, False),
        ({"dhcp": [{"enabled": None}], "mode": Unknown(STRING)}, Unknown(BOOL)),
    ],
)
def test_whether_there_is_dhcp_is_decided_at_plan(bench, written, enabled):
    assert bench.propose(NETWORK, NAT | written)["dhcp"][0]["enabled"] == enabled


def test_a_fixed_address_without_a_word_on_dhcp_turns_it_on_again(bench):
    state = made(bench, {**NAT, "dhcp": [{"enabled": False}]})
    changed(bench, with_hosts(ONE), state)
    assert "<range" in record(bench).xml


def test_a_network_that_is_made_twice_is_there_once(bench):
    first = bench.create(NETWORK, NAT)
    assert bench.create(NETWORK, NAT, leftover=bench.recorded[-1]) == first
    assert len(bench.host.inventory.networks.all()) == 1


@pytest.mark.parametrize("verb", ["define_network", "set_network_autostart", "start_network"])
def test_a_creation_that_was_killed_is_continued_with_what_is_written_by_then(bench, monkeypatch, verb):
    def killed(*_arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"kvmform.resources.network.lifecycle.{verb}", killed)
        with pytest.raises(Killed):
            bench.create(NETWORK, {**NAT, "domain": "old.test"})
    made(bench, {**NAT, "domain": "new.test"})
    assert record(bench).active
    assert len(bench.host.inventory.networks.all()) == 1


def test_state_knows_of_a_network_as_soon_as_it_is_defined(bench, monkeypatch):
    def refuse(*_arguments):
        raise DiagnosticError.of("Cannot start network", "Its addresses are in use.")

    with monkeypatch.context() as patch:
        patch.setattr("kvmform.resources.network.lifecycle.start_network", refuse)
        with pytest.raises(DiagnosticError):
            bench.create(NETWORK, NAT)
    assert bench.recorded[-1]["id"] == UUID
    bench.delete(NETWORK, bench.recorded[-1])
    assert record(bench) is None


def test_a_deleted_network_is_gone_and_deleting_it_again_is_silent(bench):
    state = bench.create(NETWORK, NAT)
    bench.delete(NETWORK, state)
    assert NETWORK.read(bench.host, state) is None
    bench.delete(NETWORK, state)


@pytest.mark.parametrize("identity", [UUID, "shape"])
def test_an_import_finds_a_network_by_uuid_or_name(bench, identity):
    bench.create(NETWORK, NAT)
    prior = {**complete(NETWORK, NAT), **NETWORK.find(bench.host, identity)}
    found = NETWORK.read(bench.host, NETWORK.read(bench.host, prior).object)
    assert found.object["id"] == UUID
    assert bench.edits(NETWORK, NAT, found.object) == ()


def test_a_network_that_was_stopped_is_started_again(bench):
    state = bench.create(NETWORK, NAT)
    stop_network(bench.host, UUID)
    [edit] = bench.edits(NETWORK, NAT, state)
    assert (edit.path, edit.effect.disruption) == (("active",), Disruption.LIVE)
    assert changed(bench, NAT, state)["active"] is True
    assert record(bench).active


def test_a_network_is_stopped_and_started_as_it_is_written(bench):
    state = made(bench, NAT)
    state = changed(bench, {**NAT, "active": False}, state)
    assert not record(bench).active
    state = changed(bench, {**NAT, "active": False, "domain": "d.test"}, state)
    assert not record(bench).active
    changed(bench, {**NAT, "domain": "e.test"}, state)
    assert record(bench).active


def test_autostart_is_changed_and_nothing_else(bench, monkeypatch):
    state = made(bench, NAT)
    for verb in ("stop_network", "define_network"):
        monkeypatch.delattr(f"kvmform.resources.network.restart.{verb}")
    assert changed(bench, {**NAT, "autostart": True}, state)["autostart"] is True
    assert record(bench).autostart


def test_fixed_addresses_are_added_changed_and_removed_without_a_restart(bench, monkeypatch):
    monkeypatch.delattr("kvmform.resources.network.restart.stop_network")
    state = made(bench, NAT)
    moved = {**ONE, "ip": "10.231.1.99"}
    for wanted in ((ONE,), (ONE, TWO), (moved, TWO), ({**moved, "name": "one"}, TWO), (TWO,)):
        assert {e.effect.disruption for e in bench.edits(NETWORK, with_hosts(*wanted), state)} == {Disruption.LIVE}
        state = changed(bench, with_hosts(*wanted), state)
    changed(bench, NAT, state)
    assert "<host " not in record(bench).xml


def test_two_guests_exchange_their_fixed_addresses(bench):
    state = made(bench, with_hosts(ONE, TWO))
    changed(bench, with_hosts({**ONE, "ip": TWO["ip"]}, {**TWO, "ip": ONE["ip"]}), state)


def test_a_guest_gets_another_mac_address_and_keeps_its_fixed_address(bench):
    state = made(bench, with_hosts(ONE, TWO))
    changed(bench, with_hosts({**ONE, "mac": "52:54:00:00:00:03"}, TWO), state)
    assert ONE["mac"] not in record(bench).xml


def test_ranges_names_and_services_are_changed_without_a_restart(bench, monkeypatch):
    monkeypatch.delattr("kvmform.resources.network.restart.stop_network")
    state = made(bench, NAT)
    names = [{"ip": "10.231.1.5", "hostname": "a"}, {"ip": "10.231.1.5", "hostname": "b"}]
    service = {"service": "ldap", "protocol": "tcp", "target": "a", "port": "389"}
    for wanted in (
        {"dhcp": [{"ranges": [{"start": "10.231.1.100", "end": "10.231.1.200"}]}]},
        {"dhcp": [{"ranges": [{"start": "10.231.1.100", "end": "10.231.1.150"}]}]},
        {"dns": [{"hosts": names, "srvs": [service]}]},
        {"dns": [{"hosts": names[1:], "srvs": [{**service, "port": "636"}]}]},
        {},
    ):
        state = changed(bench, NAT | wanted, state)
    assert "100" not in record(bench).xml
    assert "ldap" not in record(bench).xml


def domain_reserves(bench):
    host = "<host mac='52:54:00:00:00:09' name='guest' ip='10.231.1.9'/>"
    for affect in (Affect.CONFIG, Affect.LIVE):
        update_network(bench.host, UUID, UpdateCommand.ADD, NetworkSection.DHCP_HOST, host, affect, parent=0)


@pytest.mark.parametrize("change", [{"domain": "other.test"}, {"addresses": ["10.231.0.0/23"]}, with_hosts(TWO)])
def test_a_fixed_address_of_a_domain_is_no_difference_and_survives(bench, change):
    state = made(bench, with_hosts(ONE))
    domain_reserves(bench)
    assert bench.edits(NETWORK, with_hosts(ONE), state) == ()
    changed(bench, NAT | change, state)
    assert "10.231.1.9" in record(bench).xml
    assert ONE["mac"] not in record(bench).xml


def test_a_fixed_address_that_is_there_already_is_taken_over(bench):
    state = made(bench, NAT)
    domain_reserves(bench)
    changed(bench, with_hosts({"mac": "52:54:00:00:00:09", "ip": "10.231.1.9"}), state)


def test_a_restart_is_noted_in_the_record_before_it_begins(bench):
    state = made(bench, NAT)
    bench.recorded.clear()
    state = changed(bench, {**NAT, "domain": "d.test"}, state)
    assert bench.recorded == [{"restarting": True}]
    assert state["restarting"] is None


def run_guest(bench):
    """A guest on the network."""
    xml = guest_xml("plugged", "test", interface_xml("shape", "52:54:00:00:00:09"))
    start_domain(bench.host, define_domain(bench.host, xml))


def test_a_restart_interrupts_only_those_who_are_there(bench):
    state = made(bench, NAT)
    wanted = {**NAT, "domain": "d.test"}
    assert [e.effect.disruption for e in bench.edits(NETWORK, wanted, state)] == [Disruption.LIVE]
    run_guest(bench)
    assert [e.effect.disruption for e in bench.edits(NETWORK, wanted, state)] == [Disruption.INTERRUPT]
    assert [e.effect.disruption for e in bench.edits(NETWORK, {**NAT, "active": False}, state)] == [
        Disruption.INTERRUPT
    ]


def test_a_network_is_not_restarted_under_a_plan_that_told_of_less(bench, monkeypatch):
    state = made(bench, NAT)
    run_guest(bench)
    operation = bench.operation
    monkeypatch.setattr(
        bench, "operation", lambda address="x": replace(operation(address), planned_cost=Disruption.LIVE)
    )
    with pytest.raises(DiagnosticError) as caught:
        changed(bench, {**NAT, "domain": "d.test"}, state)
    assert caught.value.diagnostics[0].summary == "The change costs more than the plan says"
    assert record(bench).active


@pytest.mark.parametrize("verb", ["define_network", "stop_network", "start_network", "plug_in"])
def test_a_restart_that_was_killed_is_made_again(bench, monkeypatch, verb):
    def killed(*_arguments):
        raise Killed

    state = made(bench, NAT)
    wanted = {**NAT, "domain": "d.test"}
    with monkeypatch.context() as patch:
        patch.setattr(f"kvmform.resources.network.restart.{verb}", killed)
        with pytest.raises(Killed):
            bench.update(NETWORK, wanted, state)
    state = {**state, **bench.recorded[-1]}
    assert ("restarting",) in {edit.path for edit in bench.edits(NETWORK, wanted, state)}
    changed(bench, wanted, state)
    assert record(bench).active
    assert "d.test" in record(bench).xml


@pytest.mark.parametrize("verb", ["define_network", "start_network"])
def test_a_network_that_can_not_be_restarted_is_as_it_was_before(bench, monkeypatch, verb):
    def refuse(*_arguments):
        monkeypatch.undo()
        raise DiagnosticError.of("Refused", "By the test.")

    state = made(bench, NAT)
    monkeypatch.setattr(f"kvmform.resources.network.restart.{verb}", refuse)
    with pytest.raises(DiagnosticError, match="Refused"):
        bench.update(NETWORK, {**NAT, "domain": "d.test"}, state)
    assert record(bench).active
    assert bench.edits(NETWORK, NAT, {**state, **bench.recorded[-1]}) == ()


def test_a_network_that_vanished_meanwhile_is_made_again(bench):
    state = made(bench, NAT)
    observed = NETWORK.read(bench.host, state)
    planned = bench.propose(NETWORK, {**NAT, "domain": "d.test"}, observed)
    bench.delete(NETWORK, state)
    assert NETWORK.update(bench.operation(), observed.object, planned, []) == planned
    assert record(bench).active


def test_a_network_that_leaves_the_hosts_bridge_gets_one_of_its_own(bench):
    state = made(bench, SHAPES["bridge-of-the-host"])
    observed = NETWORK.read(bench.host, state)
    assert isinstance(bench.propose(NETWORK, NAT, observed)["bridge"], Unknown)
    assert bench.propose(NETWORK, {**NAT, "bridge": "shape0"}, observed)["bridge"] == "shape0"


def test_ipv6_addresses_may_be_spelled_in_any_way(bench, monkeypatch):
    written = {
        "name": "shape",
        "mode": "none",
        "addresses": ["fd00:231:0::/64"],
        "dhcp": [
            {
                "hosts": [{"name": "a", "ip": "fd00:231::0011"}],
                "ranges": [{"start": "FD00:231::0002", "end": "fd00:231::00ff"}],
            }
        ],
    }
    state = made(bench, written)
    [dhcp] = written["dhcp"]
    another = {**written, "dhcp": [{**dhcp, "hosts": [*dhcp["hosts"], {"name": "b", "ip": "fd00:231::0012"}]}]}
    steps = []
    monkeypatch.setattr(
        "kvmform.resources.network.updates.update_network", lambda *arguments, **_: steps.append(arguments[2:5])
    )
    bench.update(NETWORK, another, state)
    assert len(steps) == 1  # A simulated host has one definition of a network.
