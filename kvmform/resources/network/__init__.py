"""`libvirt_network`: a network that guests are plugged into."""
