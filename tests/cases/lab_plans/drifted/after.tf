resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  path = "/nonexistent/lab"
}
resource "libvirt_volume" "disk" {
  for_each = toset(["a", "b", "c"])
  name     = each.key
  pool     = libvirt_pool.lab.name
  size     = 2097152
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
      hostname = "two"
      ip       = "10.9.0.3"
    }
  }
}
resource "libvirt_cloudinit_disk" "seed" {
  name      = "seed"
  pool      = libvirt_pool.lab.name
  user_data = join("\n", concat(["#cloud-config", "runcmd:"], [for i in range(12) : "- echo ${i}"]))
}
resource "libvirt_domain" "guest" {
  name   = "guest"
  memory = 128
  disk {
    volume_id = libvirt_volume.disk["a"].id
    target    = "vda"
  }
  disk {
    volume_id = libvirt_volume.disk["b"].id
    target    = "vdb"
  }
  disk {
    volume_id = libvirt_volume.disk["c"].id
    target    = "vdc"
  }
  network_interface {
    network_id = libvirt_network.net.id
    mac        = "52:54:00:00:00:01"
    hostname   = "guest"
  }
  graphics {
    type = "vnc"
  }
}
