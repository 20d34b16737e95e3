"""The value of an input variable: type, default, validation."""

from __future__ import annotations

from collections.abc import Callable

from kvmform.config.module import Condition, Variable
from kvmform.diagnostics import DiagnosticError, SourceRange, error
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.values.marks import mark, unmark
from kvmform.values.model import SENSITIVE, NullValue, Unknown, Value

__all__ = ["check_conditions", "variable_value"]


def variable_value(variable: Variable, given: Value, is_given: bool, at: SourceRange | None) -> Value:
    """The value that `var.name` has.

    Args:
        variable: the declaration.
        given: the value from outside, before conversion; ignored unless `is_given`.
        is_given: whether there is one; else the default is taken.
        at: where the value is written.

    Raises:
        DiagnosticError: the value is missing or doesn't fit the type.
    """
    null = given is None or isinstance(given, NullValue)
    if is_given and null and not variable.nullable:
        is_given = False
    if not is_given:
        if variable.default is None:
            detail = f'The input variable "{variable.name}" has no value, and no default.'
            raise DiagnosticError.of("Missing required argument", detail, at or variable.range)
        given = evaluate(variable.default, Scope.empty())
        at = variable.default.range
    if variable.constraint is not None:
        try:
            given = variable.constraint.apply(given)
        except DiagnosticError as problem:
            why = problem.diagnostics[0].detail or problem.diagnostics[0].summary
            detail = f'The value for the input variable "{variable.name}" is not suitable: {why}'
            raise DiagnosticError.of("Invalid value for input variable", detail, at or variable.range) from problem
    return mark(given, frozenset({SENSITIVE})) if variable.sensitive else given


def check_conditions(
    conditions: tuple[Condition, ...], scope: Scope, summary: str, fails: Callable[[str], str]
) -> None:
    """Evaluate the conditions of validation and condition blocks; unknown ones pass for now.

    Raises:
        DiagnosticError: with `summary` and the error messages of those that are false.
    """
    problems = []
    for condition in conditions:
        value, _ = unmark(evaluate(condition.condition, scope))
        if isinstance(value, Unknown) or value in {True, "true"}:
            continue
        message = "The condition is not met."
        if condition.error_message is not None:
            text, _ = unmark(evaluate(condition.error_message, scope))
            message = text if isinstance(text, str) else message
        problems.append(error(summary, fails(message), condition.condition.range))
    if problems:
        raise DiagnosticError(*problems)
