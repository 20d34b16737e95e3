"""What `validation`, `precondition`, `postcondition` and `assert` blocks demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kvmform.config.module import Condition
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, error, warning
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.values.kinds import is_null
from kvmform.values.marks import marks_in, unmark, unmark_deep
from kvmform.values.model import Unknown
from kvmform.values.types import BOOL, STRING

__all__ = ["VERDICTS", "check_conditions", "verdicts"]


_UNFIT = "Invalid condition result"

VERDICTS = ("pass", "unknown", "fail", "error")
"""How a check can turn out, the best first."""


def check_conditions(
    conditions: Iterable[Condition],
    scope: Scope,
    summary: str,
    place: Callable[[Diagnostic, Condition], Diagnostic] = lambda diagnostic, _condition: diagnostic,
    unfit: str = _UNFIT,
) -> str:
    """Evaluate conditions; one that is not known yet passes for now.

    Returns `pass`, or `unknown` where there is such a one.

    Args:
        conditions: the blocks.
        scope: resolves their references.
        summary: that of the diagnostics of those that are false; the detail is their `error_message`.
        place: what else to change of such a diagnostic.
        unfit: the summary of those whose condition is neither true nor false.

    Raises:
        DiagnosticError: with every condition that is false or can't be evaluated.
    """
    problems = Diagnostics()
    verdict = "pass"
    for condition in conditions:
        try:
            holds = _holds(condition, scope, unfit)
            if holds is None:
                verdict = "unknown"
            elif not holds:
                found = error(summary, _message(condition, scope), condition.condition.range)
                from kvmform.lang.describe import with_values

                problems.add(place(with_values(found, condition.condition, scope), condition))
        except DiagnosticError as problem:
            problems.caught(problem)
    problems.raise_errors()
    return verdict


def verdicts(conditions: Iterable[Condition], scope: Scope) -> tuple[str, list[Diagnostic]]:
    """How the assertions of a check turn out together: pass, fail, unknown or error; and what there is to say."""
    found: list[Diagnostic] = []
    worst = "pass"
    for condition in conditions:
        at, outcome = condition.condition.range, "pass"
        try:
            holds = _holds(condition, scope)
            if holds is None:
                outcome, summary = "unknown", "Check block assertion known after apply"
                detail = "The condition is about values that are known after apply; its result will be told then."
            elif not holds:
                outcome, summary, detail = "fail", "Check block assertion failed", _message(condition, scope)
            if not holds:
                from kvmform.lang.describe import with_values

                found.append(with_values(warning(summary, detail, at), condition.condition, scope))
        except DiagnosticError as problem:
            outcome = "error"
            found.extend(problem.diagnostics)
        worst = max(worst, outcome, key=VERDICTS.index)
    return worst, found


def _holds(condition: Condition, scope: Scope, unfit: str = _UNFIT) -> bool | None:
    """Whether a condition is true; None: not known yet."""
    value, _ = unmark(evaluate(condition.condition, scope))
    if isinstance(value, Unknown):
        return None
    detail = "A condition must be true or false, not null."
    if not is_null(value):
        try:
            return convert(value, BOOL) is True
        except ConversionError as problem:
            detail = f"A condition must be true or false: {problem.message}."
    from kvmform.lang.describe import with_values

    found = error(unfit, detail, condition.condition.range)
    raise DiagnosticError(with_values(found, condition.condition, scope))


def _message(condition: Condition, scope: Scope) -> str:
    """What the block says of its failure; never a secret."""
    value = evaluate(condition.error_message, scope)
    if marks_in(value):
        return "The error message of this condition refers to sensitive values, so it is not shown."
    try:
        text, _ = unmark_deep(convert(value, STRING))
    except ConversionError as problem:
        detail = f"The error message must be a string: {problem.message}."
        raise DiagnosticError.of("Invalid error message", detail, condition.error_message.range) from problem
    return text if isinstance(text, str) else "The error message of this condition is not known yet."
