# A first lab: a storage pool, a base image, a NAT network, and two guests with cloud-init.
# `make demo` applies it with a small guest image of its own; with any other cloud image:
#
#   kvmform apply -var base_image=https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2

terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
    }
  }
}

provider "libvirt" {} # the host that LIBVIRT_DEFAULT_URI names, else qemu:///system

resource "libvirt_pool" "lab" {
  name = "kvmform-quickstart"
  type = "dir"

  target {
    path = var.pool_path
  }
}

resource "libvirt_volume" "base" {
  name   = "base.qcow2"
  pool   = libvirt_pool.lab.name
  source = var.base_image
  format = "qcow2"
}

resource "libvirt_network" "lab" {
  name      = "kvmform-quickstart"
  mode      = "nat"
  domain    = "lab.test"
  addresses = ["10.17.3.0/24"]
  autostart = true
  stp       = false # there are no loops here, and guests get their addresses seconds sooner

  dns {
    enabled = true
  }
}

# A linked clone of the base image for each guest: it takes space only for what differs.
resource "libvirt_volume" "disk" {
  for_each = var.guests

  name           = "${each.key}.qcow2"
  pool           = libvirt_pool.lab.name
  base_volume_id = libvirt_volume.base.id
}

resource "libvirt_cloudinit_disk" "seed" {
  for_each = var.guests

  name = "${each.key}-seed.iso"
  pool = libvirt_pool.lab.name

  user_data = templatefile("${path.module}/user-data.yaml", { hostname = each.key })
  meta_data = yamlencode({ "instance-id" = each.key, "local-hostname" = each.key })
}

resource "libvirt_domain" "guest" {
  for_each = var.guests

  name      = each.key
  memory    = each.value.memory
  vcpu      = each.value.vcpu
  cloudinit = libvirt_cloudinit_disk.seed[each.key].id

  disk {
    volume_id = libvirt_volume.disk[each.key].id
  }

  network_interface {
    network_id     = libvirt_network.lab.id
    hostname       = each.key
    wait_for_lease = true
  }

  console {
    type        = "pty"
    target_port = "0"
    target_type = "serial"
  }
}
