# A guest with two snapshots, one after the other, and the way back to the first:
#
#   kvmform apply                                  # the guest and both snapshots
#   kvmform apply -var back_to_first=monday        # back to the first one; any new text goes back once more

terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
    }
  }
}

variable "base_image" {
  description = "Disk image that the guest boots (qcow2)."
  type        = string
}

variable "back_to_first" {
  description = "Any text; whenever it changes, the guest is reverted to the first snapshot."
  type        = string
  default     = null
}

variable "pool_path" {
  type    = string
  default = "/var/lib/libvirt/images/kvmform-snapshots"
}

resource "libvirt_pool" "lab" {
  name = "snapshots"
  type = "dir"

  target {
    path = var.pool_path
  }
}

resource "libvirt_network" "lab" {
  name      = "snapshots"
  addresses = ["10.17.7.0/24"]
}

resource "libvirt_volume" "disk" {
  name   = "subject.qcow2"
  pool   = libvirt_pool.lab.name
  source = var.base_image
  format = "qcow2" # an internal snapshot is kept inside the image, which raw images can't
}

resource "libvirt_domain" "subject" {
  name   = "subject"
  memory = 192

  disk {
    volume_id = libvirt_volume.disk.id
  }

  network_interface {
    network_id     = libvirt_network.lab.id
    wait_for_lease = true
  }
}

resource "libvirt_snapshot" "first" {
  name        = "first"
  domain_id   = libvirt_domain.subject.id
  description = "As it came up."
  revert      = var.back_to_first
}

resource "libvirt_snapshot" "second" {
  name       = "second"
  domain_id  = libvirt_domain.subject.id
  depends_on = [libvirt_snapshot.first]
}

output "state_in_first" {
  value = libvirt_snapshot.first.state
}
