resource "libvirt_domain" "web" {
  name = "web"
  disk { volume_id = libvirt_volume.web.id }
  network_interface {}
  cpu {
    mode = "host-passthrough"

  }
  lifecycle {
    ignore_changes = [name,
    memory]
  }
}
resource "libvirt_pool" "lab" /* of naming */ {
}
block "café" "a\tb" "" "$" {}
a { b = 1 }
a { b = [
  1,
] }
