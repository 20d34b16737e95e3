resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  path = "/nonexistent/lab"
}
resource "libvirt_volume" "disk" {
  for_each = toset(["a", "b", "c"])
  name     = each.key
  pool     = libvirt_pool.lab.name
  size     = each.key == "a" ? 1048576 : 2097152
}
resource "libvirt_network" "net" {
  name      = "net"
  addresses = ["10.9.0.0/24"]
  dns {
    hosts {
      hostname = "one"
      ip       = "10.9.0.2"
    }
    hosts {
      hostname = "zwei"
      ip       = "10.9.0.3"
    }
  }
}
resource "libvirt_cloudinit_disk" "seed" {
  name      = "seed"
  pool      = libvirt_pool.lab.name
  user_data = join("\n", concat(["#cloud-config", "runcmd:"], [for i in range(12) : i == 9 ? "- echo nine" : "- echo ${i}"]))
}
resource "libvirt_domain" "guest" {
  name   = "guest"
  memory = 32
  description = "one\ntwo"
  disk {
    volume_id = libvirt_volume.disk["a"].id
    target    = "vda"
  }
  disk {
    volume_id = libvirt_volume.disk["c"].id
    target    = "vdc"
  }
  network_interface {
    network_id = libvirt_network.net.id
    mac        = "52:54:00:00:00:01"
    hostname   = "www"
  }
  graphics {
    type = "vnc"
  }
}
