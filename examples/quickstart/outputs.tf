output "addresses" {
  description = "Where each guest is reached."
  value       = { for name, guest in libvirt_domain.guest : name => guest.network_interface[0].addresses }
}
