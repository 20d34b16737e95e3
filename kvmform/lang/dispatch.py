"""How the evaluator finds its way: one function for each class of node, in a table.

The functions stand in the modules of their kind (`conditional`, `loops`, `template`, …) and
enter themselves with :func:`evaluates`; :mod:`kvmform.lang.evaluate`, the evaluator's door,
brings them all together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kvmform.diagnostics import Diagnostic, DiagnosticError, SourceRange, error
from kvmform.lang.ast import Expression
from kvmform.lang.scope import Scope
from kvmform.struct import Struct
from kvmform.values.model import UNKNOWN, Value

__all__ = ["EVALUATORS", "EvaluationError", "Failure", "Failures", "Fault", "evaluates", "failure", "value_of"]

Evaluator = Callable[[Any, Scope], Value]

EVALUATORS: dict[type, Evaluator] = {}
"""The function that evaluates a node of a class."""


def evaluates(*classes: type[Expression]) -> Callable[[Evaluator], Evaluator]:
    """Enter the decorated function in the table, for these classes of nodes."""

    def enter(function: Evaluator) -> Evaluator:
        EVALUATORS.update(dict.fromkeys(classes, function))
        return function

    return enter


def value_of(expression: Expression, scope: Scope) -> Value:
    """Evaluate a part of an expression; for a whole one, see :func:`kvmform.lang.evaluate.evaluate`.

    Raises:
        DiagnosticError: it can't be evaluated.
    """
    return EVALUATORS[type(expression)](expression, scope)


class Fault(Exception):  # noqa: N818 - not an error of its own: its place in the text is still to be told
    """What is wrong with an operation on values; whoever evaluates says where.

    `hint` is a further sentence that tells something of the values, not to be said of secrets.
    """

    def __init__(self, summary: str, detail: str, hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.hint = hint


class Failure(Struct):
    """What is wrong with an expression; the values in it are told if the diagnostic is shown."""

    diagnostic: Diagnostic
    expression: Expression
    scope: Scope


class EvaluationError(DiagnosticError):
    """An expression can't be evaluated, for at least one reason.

    `partial` is what of its value is known all the same, unknown where it failed: what is
    around it goes on with that, to find what else is wrong.
    """

    def __init__(self, *failures: Failure, partial: Value = UNKNOWN) -> None:
        super().__init__(*(each.diagnostic for each in failures))
        self.failures = failures
        self.partial = partial


class Failures:
    """Collects what is wrong with the parts of one expression."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, SourceRange | None], Failure] = {}

    def caught(self, problem: EvaluationError) -> Value:
        """Note what is wrong with a part; of what a loop fails with in each round only the first.

        Returns:
            What to go on with in the place of its value.
        """
        for each in problem.failures:
            self._found.setdefault((each.diagnostic.summary, each.diagnostic.subject), each)
        return problem.partial

    def __bool__(self) -> bool:
        return bool(self._found)

    def error(self, partial: Value = UNKNOWN) -> EvaluationError:
        """All of it, ready to be raised."""
        return EvaluationError(*self._found.values(), partial=partial)


def failure(
    fault: Fault,
    expression: Expression,
    scope: Scope,
    subject: SourceRange | None = None,
    context: SourceRange | None = None,
    partial: Value = UNKNOWN,
) -> EvaluationError:
    """The error that tells of a fault in `expression`.

    `subject` is the part to point at, if not all of it; `context` what else to show of the text.
    """
    diagnostic = error(fault.summary, fault.detail + fault.hint, subject or expression.range, context=context)
    return EvaluationError(Failure(diagnostic, expression, scope), partial=partial)
