"""What is asked of the person at the terminal: approval, and variables that have no value.

As in Terraform the answers may also come through a pipe (`echo yes | kvmform apply`).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kvmform.cli.environment import terraform_named
from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from kvmform.config.module import Variable
    from kvmform.view import View

__all__ = ["Approval", "ask_variable", "at_terminal", "may_ask"]


def at_terminal() -> bool:
    """Whether a person sits there; where standard input is closed, Python has none."""
    return sys.stdin is not None and sys.stdin.isatty()


def may_ask(*, wanted: bool) -> bool:
    """Whether anything may be asked: flags say so (`wanted`), and TF_INPUT does not forbid it."""
    return wanted and sys.stdin is not None and terraform_named(os.environ).get("TF_INPUT") not in {"0", "f", "false"}


def ask_variable(variable: Variable) -> str | None:
    """The value of a variable as typed, which nobody sees if it is sensitive; None where nobody answers."""
    described = f"\n  {variable.description}\n" if variable.description else ""
    prompt = f"var.{variable.name}{described}\n  Enter a value: "
    try:
        if variable.sensitive and at_terminal():
            from getpass import getpass

            return getpass(prompt)
        answer = input(prompt)
    except EOFError:
        return None
    if not at_terminal():
        print()  # nobody typed the end of the line
    return answer


class Approval:
    """Whether a person agrees to what is about to be done: said beforehand, or asked for.

    Args:
        given: whether nobody has to be asked.
        can_ask: whether somebody can be.
    """

    def __init__(self, given: bool, *, can_ask: bool) -> None:
        self.is_given = given
        self._can_ask = may_ask(wanted=can_ask)

    def of(self, view: View, question: str, detail: str, *, instead: str) -> bool:
        """Ask, unless the answer is there already; `instead`: what to say where nobody answers.

        Raises:
            DiagnosticError: nobody can be asked, or nobody answers.
        """
        if self.is_given:
            return True
        if not self._can_ask:
            raise DiagnosticError.of("Approval needed", f"Nobody can be asked here. Say {instead}.")
        try:
            return view.ask(question, detail) == "yes"
        except EOFError as problem:
            detail = f"Nobody answered: the standard input has ended. Say {instead}."
            raise DiagnosticError.of("Approval needed", detail) from problem
