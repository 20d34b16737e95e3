"""A simulated host per test, and objects to put on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kvmform.host import Host, open_host
from kvmform.host.domains import define_domain
from kvmform.host.networks import define_network, start_network
from kvmform.host.pools import build_pool, define_pool, start_pool


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A simulated host without objects, kept in `host.xml` of the test's directory."""
    opened = open_host("test+file:host.xml", tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def pool(host: Host) -> str:
    """An active storage pool named `images`; its UUID."""
    uuid = define_pool(host, "<pool type='dir'><name>images</name><target><path>/images</path></target></pool>")
    build_pool(host, uuid)
    start_pool(host, uuid)
    return uuid


@pytest.fixture
def network(host: Host) -> str:
    """An active network named `lab` with DHCP on 10.17.3.0/24; its UUID."""
    uuid = define_network(
        host,
        "<network><name>lab</name><ip address='10.17.3.1' netmask='255.255.255.0'>"
        "<dhcp><range start='10.17.3.2' end='10.17.3.254'/></dhcp></ip></network>",
    )
    start_network(host, uuid)
    return uuid


@pytest.fixture
def domain(host: Host, network: str) -> str:
    """A domain named `web` that is shut off, with one NIC on the network `lab`; its UUID."""
    assert network
    return define_domain(
        host,
        "<domain type='test'><name>web</name><memory unit='MiB'>512</memory><vcpu current='1'>2</vcpu>"
        "<os><type>hvm</type></os><devices><interface type='network'><mac address='52:54:00:00:00:0A'/>"
        "<source network='lab'/></interface></devices></domain>",
    )
