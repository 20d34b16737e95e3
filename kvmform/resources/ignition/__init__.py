"""`libvirt_ignition`: the seed from which Ignition configures a guest (Fedora CoreOS, Flatcar)."""
