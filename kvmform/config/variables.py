"""The value of an input variable: type, default, null, sensitivity. For `validation` see conditions."""

from __future__ import annotations

from kvmform.config.arguments import checks_nothing, missing_argument
from kvmform.config.block_references import condition_references
from kvmform.config.module import Variable
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange, error
from kvmform.lang.conversion import ConversionError
from kvmform.lang.evaluate import evaluate
from kvmform.lang.references import references
from kvmform.lang.scope import Scope
from kvmform.values.kinds import is_null
from kvmform.values.marks import mark, marks_in
from kvmform.values.model import EPHEMERAL, SENSITIVE, Value

__all__ = ["check_variable", "variable_value"]


def variable_value(variable: Variable, given: Value, is_given: bool, at: SourceRange | None, origin: str) -> Value:
    """The value that `var.name` has.

    Args:
        variable: the declaration.
        given: the value from outside, before conversion; ignored unless `is_given`.
        is_given: whether there is one; else the default is taken.
        at: where the value is written, if it is written in a file.
        origin: who gave it, in words.

    Raises:
        DiagnosticError: the value is missing or doesn't fit the type.
    """
    place = at or variable.range
    if is_given and not variable.ephemeral and EPHEMERAL in marks_in(given):
        detail = (
            f"The input variable {variable.name} is not declared as accepting ephemeral values, so it cannot be set to "
            "a result derived from an ephemeral value. Say ephemeral = true in its variable block."
        )
        raise DiagnosticError.of("Ephemeral value not allowed", detail, place)
    if is_given and is_null(given) and not variable.nullable:
        if variable.default is None:
            detail = f"Unsuitable value for var.{variable.name} from {origin}: a required variable may not be null."
            raise DiagnosticError.of("Required variable not set", detail, place)
        is_given = False
    if not is_given:
        if variable.default is None:
            raise DiagnosticError(missing_argument(variable.name, place))
        given = evaluate(variable.default, Scope.empty())
    if variable.constraint is not None:
        try:
            given = variable.constraint.apply(given)
        except ConversionError as problem:
            detail = f"Unsuitable value for var.{variable.name} from {origin}: {problem.message}."
            raise DiagnosticError.of("Invalid value for input variable", detail, place) from problem
    marks = {SENSITIVE} if variable.sensitive else set()
    return mark(given, frozenset(marks | {EPHEMERAL} if variable.ephemeral else marks))


def check_variable(variable: Variable, problems: Diagnostics) -> None:
    """Report what is wrong with a variable whatever its value: its default, and what it is validated by."""
    problem = _wrong_default(variable)
    if problem is not None:
        problems.add(problem)
    for condition in variable.validations:
        if not references(condition.condition):
            problems.add(checks_nothing("validation", condition.condition))
        found = [(reference.root, *reference.steps[:1]) for reference in condition_references([condition])]
        if ("var", variable.name) not in found:
            detail = f'The condition for variable "{variable.name}" must refer to var.{variable.name}, which it checks.'
            problems.add(error("Invalid variable validation condition", detail, condition.condition.range))


def _wrong_default(variable: Variable) -> Diagnostic | None:
    """What is wrong with the default of a variable, whether or not it is used."""
    if variable.default is None:
        return None
    try:
        value = evaluate(variable.default, Scope.empty())
        if variable.constraint is not None:
            variable.constraint.apply(value)
    except ConversionError as problem:
        detail = f"This default value is not compatible with the variable's type constraint: {problem.message}."
        return error("Invalid default value for variable", detail, variable.default.range)
    except DiagnosticError as problem:
        return problem.diagnostics[0]
    if is_null(value) and not variable.nullable:
        detail = "A null default is not valid when nullable is false."
        return error("Invalid default value for variable", detail, variable.default.range)
    return None
