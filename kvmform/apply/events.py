"""What apply tells while it works; views turn it into text or JSON."""

from __future__ import annotations

from collections.abc import Callable

from kvmform.address import InstanceAddress
from kvmform.diagnostics import Diagnostic
from kvmform.plan.change import Verb
from kvmform.struct import Struct

__all__ = [
    "Emit",
    "Event",
    "Failed",
    "Finished",
    "Progressed",
    "ProvisionEvent",
    "ProvisionFailed",
    "ProvisionFinished",
    "ProvisionProgressed",
    "ProvisionStarted",
    "Skipped",
    "Started",
    "StillRunning",
]


class Started(Struct):
    """A step begins. `id` is the object's, where it has one already."""

    address: InstanceAddress
    verb: Verb
    id: str | None


class Progressed(Struct):
    """A step goes on: `words` say with what; bytes where there are any.

    How long the step has been at work, and how many bytes a second it did lately, the heartbeat puts in.
    """

    address: InstanceAddress
    verb: Verb
    words: str
    done: int | None = None
    total: int | None = None
    seconds: float = 0.0
    rate: float | None = None


class StillRunning(Struct):
    """A step is still at work, told every ten seconds: as it began, and as :class:`Progressed` last had it."""

    address: InstanceAddress
    verb: Verb
    id: str | None
    words: str
    done: int | None
    total: int | None
    seconds: float
    rate: float | None
    waiting: tuple[InstanceAddress, ...]
    """Whose steps wait for this one; no more than a hundred."""


class Finished(Struct):
    """A step is done. `id` is the object's, where there is one now."""

    address: InstanceAddress
    verb: Verb
    id: str | None
    seconds: float


class Failed(Struct):
    """A step failed; what it left is recorded in state."""

    address: InstanceAddress
    verb: Verb
    seconds: float
    diagnostics: tuple[Diagnostic, ...]


class Skipped(Struct):
    """A step was not begun, since one that it needs failed (`because`), or since the user asked to stop."""

    address: InstanceAddress
    verb: Verb
    because: InstanceAddress | None


class ProvisionStarted(Struct):
    """A provisioner of the step's instance begins; `provisioner` is its type."""

    address: InstanceAddress
    verb: Verb
    provisioner: str


class ProvisionProgressed(Struct):
    """A provisioner printed a line."""

    address: InstanceAddress
    verb: Verb
    provisioner: str
    output: str


class ProvisionFinished(Struct):
    """A provisioner is done."""

    address: InstanceAddress
    verb: Verb
    provisioner: str


class ProvisionFailed(Struct):
    """A provisioner failed; with `goes_on` that is no failure of the step."""

    address: InstanceAddress
    verb: Verb
    provisioner: str
    diagnostics: tuple[Diagnostic, ...]
    goes_on: bool


ProvisionEvent = ProvisionStarted | ProvisionProgressed | ProvisionFinished | ProvisionFailed
Event = Started | Progressed | StillRunning | Finished | Failed | Skipped | ProvisionEvent
Emit = Callable[[Event], None]
"""Takes an event; called from several threads at once."""
