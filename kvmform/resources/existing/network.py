"""`data libvirt_network`."""

from __future__ import annotations

from kvmform.resources.existing.reading import Sought, existing
from kvmform.resources.network.resource_type import NETWORK

__all__ = ["DATA_SOURCE"]

DATA_SOURCE = existing(NETWORK, Sought("network", "Its UUID."), without=("xml", "restarting"))
