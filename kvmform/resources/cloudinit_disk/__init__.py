"""`libvirt_cloudinit_disk`: the seed from which cloud-init configures a guest."""
