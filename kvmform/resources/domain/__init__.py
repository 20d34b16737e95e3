"""`libvirt_domain`: a virtual machine."""
