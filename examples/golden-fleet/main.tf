# A fleet of clones of one golden guest, as virt-clone would make them: what is not written here of a clone is as in the
# golden guest, also when that changes; name, UUID, addresses and disks are each clone's own.
#
#   kvmform apply   -var image=golden.qcow2                       # two clones
#   kvmform apply   -var image=golden.qcow2 -var memory=256       # the golden guest, and with it all of its clones
#   kvmform destroy -var image=golden.qcow2

terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
    }
  }
}

variable "image" {
  description = "The image of the golden guest (qcow2); the guest agent is installed in it."
  type        = string
}

variable "clones" {
  description = "Names of the clones."
  type        = set(string)
  default     = ["web", "db"]
}

variable "memory" {
  description = "Memory of each guest in MiB."
  type        = number
  default     = 160
}

variable "clone_disks" {
  description = "How the golden guest's disks become those of the clones: copied, linked or reflinked."
  type        = string
  default     = "linked"
}

variable "pool_path" {
  description = "Directory on the host for all images."
  type        = string
  default     = "/var/lib/libvirt/images/kvmform-golden-fleet"
}

resource "libvirt_pool" "images" {
  name = "golden-fleet"
  type = "dir"

  target {
    path = var.pool_path
  }
}

resource "libvirt_network" "fleet" {
  name      = "golden-fleet"
  addresses = ["10.17.8.0/24"]
}

resource "libvirt_volume" "golden" {
  name   = "golden.qcow2"
  pool   = libvirt_pool.images.name
  source = var.image
}

resource "libvirt_domain" "golden" {
  name    = "golden"
  memory  = var.memory
  running = false # nobody may write to a disk while it is copied, or has linked clones

  disk {
    volume_id = libvirt_volume.golden.id
  }

  network_interface {
    network_id     = libvirt_network.fleet.id
    wait_for_lease = true
  }

  console {
    type        = "pty"
    target_type = "serial"
    target_port = "0"
  }
}

resource "libvirt_domain" "clone" {
  for_each    = var.clones
  name        = each.key
  clone_of    = libvirt_domain.golden.id
  clone_disks = var.clone_disks

  identity {
    hostname      = each.key
    ssh_host_keys = true
  }
}

output "addresses" {
  value = { for name, guest in libvirt_domain.clone : name => guest.network_interface[0].addresses }
}
