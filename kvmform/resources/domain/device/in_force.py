"""Arguments of devices that have no meaning beside others."""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.schema import Object

__all__ = ["in_force", "meant"]

_IN_FORCE = {
    "graphics": {
        "autoport": ("listen_type", {"address", "network"}),
        "listen_address": ("listen_type", {"address"}),
        "websocket": ("type", {"vnc"}),
    },
    "console": {
        "source_path": ("type", {"dev"}),
        "source_host": ("type", {"tcp"}),
        "source_service": ("type", {"tcp"}),
    },
    "tpm": {
        "backend_device_path": ("backend_type", {"passthrough"}),
        "backend_encryption_secret": ("backend_type", {"emulator"}),
        "backend_version": ("backend_type", {"emulator"}),
        "backend_persistent_state": ("backend_type", {"emulator"}),
    },
}


def in_force(block: str, element: Object) -> frozenset[str]:
    """The arguments of a device that have a meaning: `listen_address` has none with `listen_type` `none`.

    The others are not written to the XML, and not looked for in it.
    """
    idle = {name for name, (other, values) in _IN_FORCE.get(block, {}).items() if element.get(other) not in values}
    return frozenset(element) - idle


def meant(block: str, elements: Iterable[Object]) -> list[Object]:
    """The elements of a block, with None for the arguments that have no meaning in them."""
    return [
        {name: value if name in in_force(block, element) else None for name, value in element.items()}
        for element in elements
    ]
