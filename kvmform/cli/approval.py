"""Whether a person agrees to what is about to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.view import View

__all__ = ["Approval"]


class Approval:
    """An answer that was given beforehand, or is asked for.

    Args:
        given: whether nobody has to be asked.
        can_ask: whether somebody can be.
    """

    def __init__(self, given: bool, *, can_ask: bool) -> None:
        self._given = given
        self._can_ask = can_ask

    def of(self, view: View, question: str, detail: str, *, instead: str) -> bool:
        """Ask, unless the answer is there already; `instead`: what to say where nobody can be asked.

        Raises:
            DiagnosticError: nobody can be asked.
        """
        if self._given:
            return True
        if not self._can_ask:
            raise DiagnosticError.of("Approval needed", f"Nobody can be asked here. Say {instead}.")
        return view.ask(question, f"{detail} Only 'yes' will be accepted.") == "yes"
