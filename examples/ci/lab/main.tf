# The lab that the pipeline looks after: guests with a disk each, on a network of their own.
# A merge request edits terraform.tfvars; what that costs is what the pipeline shows, and judges.

terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
    }
  }
}

provider "libvirt" {} # the host that LIBVIRT_DEFAULT_URI names, else qemu:///system

variable "guests" {
  description = "The guests, by name: memory in MiB, disk in GiB."
  type = map(object({
    memory = number
    disk   = number
  }))
}

variable "pool_path" {
  description = "Directory on the host for the disks."
  type        = string
  default     = "/var/lib/libvirt/images/lab"
}

resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"

  target {
    path = var.pool_path
  }
}

resource "libvirt_network" "lab" {
  name      = "lab"
  mode      = "nat"
  addresses = ["10.17.9.0/24"]
}

resource "libvirt_volume" "disk" {
  for_each = var.guests

  name = "${each.key}.qcow2"
  pool = libvirt_pool.lab.name
  size = each.value.disk * 1073741824
}

resource "libvirt_domain" "guest" {
  for_each = var.guests

  name      = each.key
  memory    = each.value.memory
  autostart = true

  disk {
    volume_id = libvirt_volume.disk[each.key].id
  }

  network_interface {
    network_id = libvirt_network.lab.id
  }
}
