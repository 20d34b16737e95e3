"""A module as called once."""

from __future__ import annotations

from dataclasses import dataclass, field

from kvmform.address import InstanceAddress, InstanceKey, ModuleAddress, ResourceAddress
from kvmform.config.module import Module, ModuleCall
from kvmform.config.repetition import Repetition
from kvmform.values.model import Value

__all__ = ["ModuleInstance", "Read"]

Read = InstanceAddress | ResourceAddress
"""What an expression read: one instance, or (a splat, depends_on) a whole resource."""


@dataclass(slots=True, eq=False)
class ModuleInstance:
    """A module as called once: where its arguments come from, and what was evaluated already."""

    address: ModuleAddress
    module: Module
    parent: ModuleInstance | None = None
    call: ModuleCall | None = None
    repetition: Repetition = field(default_factory=lambda: Repetition(None, {}))
    memo: dict[tuple[str, str], tuple[Value, frozenset[Read]]] = field(default_factory=dict)
    children: dict[str, tuple[dict[InstanceKey, ModuleInstance], frozenset[Read]]] = field(default_factory=dict)
    """Called modules by name and key, and what their `count` or `for_each` read."""
    repetitions: dict[tuple[str, str, str], dict[InstanceKey, Repetition]] = field(default_factory=dict)
