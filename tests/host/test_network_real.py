"""Networks on a real host: every shape, and changes under running guests."""

import pytest
from network_shapes import SHAPES
from type_bench import TypeBench

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import open_host
from kvmform.resources.network import NETWORK

pytestmark = pytest.mark.libvirt


@pytest.fixture
def bench(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    bench = TypeBench(host, tmp_path)
    yield bench
    for planned in {p["id"]: p for p in bench.planned.get("libvirt_network", [])}.values():
        NETWORK.delete(bench.operation(), planned)
    host.close()


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_what_is_made_is_read_back_without_a_difference(bench, name):
    state = bench.create(NETWORK, SHAPES[name])
    assert bench.edits(NETWORK, SHAPES[name], state) == ()


@pytest.mark.parametrize("name", ["dhcp-hosts-and-range", "dns-of-everything", "isolated", "without-dhcp", "ipv6-too"])
def test_a_network_takes_another_shape_and_back(bench, name):
    state = bench.create(NETWORK, SHAPES["nat"])
    for wanted in (SHAPES[name], SHAPES["nat"]):
        state = bench.update(NETWORK, wanted, state)
        assert bench.edits(NETWORK, wanted, state) == ()


def test_live_changes_are_in_the_running_network_and_in_the_definition(bench):
    state = bench.create(NETWORK, SHAPES["nat"])
    wanted = {**SHAPES["nat"], "dhcp": [{"hosts": [{"mac": "52:54:00:00:00:01", "ip": "10.231.1.11"}]}]}
    bench.update(NETWORK, wanted, state)
    record = bench.host.inventory.networks.get(state["id"])
    assert "10.231.1.11" in record.xml
    assert "10.231.1.11" in record.live_xml


def test_a_start_that_fails_leaves_a_definition_that_the_next_try_starts(bench, lab_host):
    """The subnet is in use on the host; once it is free, the same create goes on."""
    lab_host.exec_(["ip", "link", "add", "occupied0", "type", "bridge"])
    lab_host.exec_(["ip", "addr", "add", "10.231.1.1/24", "dev", "occupied0"])
    lab_host.exec_(["ip", "link", "set", "occupied0", "up"])
    try:
        with pytest.raises(DiagnosticError, match="Cannot start network"):
            bench.create(NETWORK, SHAPES["nat"])
    finally:
        lab_host.exec_(["ip", "link", "del", "occupied0"])
    state = bench.create(NETWORK, SHAPES["nat"])
    assert bench.edits(NETWORK, SHAPES["nat"], state) == ()
