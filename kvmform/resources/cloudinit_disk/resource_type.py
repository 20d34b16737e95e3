"""What `libvirt_cloudinit_disk` promises: its table and its verbs."""

from __future__ import annotations

from kvmform.resources.cloudinit_disk.check import check
from kvmform.resources.cloudinit_disk.lifecycle import SEED, content_of
from kvmform.resources.cloudinit_disk.schema import SCHEMA
from kvmform.resources.seed.resource_type import seed_type

__all__ = ["CLOUDINIT_DISK"]

CLOUDINIT_DISK = seed_type("libvirt_cloudinit_disk", SCHEMA, SEED, check, content_of)
