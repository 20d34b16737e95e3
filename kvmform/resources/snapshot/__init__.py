"""`libvirt_snapshot`: a point in time of a domain that it can be taken back to."""
