"""`data libvirt_domain`."""

from __future__ import annotations

from kvmform.resources.domain.resource_type import DOMAIN
from kvmform.resources.existing.reading import Sought, existing

__all__ = ["DATA_SOURCE"]

DATA_SOURCE = existing(DOMAIN, Sought("domain", "Its UUID."), without=("xml", "timeouts"))
