"""The resource types whose objects are storage volumes, and those of them that configure a guest at its first boot."""

from __future__ import annotations

__all__ = ["SEED_TYPES", "VOLUME_TYPES"]

SEED_TYPES = ("libvirt_cloudinit_disk", "libvirt_ignition", "libvirt_combustion")
VOLUME_TYPES = ("libvirt_volume", *SEED_TYPES)
