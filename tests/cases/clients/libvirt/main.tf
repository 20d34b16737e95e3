# A small lab for programs that run kvmform: a guest without a system, which is up as soon as it is started.

terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
    }
  }
}

variable "name" {
  type    = string
  default = "client"
}

variable "memory" {
  type    = number
  default = 64
}

variable "disks" {
  type    = list(string)
  default = ["a"]
}

resource "libvirt_pool" "lab" {
  name = var.name
  type = "dir"

  target {
    path = "/var/lib/libvirt/images/${var.name}"
  }
}

resource "libvirt_volume" "disk" {
  for_each = toset(var.disks)

  name = "${each.key}.qcow2"
  pool = libvirt_pool.lab.name
  size = 1048576
}

resource "libvirt_network" "lab" {
  name = var.name
  mode = "none"
}

resource "libvirt_domain" "guest" {
  name   = var.name
  memory = var.memory

  dynamic "disk" {
    for_each = libvirt_volume.disk

    content {
      volume_id = disk.value.id
    }
  }

  network_interface {
    network_id = libvirt_network.lab.id
  }
}

output "domain" {
  value = libvirt_domain.guest.id
}

output "disks" {
  value = [for disk in libvirt_volume.disk : disk.name]
}
