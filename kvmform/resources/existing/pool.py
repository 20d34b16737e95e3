"""`data libvirt_pool`."""

from __future__ import annotations

from kvmform.resources.existing.reading import Sought, existing
from kvmform.resources.pool.resource_type import POOL

__all__ = ["DATA_SOURCE"]

DATA_SOURCE = existing(POOL, Sought("storage pool", "Its UUID."), without=("xml", "created_directory"))
