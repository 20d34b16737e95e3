"""`libvirt_pool`: a storage pool, the place on a host that volumes are kept in."""
