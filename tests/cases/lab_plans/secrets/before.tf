variable "password" {
  default   = "hunter2"
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
    type     = "spice"
    password = "open1"
  }
  graphics {
    type     = "vnc"
    password = var.password
  }
}
resource "random_password" "one" {
  length = 8
}
output "all" {
  value     = [libvirt_cloudinit_disk.seed.user_data]
  sensitive = true
}
