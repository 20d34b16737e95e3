"""A lab as people wrote them, with the types of other providers around libvirt's: it applies unchanged."""

import subprocess

import pytest
from inventory import EMPTY, simulated_inventory
from lab import environment_for
from quick_lab import QuickLab

CLUSTER = """
terraform {
  required_providers {
    libvirt  = { source = "dmacvicar/libvirt", version = "~> 0.7" }
    template = { source = "hashicorp/template" }
    tls      = { source = "hashicorp/tls" }
  }
}

provider "libvirt" {}
provider "template" { version = "~> 2.2" }

variable "nodes" { default = ["alpha", "beta"] }

resource "random_id" "cluster" { byte_length = 4 }
resource "random_password" "root" { length = 16 }

resource "tls_private_key" "ssh" {
  algorithm = "RSA"
  rsa_bits  = "2048"
}

resource "local_file" "ssh_key" {
  sensitive_content = tls_private_key.ssh.private_key_pem
  filename          = "${path.module}/keys/id_rsa"
  file_permission   = "0600"
}

data "template_file" "user_data" {
  count    = length(var.nodes)
  template = file("${path.module}/cloud_init.cfg")
  vars = {
    hostname   = element(var.nodes, count.index)
    public_key = tls_private_key.ssh.public_key_openssh
    password   = "${random_password.root.result}"
  }
}

data "template_cloudinit_config" "config" {
  count         = length(var.nodes)
  gzip          = false
  base64_encode = false
  part {
    filename     = "init.cfg"
    content_type = "text/cloud-config"
    content      = data.template_file.user_data.*.rendered[count.index]
  }
}

resource "libvirt_pool" "cluster" {
  name = "cluster-${random_id.cluster.hex}"
  type = "dir"
  path = "/var/lib/libvirt/cluster"
}

resource "libvirt_cloudinit_disk" "init" {
  count     = length(var.nodes)
  name      = "${var.nodes[count.index]}.iso"
  pool      = libvirt_pool.cluster.name
  user_data = data.template_cloudinit_config.config[count.index].rendered
}

resource "libvirt_network" "cluster" {
  name      = "cluster"
  addresses = ["10.17.3.0/24"]
  dhcp { enabled = true }
}

resource "libvirt_domain" "node" {
  count     = length(var.nodes)
  name      = var.nodes[count.index]
  memory    = "512"
  cloudinit = libvirt_cloudinit_disk.init[count.index].id
  network_interface {
    network_id = libvirt_network.cluster.id
    addresses  = [cidrhost("10.17.3.0/24", 10 + count.index)]
  }
}

data "template_file" "inventory" {
  template = file("${path.module}/inventory.tpl")
  vars     = { hosts = join(",", libvirt_domain.node.*.network_interface.0.addresses.0) }
}

resource "local_file" "inventory" {
  content  = data.template_file.inventory.rendered
  filename = "inventory.ini"
}

resource "null_resource" "ready" {
  triggers = { nodes = join(",", libvirt_domain.node.*.id) }
}

output "ssh" {
  value = tls_private_key.ssh.public_key_openssh
}
"""

CLOUD_INIT = """#cloud-config
hostname: ${hostname}
ssh_authorized_keys: ["${trimspace(public_key)}"]
chpasswd: { expire: false, users: [{ name: root, password: ${jsonencode(password)} }] }
"""

INVENTORY = """[nodes]
%{ for host in split(",", hosts) ~}
${host}
%{ endfor ~}
"""


@pytest.fixture
def lab(tmp_path):
    lab = QuickLab.of_text(CLUSTER, tmp_path / "lab", environment_for("test+file:host.xml"))
    (lab.directory / "cloud_init.cfg").write_text(CLOUD_INIT)
    (lab.directory / "inventory.tpl").write_text(INVENTORY)
    (lab.directory / "host.xml").write_text("<node/>")
    return lab


def user_data(lab) -> list[str]:
    disks = (r for r in lab.state()["resources"] if r["type"] == "libvirt_cloudinit_disk")
    return [instance["attributes"]["user_data"] for disk in disks for instance in disk["instances"]]


def test_it_goes_up_unchanged_and_a_second_plan_is_empty(lab):
    said = lab.apply()
    assert "Disruption: none." in said
    assert lab.plan_is_empty()
    assert lab.plan_is_empty("-refresh=false")
    key = lab.directory / "keys" / "id_rsa"
    public = subprocess.run(["ssh-keygen", "-y", "-f", key], capture_output=True, text=True, check=True).stdout
    assert public.split()[:2] == lab.output("ssh").split()
    assert (lab.directory / "inventory.ini").read_text() == "[nodes]\n10.17.3.10\n10.17.3.11\n"
    first, second = user_data(lab)
    assert "hostname: alpha\n" in first
    assert "hostname: beta\n" in second
    assert lab.output("ssh").strip() in first
    assert first.startswith('Content-Type: multipart/mixed; boundary="MIMEBOUNDARY"\n')


def test_a_change_of_the_template_changes_the_seeds_and_what_their_guests_read_at_the_next_boot(lab):
    lab.apply()
    lab.edit("expire: false", "expire: true", "cloud_init.cfg")
    said = lab.plan()
    assert "Plan: 0 to add, 4 to change, 0 to destroy." in said
    lab.apply()
    assert "expire: true" in user_data(lab)[0]
    assert lab.plan_is_empty()


def test_it_comes_down_without_a_trace(lab):
    lab.apply()
    lab.destroy()
    assert not (lab.directory / "inventory.ini").exists()
    assert not (lab.directory / "keys" / "id_rsa").exists()
    left = simulated_inventory(lab.directory / "host.xml")
    assert left.domains == left.pools == left.volumes == left.networks == EMPTY.files
