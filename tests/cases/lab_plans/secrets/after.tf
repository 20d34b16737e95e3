variable "password" {
  default   = "hunter3"
  sensitive = true
}
resource "libvirt_pool" "lab" {
  name = "lab"
  type = "dir"
  path = "/nonexistent/lab"
}
resource "libvirt_cloudinit_disk" "seed" {
  name      = "seed"
  pool      = libvirt_pool.lab.name
  user_data = "#cloud-config\npassword: ${var.password}\n"
}
resource "libvirt_domain" "guest" {
  name = "guest"
  cloudinit = libvirt_cloudinit_disk.seed.id
  graphics {
    type     = "vnc"
    password = var.password
  }
  graphics {
    type     = "spice"
    password = "open2"
  }
}
resource "random_password" "one" {
  length = 9
}
output "all" {
  value     = [libvirt_cloudinit_disk.seed.user_data]
  sensitive = true
}
