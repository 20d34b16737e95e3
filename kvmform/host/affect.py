"""Whether a change is for now, for the next start, or both."""

from __future__ import annotations

from enum import IntFlag

__all__ = ["Affect"]


class Affect(IntFlag):
    """What a change goes into. The values are libvirt's `VIR_DOMAIN_AFFECT_*` and `VIR_NETWORK_UPDATE_AFFECT_*`."""

    LIVE = 1
    CONFIG = 2
    BOTH = 3
