"""Addresses that guests ask their network for: exchanged, handed on, and never given to two."""

from contextlib import closing

import pytest
from lxml import etree
from quick_lab import QuickLab

pytestmark = pytest.mark.libvirt

LAB = """
resource "libvirt_network" "lab" {
  name      = "addresses"
  bridge    = "br-addresses"
  addresses = ["10.77.0.0/24", "fd00:77::/64"]
}

locals {
  guests = { one = "10.77.0.20", two = "10.77.0.21" }
}

resource "libvirt_domain" "guest" {
  for_each = local.guests
  name     = each.key
  memory   = 64
  running  = false

  network_interface {
    network_id = libvirt_network.lab.id
    addresses  = [each.value]
  }
}
"""
BOTH = """
resource "libvirt_domain" "router" {
  name    = "router"
  memory  = 64
  running = false

  network_interface {
    network_id = libvirt_network.lab.id
    addresses  = ["10.77.0.30"]
  }

  network_interface {
    network_id = libvirt_network.lab.id
    addresses  = ["10.77.0.31"]
  }
}
"""


@pytest.fixture
def lab(environment, tmp_path):
    lab = QuickLab.of_text(LAB, tmp_path / "lab", environment)
    yield lab
    lab.destroy()


def reserved(host):
    """Names by addresses, which are the same now and in the definition."""
    with closing(host.connect()) as connection:
        network = connection.networkLookupByName("addresses")
        found = [
            {each.get("ip"): each.get("name") for each in etree.fromstring(network.XMLDesc(flags)).iter("host")}
            for flags in (0, 1)
        ]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.changes("libvirt_domain.network_interface.addresses")
def test_two_guests_exchange_their_addresses_and_a_new_one_gets_that_of_one_that_goes(host, lab):
    lab.apply()
    assert reserved(host) == {"10.77.0.20": "one", "10.77.0.21": "two"}
    lab.edit('{ one = "10.77.0.20", two = "10.77.0.21" }', '{ one = "10.77.0.21", two = "10.77.0.20" }')
    lab.apply()
    assert reserved(host) == {"10.77.0.21": "one", "10.77.0.20": "two"}
    assert lab.plan_is_empty()
    lab.edit('one = "10.77.0.21", two = "10.77.0.20"', 'three = "10.77.0.20", two = "10.77.0.21"')
    lab.apply()
    assert reserved(host) == {"10.77.0.20": "three", "10.77.0.21": "two"}
    assert lab.plan_is_empty()


@pytest.mark.changes("libvirt_domain.network_interface.hostname")
def test_a_guest_that_is_on_a_network_twice_has_its_name_there_once(host, lab):
    lab.add(BOTH, "router.tf")
    lab.edit("local.guests", "{}")
    lab.apply()
    assert reserved(host) == {"10.77.0.30": "router", "10.77.0.31": None}
    assert lab.plan_is_empty()
    lab.edit('["10.77.0.30"]', '["10.77.0.30"]\n    hostname = "outside"', file="router.tf")
    lab.apply()
    assert reserved(host) == {"10.77.0.30": "outside", "10.77.0.31": "router"}
    assert lab.plan_is_empty()


def test_what_two_want_is_told_by_the_plan(host, lab):
    lab.add(BOTH, "router.tf")
    lab.edit("10.77.0.21", "10.77.0.30")
    assert 'the domains "two" and "router" both want the address 10.77.0.30' in lab.fails("plan")
    lab.edit("10.77.0.30", "10.77.0.21")
    lab.edit('["10.77.0.31"]', '["10.77.0.31"]\n    hostname = "one"', file="router.tf")
    assert 'both want the host name "one"' in lab.fails("plan")
    lab.edit('hostname = "one"', "", file="router.tf")
    lab.edit('["10.77.0.31"]', '["fd00:77::31"]', file="router.tf")
    assert "2 to add" in lab.plan("-target=libvirt_domain.router")
    lab.edit('["10.77.0.30"]', '["fd00:77::30"]', file="router.tf")
    assert "Write a hostname beside fd00:77::31" in lab.fails("plan")
    lab.remove("router.tf")
    lab.apply()
    foreign = '<host mac="52:54:00:77:77:77" ip="10.77.0.22"/>'
    with closing(host.connect()) as connection:
        connection.networkLookupByName("addresses").update(3, 4, -1, foreign, 3)
    lab.edit("network_id = libvirt_network.lab.id", 'network_name = "addresses"')
    lab.edit("10.77.0.21", "10.77.0.22")
    assert 'The network "addresses" reserves 10.77.0.22 for another guest' in lab.fails(
        "plan", "-target=libvirt_domain.guest"
    )
    lab.edit("10.77.0.22", "10.77.0.21")
    lab.edit('network_name = "addresses"', "network_id = libvirt_network.lab.id")
    dhcp = 'addresses = ["10.77.0.0/24", "fd00:77::/64"]\n  dhcp {\n    hosts {\n      mac = "52:54:00:77:77:77"\n'
    lab.edit('addresses = ["10.77.0.0/24", "fd00:77::/64"]', f'{dhcp}      ip = "10.77.0.21"\n    }}\n  }}')
    assert "Give this host another one" in lab.fails("plan")
    lab.edit('ip = "10.77.0.21"', 'ip = "10.77.0.23"')
    lab.edit('two = "10.77.0.21"', 'two = "10.77.0.23"')
    assert "reserves 10.77.0.23 for 52:54:00:77:77:77, by its dhcp block" in lab.fails("plan")


@pytest.mark.changes("libvirt_network.addresses", "libvirt_domain.network_interface.hostname")
def test_a_network_does_not_leave_out_what_its_guests_have_reserved(host, lab):
    lab.edit('one = "10.77.0.20", two = "10.77.0.21"', 'one = "fd00:77::20"')
    lab.apply()
    assert reserved(host) == {"fd00:77::20": "one"}
    lab.edit("addresses  = [each.value]", 'addresses  = [each.value]\n    hostname   = "first"')
    lab.apply()
    assert reserved(host) == {"fd00:77::20": "first"}
    assert lab.plan_is_empty()
    lab.edit('"10.77.0.0/24", "fd00:77::/64"', '"10.77.0.0/28"')
    told = lab.fails("plan")
    assert 'The domain "one" reserves fd00:77::20 in this network' in told
    lab.edit("fd00:77::20", "10.77.0.9")
    lab.apply()
    assert reserved(host) == {"10.77.0.9": "first"}
    assert lab.plan_is_empty()
    lab.edit("10.77.0.9", "10.77.0.200")
    assert "Warning: Address outside of the network" in lab.plan()
    lab.apply()
    lab.edit(
        '"10.77.0.0/28"]',
        '"10.77.0.0/28"]\n  dhcp {\n    ranges {\n      start = "10.77.0.3"\n      end = "10.77.0.8"\n    }\n  }',
    )
    lab.apply()
    assert reserved(host) == {"10.77.0.200": "first"}
    assert lab.plan_is_empty()
    lab.edit("10.77.0.200", "fd00:77::20")
    assert "gives no addresses like fd00:77::20 by DHCP" in lab.fails("plan")
