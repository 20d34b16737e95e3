"""What a command says, as calls; the twins for people and for programs turn it into output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kvmform.address import InstanceAddress
    from kvmform.apply.events import Event
    from kvmform.apply.report import Report
    from kvmform.diagnostics import Diagnostic
    from kvmform.plan.change import Plan
    from kvmform.state.model import OutputValue

__all__ = ["View"]


class View(Protocol):
    """The output of plan, apply and destroy. Calls may come from several threads."""

    def diagnostics(self, found: Iterable[Diagnostic]) -> None:
        """Errors and warnings, in the order given."""

    def say(self, text: str, code: str | None = None) -> None:
        """A line of what goes on; `code` is what programs know the ones of `init` by."""

    def refreshing(self, address: InstanceAddress, known_id: str | None, done: bool) -> None:
        """An object is read for a plan, or (`done`) has been; told by several threads at once."""

    def plan(self, plan: Plan) -> None:
        """The whole plan: drift, changes, outputs, summary with its disruption."""

    def plan_saved(self, path: Path) -> None:
        """The plan was written to a file."""

    def ask(self, question: str, detail: str) -> str:
        """Ask the person at the terminal; the answer as typed, without blanks around it.

        Raises:
            EOFError: nobody answers.
        """

    def apply_begins(self, plan: Plan) -> None:
        """The steps of a plan begin."""

    def event(self, event: Event) -> None:
        """Something happened while applying."""

    def apply_ends(self, plan: Plan, report: Report, outputs: Mapping[str, OutputValue], *, destroy: bool) -> None:
        """The steps have ended: summary and outputs; `destroy` when it was the destroy command."""

    def interrupted(self, *, again: bool) -> None:
        """Ctrl-C was received, for the first or (`again`) the second time."""

    def close(self) -> None:
        """Nothing more is said."""
