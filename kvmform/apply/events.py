"""What apply tells while it works; views turn it into text or JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kvmform.address import InstanceAddress
from kvmform.diagnostics import Diagnostic
from kvmform.plan.change import Verb

__all__ = ["Emit", "Event", "Failed", "Finished", "Progressed", "Skipped", "Started"]


@dataclass(frozen=True, slots=True)
class Started:
    """A step begins. `id` is the object's, where it has one already."""

    address: InstanceAddress
    verb: Verb
    id: str | None


@dataclass(frozen=True, slots=True)
class Progressed:
    """A step is at work: `words` say at what; bytes where there are any."""

    address: InstanceAddress
    verb: Verb
    words: str
    done: int | None
    total: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A step is done."""

    address: InstanceAddress
    verb: Verb
    id: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """A step failed; what it left is recorded in state."""

    address: InstanceAddress
    verb: Verb
    seconds: float
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step was not begun, since one that it needs failed or the user asked to stop."""

    address: InstanceAddress
    verb: Verb


Event = Started | Progressed | Finished | Failed | Skipped
Emit = Callable[[Event], None]
"""Takes an event; called from several threads at once."""
