"""Objects that change hands on a real host: moved, let go, and taken up by another lab, while the guest runs on."""

import json
from contextlib import closing

import pytest
from guest_lab import GuestLab
from inventory import EMPTY

pytestmark = pytest.mark.libvirt

DIRECTORY = "/var/lib/libvirt/images/adopted"
OBJECTS = f"""
variable "base_image" {{
  type = string
}}

resource "libvirt_pool" "lab" {{
  name = "adopted"
  type = "dir"

  target {{
    path = "{DIRECTORY}"
  }}
}}

resource "libvirt_volume" "disk" {{
  name   = "disk.qcow2"
  pool   = libvirt_pool.lab.name
  source = var.base_image
}}

resource "libvirt_network" "lab" {{
  name      = "adopted"
  addresses = ["10.17.31.0/24"]
}}

resource "libvirt_domain" "guest" {{
  name   = "adopted"
  memory = 128

  disk {{
    volume_id = libvirt_volume.disk.id
  }}

  network_interface {{
    network_id = libvirt_network.lab.id
  }}
}}
"""
ADDRESSES = ("libvirt_pool.lab", "libvirt_volume.disk", "libvirt_network.lab", "libvirt_domain.guest")
IDS = ("adopted", "adopted/disk.qcow2", "adopted", "adopted")
CALL = """
variable "base_image" {
  type = string
}

module "lab" {
  source     = "./lab"
  base_image = var.base_image
}
"""


def life(host):
    """What changes when a guest is started again."""
    with closing(host.connect()) as connection:
        domain = connection.lookupByName("adopted")
        return domain.UUIDString(), domain.ID()


def definition(host):
    with closing(host.connect()) as connection:
        return connection.lookupByName("adopted").XMLDesc(0)


def test_a_running_guest_changes_hands(host, environment, tmp_path):
    lab = GuestLab.of_text(OBJECTS, tmp_path / "first", environment, host)
    heir = GuestLab.of_text(OBJECTS, tmp_path / "heir", environment, host)
    try:
        lab.apply()
        before = life(host)

        (lab.directory / "lab").mkdir()
        (lab.directory / "main.tf").rename(lab.directory / "lab" / "main.tf")
        moved = (f"moved {{\n  from = {address}\n  to   = module.lab.{address}\n}}\n" for address in ADDRESSES)
        lab.add(CALL + "".join(moved), "main.tf")
        assert "Plan: 0 to add, 0 to change, 0 to destroy." in lab.plan()
        lab.apply()
        assert lab.plan_is_empty()
        assert lab.addresses() == sorted(f"module.lab.{address}" for address in ADDRESSES)
        assert life(host) == before
        assert 'address="module.lab.libvirt_domain.guest"' in definition(host).replace("'", '"')

        lab.add("removed {\n  from = module.lab\n  lifecycle {\n    destroy = false\n  }\n}\n", "main.tf")
        lab.apply()
        assert lab.addresses() == []
        assert life(host) == before

        wanted = zip(ADDRESSES, IDS, strict=True)
        heir.add("".join(f'import {{\n  to = {address}\n  id = "{id_}"\n}}\n' for address, id_ in wanted), "imports.tf")
        heir.edit("memory = 128", 'memory = 128\n  description = "taken up"')
        text = heir.plan("-out=p")
        assert "Plan: 4 to import, 0 to add, 1 to change, 0 to destroy." in text
        assert json.loads(heir.kvmform("show", "-json", "p").stdout)["disruption"] == "live"
        heir.apply()
        assert heir.plan_is_empty()
        assert life(host) == before
        assert 'address="libvirt_domain.guest"' in definition(host).replace("'", '"')

        heir.destroy()
        # The pool's directory was not made by the lab that took the pool up, so it stays.
        heir.in_host("rmdir", DIRECTORY)
        assert heir.inventory() == EMPTY
    finally:
        heir.come_down()
