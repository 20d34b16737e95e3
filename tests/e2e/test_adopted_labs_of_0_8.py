"""A lab that Terraform made with provider 0.8 is taken over while it runs: nothing changes, nothing is made again."""

import json
import random
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import libvirt
import pytest
from guest_lab import GuestLab
from inventory import EMPTY
from provider_0_8 import Provider08
from shapes_0_8 import STYLE
from state_0_8 import StateFile
from terraform import has_terraform

pytestmark = pytest.mark.libvirt

LAB = """
terraform {
  required_version = ">= 0.13"
  required_providers {
    libvirt = {
      source  = "dmacvicar/libvirt"
      version = "0.8.3"
    }
  }
}

provider "libvirt" {}

variable "base_image" { type = string }

variable "domain_type" { default = "kvm" }

variable "nodes" { default = 2 }

resource "libvirt_pool" "lab" {
  name = "k8s"
  type = "dir"
  target {
    path = "/var/lib/libvirt/images/k8s"
  }
}

resource "libvirt_volume" "base" {
  name   = "base.qcow2"
  pool   = libvirt_pool.lab.name
  source = var.base_image
}

resource "libvirt_volume" "node" {
  count          = var.nodes
  name           = "node-${count.index}.qcow2"
  pool           = libvirt_pool.lab.name
  base_volume_id = libvirt_volume.base.id
  size           = 134217728
}

resource "libvirt_volume" "data" {
  name   = "data.img"
  pool   = libvirt_pool.lab.name
  size   = 1000000
  format = "raw"
}

resource "libvirt_cloudinit_disk" "node" {
  count     = var.nodes
  name      = "node-${count.index}.iso"
  pool      = libvirt_pool.lab.name
  user_data = <<-EOT
    #cloud-config
    hostname: node-${count.index}
  EOT
}

resource "libvirt_network" "lab" {
  name      = "k8s"
  mode      = "nat"
  domain    = "k8s.local"
  addresses = ["10.47.0.0/24"]
  autostart = true
  dhcp {
    enabled = true
  }
  dns {
    enabled    = true
    local_only = true
    hosts {
      hostname = "api"
      ip       = "10.47.0.10"
    }
  }
  dnsmasq_options {
    options {
      option_name = "no-ping"
    }
  }
  xml {
    xslt = file("bridge.xsl")
  }
}

resource "libvirt_domain" "node" {
  count     = var.nodes
  name      = format("node-%02d", count.index)
  type      = var.domain_type
  memory    = "128"
  vcpu      = 1
  cloudinit = libvirt_cloudinit_disk.node[count.index].id
  autostart = true

  disk {
    volume_id = element(libvirt_volume.node.*.id, count.index)
  }

  dynamic "disk" {
    for_each = count.index == 0 ? [libvirt_volume.data.id] : []
    content {
      volume_id = disk.value
    }
  }

  network_interface {
    network_id     = libvirt_network.lab.id
    hostname       = "node-${count.index}"
    addresses      = [cidrhost("10.47.0.0/24", 10 + count.index)]
    wait_for_lease = true
  }

  console {
    type        = "pty"
    target_port = "0"
    target_type = "serial"
  }

  console {
    type        = "pty"
    target_type = "virtio"
    target_port = "1"
  }

  graphics {
    type        = "spice"
    listen_type = "address"
    autoport    = true
  }
}

output "ips" {
  value = libvirt_domain.node.*.network_interface.0.addresses
}
"""

MORE = """
resource "libvirt_volume" "more" {
  name   = "more.img"
  pool   = libvirt_pool.lab.name
  size   = 1048576
  format = "raw"
}
"""
NODES = ("node-00", "node-01")


@pytest.fixture(scope="module")
def lab(host, environment, guest_image, domain_type, tmp_path_factory):
    lab = GuestLab.of_text(LAB, tmp_path_factory.mktemp("lab"), environment, host)
    lab.add(STYLE["network"], "bridge.xsl")
    lab.environment["TF_VAR_domain_type"] = domain_type or "kvm"
    with closing(host.connect()) as connection:
        state = made(Provider08(connection, random.Random(8)), guest_image, domain_type or "kvm")
        state.write(lab.directory)
    try:
        yield lab
    finally:
        lab.come_down()


def made(provider, image: Path, domain_type) -> StateFile:
    """The lab, as 0.8 made it."""
    state = StateFile()
    pool = {"name": "k8s", "type": "dir", "target": [{"path": "/var/lib/libvirt/images/k8s"}]}
    state.add("libvirt_pool.lab", provider.pool(**pool))
    base = provider.volume(image.read_bytes(), name="base.qcow2", pool="k8s", source=str(image))
    state.add("libvirt_volume.base", base, "libvirt_pool.lab")
    data = provider.volume(name="data.img", pool="k8s", size=1000000, format="raw")
    state.add("libvirt_volume.data", data, "libvirt_pool.lab")
    network = provider.network(
        name="k8s",
        mode="nat",
        domain="k8s.local",
        addresses=["10.47.0.0/24"],
        autostart=True,
        dhcp=[{"enabled": True}],
        dns=[{"enabled": True, "local_only": True, "hosts": [{"hostname": "api", "ip": "10.47.0.10"}]}],
        dnsmasq_options=[{"options": [{"option_name": "no-ping", "option_value": ""}]}],
        xml=[{"xslt": STYLE["network"]}],
    )
    state.add("libvirt_network.lab", network)
    ips = []
    for index in range(2):
        name, used = f"node-{index}", ("libvirt_pool.lab", "libvirt_volume.base")
        root = provider.volume(name=f"{name}.qcow2", pool="k8s", base_volume_id=base["id"], size=134217728)
        state.add(f"libvirt_volume.node[{index}]", root, *used)
        user_data = f"#cloud-config\nhostname: {name}\n"
        seed = provider.cloudinit_disk(name=f"{name}.iso", pool="k8s", user_data=user_data)
        state.add(f"libvirt_cloudinit_disk.node[{index}]", seed, "libvirt_pool.lab")
        addresses = [f"10.47.0.{10 + index}"]
        nic = {"network_id": network["id"], "hostname": name, "addresses": addresses, "wait_for_lease": True}
        domain = provider.domain(
            name=f"node-{index:02}",
            type=domain_type,
            memory=128,
            cloudinit=seed["id"],
            autostart=True,
            disk=[{"volume_id": root["id"]}, *([{"volume_id": data["id"]}] if index == 0 else [])],
            network_interface=[nic],
            console=[
                {"type": "pty", "target_port": "0", "target_type": "serial"},
                {"type": "pty", "target_port": "1", "target_type": "virtio"},
            ],
            graphics=[{"type": "spice", "listen_type": "address", "autoport": True}],
        )
        state.add(f"libvirt_domain.node[{index}]", domain, *used, "libvirt_network.lab", "libvirt_volume.node")
        ips.append(addresses)
    state.outputs["ips"] = {"value": ips, "type": ["tuple", [["list", "string"]] * 2]}
    return state


def definition(host, name):
    """The id of a domain's life, and its XML: the same if the guest was neither started again nor changed."""
    with closing(host.connect()) as connection:
        domain = connection.lookupByName(name)
        return domain.ID(), domain.XMLDesc(), domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)


def test_the_first_plan_is_empty(lab):
    assert lab.plan_is_empty()
    assert "Warning" not in lab.kvmform("plan").stdout


def test_applying_it_touches_nothing(lab, host):
    assert [lab.report(name).boots for name in NODES] == [1, 1]  # and their agents are there: that is in the XML
    before = {name: definition(host, name) for name in NODES}
    assert "Resources: 0 added, 0 changed, 0 destroyed." in lab.apply()
    assert {name: definition(host, name) for name in NODES} == before
    assert lab.plan_is_empty()
    assert lab.plan_is_empty("-refresh=false")


def test_terraform_can_still_read_the_state(lab):
    """Nothing that 0.8 noted is gone: what is new stands beside it, and no schema has a later version."""
    now = {(r["type"], r["name"]): r for r in lab.state()["resources"]}
    before = json.loads((lab.directory / "terraform.tfstate.backup").read_text())["resources"]
    assert len(now) == len(before)
    for resource in before:
        kept = now[resource["type"], resource["name"]]
        assert kept["provider"] == resource["provider"]
        for old, new in zip(resource["instances"], kept["instances"], strict=True):
            assert new["schema_version"] == old["schema_version"] == 0
            assert old["attributes"].keys() <= new["attributes"].keys()
            assert new["attributes"]["id"] == old["attributes"]["id"]
            assert new["private"] == old["private"]
            assert new.get("dependencies") == old.get("dependencies")


@pytest.mark.skipif(not has_terraform(), reason="needs Terraform 1.11")
def test_terraform_lists_it(lab, tmp_path):
    shutil.copy(lab.directory / "terraform.tfstate", tmp_path)

    def terraform(*words):
        ran = subprocess.run(["terraform", *words], cwd=tmp_path, check=False, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert sorted(terraform("state", "list").split()) == lab.addresses()
    assert json.loads(terraform("state", "pull"))["resources"] == lab.state()["resources"]
    assert json.loads(terraform("output", "-json", "ips")) == lab.output("ips")
    terraform("state", "rm", "libvirt_volume.data")
    assert "libvirt_volume.data" not in terraform("state", "list")


def test_edits_are_live(lab, host):
    """A record in the name server, a description, and a disk, of guests that run on."""
    before = {name: definition(host, name)[0] for name in NODES}
    lab.edit('ip       = "10.47.0.10"', 'ip       = "10.47.0.99"')
    lab.edit("autostart = true\n\n  disk", 'autostart = true\n  description = "taken over"\n\n  disk')
    lab.add(MORE, "more.tf")
    lab.edit(
        "count.index == 0 ? [libvirt_volume.data.id] : []",
        "[[libvirt_volume.data.id], [libvirt_volume.more.id]][count.index]",
    )
    assert "Disruption: live." in lab.plan()
    lab.apply()
    assert {name: definition(host, name)[0] for name in NODES} == before
    assert [lab.report(name).boots for name in NODES] == [1, 1]
    lab.report("node-01", lambda guest: 1048576 in guest.disks.values())
    assert "<host ip='10.47.0.99'>" in lab.network_xml("k8s")
    assert "taken over" in definition(host, "node-00")[1]
    assert lab.plan_is_empty()


def test_one_of_several_goes(lab, host):
    lab.give(nodes=1)
    before = definition(host, "node-00")
    lab.apply()
    assert definition(host, "node-00") == before
    assert lab.inventory().domains == {"node-00"}
    assert lab.plan_is_empty()


def test_destroy_leaves_nothing(lab):
    lab.destroy()
    assert lab.inventory() == EMPTY
