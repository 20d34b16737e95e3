# One guest of the fleet: a linked clone of the template, and a domain that boots it.

variable "name" { type = string }
variable "pool" { type = string }
variable "template_id" { type = string }
variable "network_id" { type = string }
variable "memory" { type = number }
variable "vcpu" { type = number }

resource "libvirt_volume" "disk" {
  name           = "${var.name}.qcow2"
  pool           = var.pool
  base_volume_id = var.template_id
}

resource "libvirt_domain" "this" {
  name   = var.name
  memory = var.memory
  vcpu   = var.vcpu

  disk {
    volume_id = libvirt_volume.disk.id
  }

  network_interface {
    network_id     = var.network_id
    hostname       = var.name
    wait_for_lease = true
  }
}

output "address" {
  value = libvirt_domain.this.network_interface[0].addresses[0]
}
