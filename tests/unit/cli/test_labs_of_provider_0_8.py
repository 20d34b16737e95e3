"""Labs as people wrote them for dmacvicar/libvirt 0.6 to 0.8: they apply unchanged, and then there is nothing to do."""

import pytest
from inventory import EMPTY, simulated_inventory
from lab import environment_for
from quick_lab import QuickLab

WRAPPED_IN_TEMPLATES = """
terraform {
  required_version = ">= 0.13"
  required_providers {
    libvirt = {
      source  = "dmacvicar/libvirt"
      version = "0.7.6"
    }
  }
}

provider "libvirt" {}

variable "hostname" { default = "simple" }
variable "memoryMB" { default = 1024 * 1 }
variable "cpu" { default = 1 }

resource "libvirt_pool" "ubuntu" {
  name = "ubuntu"
  type = "dir"
  path = "/tmp/terraform-provider-libvirt-pool-ubuntu"
}

resource "libvirt_volume" "os_image" {
  name   = "${var.hostname}-os_image"
  pool   = "${libvirt_pool.ubuntu.name}"
  source = "${path.module}/image.qcow2"
  format = "qcow2"
}

resource "libvirt_cloudinit_disk" "commoninit" {
  name      = "${var.hostname}-commoninit.iso"
  pool      = "${libvirt_pool.ubuntu.name}"
  user_data = "${templatefile("${path.module}/cloud_init.cfg", { hostname = "${var.hostname}" })}"
}

resource "libvirt_domain" "domain-ubuntu" {
  name   = "${var.hostname}"
  memory = "${var.memoryMB}"
  vcpu   = "${var.cpu}"

  disk {
    volume_id = "${libvirt_volume.os_image.id}"
  }

  network_interface {
    network_name = "default"
  }

  cloudinit = "${libvirt_cloudinit_disk.commoninit.id}"

  console {
    type        = "pty"
    target_port = "0"
    target_type = "serial"
  }

  graphics {
    type        = "spice"
    listen_type = "address"
    autoport    = "true"
  }
}
"""

COUNT_AND_SPLATS = """
variable "nodes" {
  type    = number
  default = 3
}

resource "libvirt_volume" "base" {
  name   = "base"
  pool   = libvirt_pool.k8s.name
  source = "image.qcow2"
}

resource "libvirt_pool" "k8s" {
  name = "k8s"
  type = "dir"
  path = "/var/lib/libvirt/k8s"
}

resource "libvirt_volume" "node" {
  count          = var.nodes
  name           = "node-${count.index}.qcow2"
  pool           = libvirt_pool.k8s.name
  base_volume_id = libvirt_volume.base.id
  size           = 10737418240
}

resource "libvirt_network" "k8s" {
  name      = "k8s"
  mode      = "nat"
  domain    = "k8s.local"
  addresses = ["10.240.0.0/24"]
  autostart = true
  dhcp {
    enabled = true
  }
  dns {
    enabled    = true
    local_only = true
  }
}

resource "libvirt_domain" "node" {
  count  = var.nodes
  name   = format("node-%02d", count.index)
  memory = "2048"
  vcpu   = "2"

  disk {
    volume_id = element(libvirt_volume.node.*.id, count.index)
  }

  network_interface {
    network_id     = libvirt_network.k8s.id
    hostname       = "node-${count.index}"
    addresses      = [cidrhost("10.240.0.0/24", 10 + count.index)]
    mac            = "52:54:00:6c:3c:0${count.index}"
    wait_for_lease = true
  }
}

output "ips" {
  value = libvirt_domain.node.*.network_interface.0.addresses
}

output "first" {
  value = "${libvirt_domain.node.0.network_interface.0.addresses.0}"
}

output "names" {
  value = join(",", libvirt_domain.node.*.name)
}
"""

ATTRIBUTES_FOR_BLOCKS = """
resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  path = "/var/lib/libvirt/lab"
}

resource "libvirt_volume" "root" {
  name = "root.qcow2"
  pool = libvirt_pool.lab.name
  size = "${8 * 1024 * 1024 * 1024}"
}

resource "libvirt_volume" "data" {
  name = "data.qcow2"
  pool = libvirt_pool.lab.name
  size = 1073741824
}

resource "libvirt_domain" "vm" {
  name       = "vm"
  memory     = "1024"
  qemu_agent = "true"
  autostart  = true

  cpu = {
    mode = "host-passthrough"
  }

  disk = [
    { volume_id = libvirt_volume.root.id },
    { volume_id = libvirt_volume.data.id, scsi = "true" },
  ]

  boot_device {
    dev = ["hd", "network"]
  }
}
"""

MAP_OF_MACHINES = """
locals {
  machines = {
    control = { memory = 2048, vcpu = 2, ip = "192.168.100.10" }
    worker  = { memory = 1024, vcpu = 1, ip = "192.168.100.11" }
  }
}

resource "libvirt_network" "net" {
  name      = "net"
  mode      = "none"
  addresses = ["192.168.100.0/24"]
  dns {
    dynamic "hosts" {
      for_each = local.machines
      content {
        hostname = hosts.key
        ip       = hosts.value.ip
      }
    }
  }
}

resource "libvirt_pool" "pool" {
  name = "pool"
  type = "dir"
  target {
    path = "/var/lib/libvirt/pool"
  }
}

resource "libvirt_volume" "disk" {
  for_each = local.machines
  name     = "${each.key}.qcow2"
  pool     = libvirt_pool.pool.name
  size     = 1073741824
}

resource "libvirt_cloudinit_disk" "init" {
  for_each       = local.machines
  name           = "${each.key}.iso"
  pool           = libvirt_pool.pool.name
  user_data      = <<-EOF
    #cloud-config
    hostname: ${each.key}
    %{if each.key == "control"~}
    packages: [etcd]
    %{endif~}
  EOF
  network_config = yamlencode({ version = 2, ethernets = { ens3 = { dhcp4 = true } } })
}

resource "libvirt_domain" "machine" {
  for_each  = local.machines
  name      = each.key
  memory    = each.value.memory
  vcpu      = each.value.vcpu
  cloudinit = libvirt_cloudinit_disk.init[each.key].id

  dynamic "disk" {
    for_each = [libvirt_volume.disk[each.key].id]
    content {
      volume_id = disk.value
    }
  }

  network_interface {
    network_id = libvirt_network.net.id
    addresses  = [each.value.ip]
  }

  lifecycle {
    ignore_changes = [cloudinit]
  }
}

output "machines" {
  value = { for name, machine in libvirt_domain.machine : name => machine.network_interface[0].addresses[0] }
}
"""

DIRECT_BOOT_AND_FIRMWARE = """
resource "libvirt_pool" "boot" {
  name = "boot"
  type = "dir"
  path = "/srv/boot"
}

resource "libvirt_volume" "kernel" {
  name   = "vmlinuz"
  pool   = libvirt_pool.boot.name
  source = "image.qcow2"

  xml {
    xslt = <<-EOF
      <?xml version="1.0" ?>
      <xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
        <xsl:template match="@*|node()">
          <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
        </xsl:template>
      </xsl:stylesheet>
    EOF
  }
}

resource "libvirt_domain" "pxe" {
  name    = "pxe"
  memory  = 512
  running = false
  kernel  = libvirt_volume.kernel.id
  cmdline = [
    { "console" = "ttyS0" },
    { "_" = "quiet" },
  ]
  firmware = "/usr/share/OVMF/OVMF_CODE.fd"
  nvram {
    file     = "/var/lib/libvirt/qemu/nvram/pxe_VARS.fd"
    template = "/usr/share/OVMF/OVMF_VARS.fd"
  }
  machine = "q35"
  video {
    type = "virtio"
  }
  network_interface {
    bridge = "br0"
    mac    = "AA:BB:CC:11:22:33"
  }
  network_interface {
    macvtap = "eth0"
  }
  console {
    type        = "pty"
    target_type = "virtio"
    target_port = "1"
  }
}
"""

WHAT_DOES_NOT_COUNT = """
variable "cpu_mode" { default = "" }

resource "libvirt_network" "lab" {
  name      = "lab"
  addresses = ["10.70.0.0/24"]
}

resource "libvirt_domain" "network_first" {
  name = "network-first"
  cpu { mode = var.cpu_mode }
  nvram {
    file     = ""
    template = ""
  }
  network_interface {
    network_name = libvirt_network.lab.name
    bridge       = "br0"
  }
  network_interface {
    network_id = libvirt_network.lab.id
    macvtap    = "eth0"
  }
}

resource "libvirt_domain" "bridge_first" {
  name = "bridge-first"
  cpu { mode = null }
  network_interface {
    bridge  = "br0"
    macvtap = "eth0"
  }
}
"""

LABS = {
    "wrapped-in-templates": WRAPPED_IN_TEMPLATES,
    "count-and-splats": COUNT_AND_SPLATS,
    "attributes-for-blocks": ATTRIBUTES_FOR_BLOCKS,
    "map-of-machines": MAP_OF_MACHINES,
    "direct-boot-and-firmware": DIRECT_BOOT_AND_FIRMWARE,
    "what-does-not-count": WHAT_DOES_NOT_COUNT,
}

DEFAULT_NETWORK = """
<node>
  <network>
    <name>default</name>
    <forward mode='nat'/>
    <bridge name='virbr0'/>
    <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>
  </network>
</node>
"""  # noqa: E501 - as libvirt has it


@pytest.fixture(params=LABS)
def lab(request, tmp_path, blank_image):
    lab = QuickLab.of_text(LABS[request.param], tmp_path / "lab", environment_for("test+file:host.xml"))
    (lab.directory / "image.qcow2").write_bytes(blank_image)
    (lab.directory / "cloud_init.cfg").write_text("#cloud-config\nhostname: ${hostname}\n")
    (lab.directory / "host.xml").write_text(DEFAULT_NETWORK)
    return lab


@pytest.fixture(scope="session")
def blank_image():
    """A qcow2 image with nothing in it: its header, as `qemu-img create -f qcow2 FILE 1M` writes it."""
    version_2 = (b"QFI\xfb", 2, 0, 0, 16, 1 << 20, 0, 1, 0, 0, 0, 0, 0)
    widths = (4, 4, 8, 4, 4, 8, 4, 4, 8, 8, 4, 4, 8)
    header = b"".join(
        field if isinstance(field, bytes) else field.to_bytes(width, "big")
        for field, width in zip(version_2, widths, strict=True)
    )
    return header.ljust(1 << 16, b"\0")


def test_its_plan_warns_of_nothing(lab):
    assert "Warning" not in lab.plan()


def test_it_goes_up_unchanged_and_a_second_plan_is_empty(lab):
    said = lab.apply()
    assert f"Resources: {len(lab.addresses())} added, 0 changed, 0 destroyed." in said
    assert lab.plan_is_empty()
    assert lab.plan_is_empty("-refresh=false")


def test_it_goes_up_and_comes_down_by_saved_plans_as_well(lab):
    lab.plan("-out=p")
    lab.kvmform("apply", "p")
    assert lab.plan_is_empty()
    lab.plan("-destroy", "-out=p")
    lab.kvmform("apply", "p")
    assert lab.addresses() == []


def test_it_comes_down_without_a_trace(lab):
    lab.apply()
    count = len(lab.addresses())
    assert f"Resources: {count} destroyed." in lab.destroy()
    left = simulated_inventory(lab.directory / "host.xml")
    assert left.networks == {"default"}
    assert left.domains == left.pools == left.volumes == EMPTY.files


@pytest.mark.parametrize("lab", ["count-and-splats"], indirect=True)
def test_splats_and_old_indexes_give_addresses(lab):
    lab.apply()
    assert lab.output("ips") == [["10.240.0.10"], ["10.240.0.11"], ["10.240.0.12"]]
    assert lab.output("first") == "10.240.0.10"
    assert lab.output("names") == "node-00,node-01,node-02"


@pytest.mark.parametrize("lab", ["attributes-for-blocks"], indirect=True)
def test_text_becomes_numbers_and_truth_values(lab):
    lab.apply()
    (domain,) = (r["instances"][0]["attributes"] for r in lab.state()["resources"] if r["type"] == "libvirt_domain")
    assert (domain["memory"], domain["qemu_agent"]) == (1024, True)
    assert [disk["scsi"] for disk in domain["disk"]] == [False, True]
    assert [cpu["mode"] for cpu in domain["cpu"]] == ["host-passthrough"]


@pytest.mark.parametrize("lab", ["wrapped-in-templates"], indirect=True)
def test_a_smaller_change_stays_a_change_of_one_object(lab):
    lab.apply()
    lab.edit("1024 * 1", "1024 * 2")
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in lab.plan()
    lab.apply()
    assert lab.plan_is_empty()
