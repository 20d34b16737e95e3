# Three kinds of network side by side: NAT (out through the host), isolated (among guests
# only), and bridged (on a bridge that the host has already). One guest is in all three.

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

variable "host_bridge" {
  description = "A bridge of the host's; make one with: ip link add br-lab type bridge && ip link set br-lab up"
  type        = string
  default     = "br-lab"
}

variable "pool_path" {
  type    = string
  default = "/var/lib/libvirt/images/kvmform-networks"
}

resource "libvirt_network" "nat" {
  name      = "networks-nat"
  mode      = "nat"
  domain    = "nat.test"
  addresses = ["10.17.5.0/24"]

  dns {
    enabled = true

    hosts {
      ip       = "10.17.5.1"
      hostname = "gateway.nat.test"
    }
  }
}

resource "libvirt_network" "isolated" {
  name      = "networks-isolated"
  mode      = "none"
  addresses = ["10.17.6.0/24"]
}

resource "libvirt_network" "bridged" {
  name   = "networks-bridged"
  mode   = "bridge"
  bridge = var.host_bridge
}

resource "libvirt_pool" "lab" {
  name = "networks"
  type = "dir"

  target {
    path = var.pool_path
  }
}

resource "libvirt_volume" "disk" {
  name   = "router.qcow2"
  pool   = libvirt_pool.lab.name
  source = var.base_image
  format = "qcow2"
}

resource "libvirt_domain" "router" {
  name   = "router"
  memory = 192

  disk {
    volume_id = libvirt_volume.disk.id
  }

  network_interface {
    network_id     = libvirt_network.nat.id
    wait_for_lease = true
  }

  network_interface {
    network_id     = libvirt_network.isolated.id
    wait_for_lease = true
  }

  # Who gives addresses out on the bridge is not libvirt's business, so there is no lease to wait for.
  network_interface {
    network_id = libvirt_network.bridged.id
  }
}

output "addresses" {
  value = {
    nat      = libvirt_domain.router.network_interface[0].addresses[0]
    isolated = libvirt_domain.router.network_interface[1].addresses[0]
  }
}
