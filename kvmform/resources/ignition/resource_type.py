"""What `libvirt_ignition` promises: its table and its verbs."""

from __future__ import annotations

from kvmform.resources.ignition.content import CONTENT, check
from kvmform.resources.ignition.schema import SCHEMA
from kvmform.resources.seed.resource_type import seed_type
from kvmform.resources.seed.text import content_of

__all__ = ["IGNITION"]

IGNITION = seed_type("libvirt_ignition", SCHEMA, CONTENT, check, content_of)
