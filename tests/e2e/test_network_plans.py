"""Plans of networks, without guests: the order of what gives way to each other, and networks that others made."""

import json
from contextlib import closing

import pytest
from inventory import EMPTY, inventory
from lab import Lab, environment_for

pytestmark = pytest.mark.libvirt

BEFORE = """
resource "libvirt_network" "a" {
  name      = "order-a"
  bridge    = "order0"
  mode      = "none"
  addresses = ["10.17.70.0/24"]
}

resource "libvirt_network" "b" {
  name      = "order-b"
  mode      = "none"
  addresses = ["10.17.71.0/24"]
}
"""

AFTER = """
resource "libvirt_network" "first" {
  name      = "order-first"
  bridge    = "order0"
  mode      = "none"
  addresses = ["10.17.70.128/25"]
}

resource "libvirt_network" "b" {
  name      = "order-b"
  mode      = "none"
  addresses = ["10.17.64.0/22"]
}

resource "libvirt_network" "second" {
  name      = "order-second"
  mode      = "none"
  addresses = ["10.17.71.0/25"]
}
"""


def test_what_another_network_gives_up_is_waited_for(host, tmp_path):
    lab = Lab.of_text(BEFORE, tmp_path / "lab", environment_for(host.uri))
    lab.apply()
    swapped = BEFORE.replace("10.17.70.0", "10.17.0.0").replace("10.17.71.0", "10.17.70.0")
    lab.add(swapped.replace("10.17.0.0", "10.17.71.0"), "main.tf")
    assert lab.fails("plan").count("Networks exchange what they have") == 2
    lab.add(AFTER, "main.tf")
    said = lab.apply()
    assert said.index("libvirt_network.a: Destruction complete") < said.index("libvirt_network.first: Creating")
    assert said.index("libvirt_network.b: Modifications complete") < said.index("libvirt_network.second: Creating")
    assert lab.plan_is_empty()
    lab.add(BEFORE, "main.tf")
    lab.apply()
    assert lab.plan_is_empty()
    lab.destroy()
    assert inventory(host) == EMPTY


BY_HAND = """
<network trustGuestRxFilters='yes'>
  <name>theirs</name>
  <uuid>5d2f7c35-3f16-4d0e-9c1c-0c8fd8a4d001</uuid>
  <metadata><x:y xmlns:x='urn:x'>z</x:y></metadata>
  <forward mode='nat'><nat><port start='2000' end='3000'/></nat></forward>
  <bridge name='theirs0' stp='on' delay='4'/>
  <port isolated='yes'/>
  <dns><txt name='a' value='b'/></dns>
  <ip address='10.17.75.1' netmask='255.255.255.0'>
    <tftp root='/srv'/>
    <dhcp>
      <range start='10.17.75.2' end='10.17.75.254'/>
      <host mac='52:54:00:75:00:01' ip='10.17.75.10'/>
      <bootp file='x'/>
    </dhcp>
  </ip>
  <portgroup name='p'/>
</network>"""

TAKEN_UP = """
resource "libvirt_network" "theirs" {
  name      = "theirs"
  addresses = ["10.17.75.0/24"]

  forward {
    nat {
      port {
        start = 2000
        end   = 3000
      }
    }
  }
}
"""


@pytest.mark.parametrize("identity", ["theirs", "5d2f7c35-3f16-4d0e-9c1c-0c8fd8a4d001"])
def test_a_network_that_somebody_made_is_taken_up_as_it_is(host, tmp_path, identity):
    with closing(host.connect()) as connection:
        network = connection.networkDefineXML(BY_HAND)
        network.create()
        lab = Lab.of_text(TAKEN_UP, tmp_path / "lab", environment_for(host.uri))
        lab.add(f'import {{\n  to = libvirt_network.theirs\n  id = "{identity}"\n}}\n', "import.tf")
        assert "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy." in lab.plan()
        lab.apply()
        assert lab.plan_is_empty()
        assert "<portgroup name='p'>" in network.XMLDesc()
        lab.destroy()
    assert inventory(host) == EMPTY


MADE_BY_0_8 = """
<network>
  <name>old</name>
  <uuid>5d2f7c35-3f16-4d0e-9c1c-0c8fd8a4d002</uuid>
  <forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>
  <bridge stp='on'/>
  <mtu size='9000'/>
  <domain name='old.test' localOnly='yes'/>
  <dns enable='yes'>
    <forwarder domain='corp.test' addr='10.9.9.9'/>
    <srv service='ldap' protocol='tcp' domain='old.test' target='a' port='389'/>
    <host ip='10.17.76.5'><hostname>five</hostname></host>
  </dns>
  <ip family='ipv4' address='10.17.76.1' prefix='24'>
    <dhcp>
      <range start='10.17.76.2' end='10.17.76.254'/>
      <host mac='52:54:00:76:00:01' name='web' ip='10.17.76.10'/>
    </dhcp>
  </ip>
  <route family='ipv4' address='10.18.0.0' prefix='24' gateway='10.17.76.9'/>
</network>"""

OF_0_8 = """
terraform {
  required_providers {
    libvirt = {
      source  = "dmacvicar/libvirt"
      version = "~> 0.8.0"
    }
  }
}

resource "libvirt_network" "old" {
  name      = "old"
  mode      = "nat"
  domain    = "old.test"
  mtu       = 9000
  addresses = ["10.17.76.0/24"]

  dhcp {
    enabled = true
  }

  dns {
    local_only = true

    forwarders {
      address = "10.9.9.9"
      domain  = "corp.test"
    }

    srvs {
      service  = "ldap"
      protocol = "tcp"
      domain   = "old.test"
      target   = "a"
      port     = "389"
    }

    hosts {
      hostname = "five"
      ip       = "10.17.76.5"
    }
  }

  routes {
    cidr    = "10.18.0.0/24"
    gateway = "10.17.76.9"
  }
}
"""

STATE_OF_0_8 = {
    "id": "5d2f7c35-3f16-4d0e-9c1c-0c8fd8a4d002",
    "name": "old",
    "mode": "nat",
    "domain": "old.test",
    "mtu": 9000,
    "addresses": ["10.17.76.0/24"],
    "autostart": False,
    "dhcp": [{"enabled": True}],
    "dns": [
        {
            "enabled": True,
            "local_only": True,
            "forwarders": [{"address": "10.9.9.9", "domain": "corp.test"}],
            "srvs": [
                {
                    "service": "ldap",
                    "protocol": "tcp",
                    "domain": "old.test",
                    "target": "a",
                    "port": "389",
                    "weight": "",
                    "priority": "",
                }
            ],
            "hosts": [{"hostname": "five", "ip": "10.17.76.5"}],
        }
    ],
    "routes": [{"cidr": "10.18.0.0/24", "gateway": "10.17.76.9"}],
    "dnsmasq_options": [],
    "xml": [],
}


def test_a_network_of_provider_0_8_is_adopted_with_its_state(host, tmp_path):
    with closing(host.connect()) as connection:
        network = connection.networkDefineXML(MADE_BY_0_8)
        network.create()
        lab = Lab.of_text(OF_0_8, tmp_path / "lab", environment_for(host.uri))
        provider = 'provider["registry.terraform.io/dmacvicar/libvirt"]'
        instance = {"schema_version": 0, "attributes": STATE_OF_0_8 | {"bridge": network.bridgeName()}}
        resource = {"mode": "managed", "type": "libvirt_network", "name": "old", "provider": provider}
        state = {"version": 4, "terraform_version": "1.5.7", "serial": 3, "lineage": "of-0-8", "outputs": {}}
        lab.add(json.dumps({**state, "resources": [{**resource, "instances": [instance]}]}), "terraform.tfstate")
        assert lab.plan_is_empty()
        lab.edit('"five"', '"fifth"')
        lab.apply("-max-disruption=live")
        assert "<hostname>fifth</hostname>" in network.XMLDesc()
        assert "52:54:00:76:00:01" in network.XMLDesc()
        assert lab.plan_is_empty()
        lab.destroy()
    assert inventory(host) == EMPTY
