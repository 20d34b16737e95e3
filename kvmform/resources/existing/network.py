"""`data libvirt_network`."""

from __future__ import annotations

from kvmform.resources.existing.reading import existing
from kvmform.resources.network import NETWORK

__all__ = ["DATA_SOURCE"]

DATA_SOURCE = existing(NETWORK, "network", "Its UUID.", without=("xml", "restarting"))
