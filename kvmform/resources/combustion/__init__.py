"""`libvirt_combustion`: the script from which Combustion configures a guest (openSUSE MicroOS, SLE Micro)."""
