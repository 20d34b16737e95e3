"""Whatever call of a network's verbs fails: nothing is left, or what the next run goes on from. On a simulated host."""

from contextlib import suppress

import pytest
from network_shapes import SHAPES
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host, open_host
from kvmform.resources.network.plugging import Interface, plug_in
from kvmform.resources.network.resource_type import NETWORK
from kvmform.schema import Identity

NAT = SHAPES["nat"]
UUID = Identity("lineage", "x").uuid
MOST_CALLS = 40


@pytest.fixture
def bench(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    yield TypeBench(host, tmp_path)
    host.close()


class RefusedError(DiagnosticError):
    """What the host says."""


class Failing:
    """Lets one of the calls that change something fail, as a host does that refuses it."""

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch

    def at(self, number, action):
        """Whether the call of that number came, and failed."""
        calls, write = 0, Host.write

        def counted(host, operation, call):
            nonlocal calls
            calls += 1
            if calls == number:
                raise RefusedError.of("Refused", f"{operation} is refused.")
            return write(host, operation, call)

        with self._monkeypatch.context() as patch:
            patch.setattr(Host, "write", counted)
            with suppress(RefusedError):
                action()
        return calls >= number


@pytest.fixture
def failing(monkeypatch):
    return Failing(monkeypatch)


def is_there(bench):
    return bench.host.inventory.networks.get(UUID) is not None


@pytest.mark.parametrize("name", ["autostart", "dhcp-hosts-and-range", "bridge-of-the-host"])
def test_a_creation_leaves_nothing_or_is_continued(bench, failing, name):
    written = SHAPES[name]
    for number in range(1, MOST_CALLS):
        bench.recorded.clear()
        failed = failing.at(number, lambda: bench.create(NETWORK, written))
        assert not is_there(bench) or bench.recorded[-1]["id"] == UUID
        state = bench.create(NETWORK, written, leftover=bench.recorded[-1] if bench.recorded else None)
        assert bench.edits(NETWORK, written, state) == ()
        bench.delete(NETWORK, state)
        assert not is_there(bench)
        if not failed:
            return
    raise AssertionError("There is no end to the calls.")


LIVE = {
    **NAT,
    "dhcp": [{"hosts": [{"mac": "52:54:00:00:00:01", "ip": "10.231.1.11"}]}],
    "dns": [{"hosts": [{"ip": "10.231.1.5", "hostname": "five"}], "txts": [{"name": "a", "value": "b"}]}],
    "portgroups": [{"name": "a"}, {"name": "b", "default": True}],
}


@pytest.mark.parametrize("wanted", [LIVE, {**LIVE, "domain": "d.test", "autostart": True}], ids=["live", "restart"])
def test_a_change_is_completed_by_the_next_run(bench, failing, wanted):
    for number in range(1, MOST_CALLS):
        bench.recorded.clear()
        state = bench.create(NETWORK, NAT)
        failed = failing.at(number, lambda state=state: bench.update(NETWORK, wanted, state))
        state = {**state, **(bench.recorded[-1] if bench.recorded else {})}
        assert bench.host.inventory.networks.get(UUID).active
        state = bench.update(NETWORK, wanted, state)
        assert bench.edits(NETWORK, wanted, state) == ()
        bench.delete(NETWORK, state)
        if not failed:
            return
    raise AssertionError("There is no end to the calls.")


def test_a_deletion_that_failed_is_done_by_the_next_run(bench, failing):
    for number in range(1, MOST_CALLS):
        state = bench.create(NETWORK, NAT)
        failed = failing.at(number, lambda state=state: bench.delete(NETWORK, state))
        bench.delete(NETWORK, state)
        assert not is_there(bench)
        if not failed:
            return
    raise AssertionError("There is no end to the calls.")


def test_a_guest_that_can_not_be_plugged_in_keeps_no_other_from_it(bench, monkeypatch):
    bench.create(NETWORK, {"name": "shape", "mode": "none", "bridge": "shape0"})
    record = bench.host.inventory.networks.get(UUID)
    xml = "<interface type='network'><mac address='52:54:00:00:00:01'/><source network='shape'/></interface>"
    connected = []

    def update_device(_host, domain, _xml, _affect):
        if domain == "first":
            raise RefusedError.of("Refused", "The host refuses it.")
        connected.append(domain)

    monkeypatch.setattr("kvmform.resources.network.plugging.update_device", update_device)
    names = ("first", "second", "third")
    interfaces = [Interface(name, xml, is_direct=False, port_group=None, link="up") for name in names]
    with pytest.raises(DiagnosticError, match="Refused"):
        plug_in(bench.host, record, interfaces)
    assert connected == ["second", "second", "third", "third"]
