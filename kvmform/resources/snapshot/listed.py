"""The snapshots of a domain, as a command lists them."""

from __future__ import annotations

from kvmform.schema import Object
from kvmform.struct import Struct

__all__ = ["DomainSnapshots"]


class DomainSnapshots(Struct):
    """A domain and its snapshots, each after its parent.

    A snapshot is an object of `libvirt_snapshot`, with an `address` where it is one in state.
    """

    address: str
    name: str
    id: str
    snapshots: tuple[Object, ...]
