"""A module as called once."""

from __future__ import annotations

from dataclasses import dataclass

from kvmform.address import ModuleAddress
from kvmform.config.module import Module, ModuleCall
from kvmform.config.repetition import SINGLE, Repetition

__all__ = ["ModuleInstance"]


@dataclass(frozen=True, slots=True, eq=False)
class ModuleInstance:
    """A module as called once: what it declares, and where its arguments come from."""

    address: ModuleAddress
    module: Module
    parent: ModuleInstance | None = None
    """What calls it; None for the root module."""
    call: ModuleCall | None = None
    repetition: Repetition = SINGLE
    """What the arguments of the call see."""
