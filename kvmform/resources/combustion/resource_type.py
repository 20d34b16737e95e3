"""What `libvirt_combustion` promises: its table and its verbs."""

from __future__ import annotations

from kvmform.resources.combustion.schema import SCHEMA
from kvmform.resources.seed.resource_type import seed_type
from kvmform.resources.seed.text import TEXT, content_of

__all__ = ["COMBUSTION"]

COMBUSTION = seed_type("libvirt_combustion", SCHEMA, TEXT, lambda _check: (), content_of)
