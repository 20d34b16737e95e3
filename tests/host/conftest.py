"""What tests of domains share: a bench for one of them, and a network for guests that are to answer."""

import pytest
from domain_bench import DomainBench
from lab_xml import network_xml

from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network, stop_network, undefine_network


@pytest.fixture
def bench(lab_host, domain_type, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    bench = DomainBench(host, tmp_path, settings={"domain_type": domain_type})
    yield bench
    if bench.state or bench.recorded:
        bench.state = bench.state or bench.recorded[-1]
        bench.remove()
    host.close()


@pytest.fixture
def device_network(lab_host, tmp_path):
    host = open_host(lab_host.uri, tmp_path)
    uuid = define_network(host, network_xml("devices", 79))
    start_network(host, uuid)
    yield "devices"
    stop_network(host, uuid)
    undefine_network(host, uuid)
    host.close()
