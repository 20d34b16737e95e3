"""Network interfaces and their reservations."""

import pytest

from kvmform.host.host import open_host
from kvmform.host.networks import define_network, start_network
from kvmform.resources.domain.interface.places import SOURCE_ROWS, interface_places, read_source
from kvmform.resources.domain.interface.reservations import Reservation, release, reservations_in, reserve

MAC = "52:54:00:00:00:0a"
NETWORK = """
<network><name>lab</name><bridge name='br'/>
<ip address='10.0.0.1' prefix='24'/>
<ip address='10.0.1.1' prefix='24'><dhcp><range start='10.0.1.2' end='10.0.1.9'/></dhcp></ip>
<ip family='ipv6' address='fd00::1' prefix='64'><dhcp><range start='fd00::2' end='fd00::9'/></dhcp></ip></network>
"""


@pytest.fixture
def host(tmp_path):
    host = open_host("test+file:host.xml", tmp_path)
    start_network(host, define_network(host, NETWORK))
    yield host
    host.close()


@pytest.mark.parametrize(
    ("interface", "network", "expected"),
    [
        ({"network_name": "lab", "bridge": "br0"}, "lab", {"type": "network", "network": "lab"}),
        ({"bridge": "br0", "macvtap": "eth0"}, None, {"type": "bridge", "bridge": "br0"}),
        ({"vepa": "eth0", "macvtap": "eth1"}, None, {"type": "direct", "device": "eth0", "mode": "vepa"}),
        ({"private": "eth0", "macvtap": "eth1"}, None, {"type": "direct", "device": "eth0", "mode": "private"}),
        ({"macvtap": "eth0", "passthrough": "eth1"}, None, {"type": "direct", "device": "eth0", "mode": "bridge"}),
        ({"passthrough": "eth0"}, None, {"type": "direct", "device": "eth0", "mode": "passthrough"}),
        ({}, None, {"type": "user"}),
    ],
)
def test_the_first_source_counts(interface, network, expected):
    found = interface_places({"mac": MAC.upper(), **interface}, network)
    assert {name: value for name, value in found.items() if value} == {"mac": MAC, "model": "virtio", **expected}


@pytest.mark.parametrize("argument", ["bridge", "vepa", "private", "macvtap", "passthrough"])
def test_a_source_is_read_back(argument):
    places = interface_places({"mac": MAC, argument: "dev"}, None)
    assert read_source(places, lambda _: None) == {**dict.fromkeys(SOURCE_ROWS), argument: "dev"}


def test_a_network_is_read_back_with_its_id():
    places = interface_places({"mac": MAC}, "lab")
    found = read_source(places, {"lab": "1"}.get)
    assert (found["network_name"], found["network_id"]) == ("lab", "1")


def entries(host):
    network = host.inventory.networks.named("lab")
    return list(reservations_in(network.xml))


def put(host, *reservations):
    reserve(host, host.inventory.networks.named("lab"), reservations)
    return entries(host)


FOUR = Reservation(MAC, "web", "10.0.1.20")
SIX = Reservation(MAC, "web", "fd00::20")


def test_a_reservation_is_made_once(host):
    assert put(host, FOUR) == [FOUR]
    assert put(host, FOUR) == [FOUR]


def test_each_kind_of_address_goes_to_its_server(host):
    found = put(host, FOUR, SIX)
    assert [(entry.mac, entry.name, entry.address) for entry in found] == [
        (MAC, "web", "10.0.1.20"),
        ("", "web", "fd00::20"),
    ]


def test_another_address_takes_the_place_of_the_first(host):
    put(host, FOUR, SIX)
    found = put(host, Reservation(MAC, "www", "10.0.1.21"), Reservation(MAC, "web", "fd00::21"))
    assert [entry.address for entry in found] == ["10.0.1.21", "fd00::21"]


def test_a_release_leaves_the_reservations_of_others(host):
    other = Reservation("52:54:00:00:00:0b", "db", "10.0.1.30")
    put(host, FOUR, other, SIX)
    network = host.inventory.networks.named("lab")
    release(host, network, [FOUR, SIX])
    assert entries(host) == [other]
    release(host, host.inventory.networks.named("lab"), [FOUR, SIX])


def test_names_are_quoted():
    assert Reservation(MAC, 'a"<b', "10.0.0.1").xml() == f'<host mac="{MAC}" name=\'a"&lt;b\' ip="10.0.0.1"/>'
