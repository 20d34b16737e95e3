# A fleet from one template image: as many guests as one asks for, all alike.
#
#   kvmform apply   -var template_image=template.qcow2            # all defaults: three small guests
#   kvmform apply   -var template_image=template.qcow2 -var size=10 -var memory=1024 -var vcpu=2
#   kvmform destroy -var template_image=template.qcow2

terraform {
  required_providers {
    libvirt = {
      source = "dmacvicar/libvirt"
    }
  }
}

locals {
  names = [for number in range(1, var.size + 1) : format("%s-%02d", var.prefix, number)]
}

resource "libvirt_pool" "fleet" {
  name = var.prefix
  type = "dir"

  target {
    path = "${var.pool_path}/${var.prefix}"
  }
}

resource "libvirt_volume" "template" {
  name   = "template.qcow2"
  pool   = libvirt_pool.fleet.name
  source = var.template_image
  format = "qcow2"
}

resource "libvirt_network" "fleet" {
  name      = var.prefix
  addresses = [var.subnet]
}

module "guest" {
  source   = "./guest"
  for_each = toset(local.names)

  name        = each.key
  pool        = libvirt_pool.fleet.name
  template_id = libvirt_volume.template.id
  network_id  = libvirt_network.fleet.id
  memory      = var.memory
  vcpu        = var.vcpu
}

output "addresses" {
  value = { for name, guest in module.guest : name => guest.address }
}
