"""`libvirt_volume`: a storage volume, empty, filled from an image, or a linked clone."""
