"""Networks of one plan that give each other addresses, bridges and names: each waits until what it needs is free."""

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
