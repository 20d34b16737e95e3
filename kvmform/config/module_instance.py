"""A module as called once."""

from __future__ import annotations

from kvmform.address import ModuleAddress
from kvmform.config.module import Module, ModuleCall
from kvmform.config.repetition import SINGLE, Repetition
from kvmform.struct import Struct

__all__ = ["ModuleInstance"]


class ModuleInstance(Struct, eq=False):
    """A module as called once: what it declares, and where its arguments come from."""

    address: ModuleAddress
    module: Module
    parent: ModuleInstance | None = None
    """What calls it; None for the root module."""
    call: ModuleCall | None = None
    repetition: Repetition = SINGLE
    """What the arguments of the call see."""
