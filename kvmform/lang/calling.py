"""Function calls: finding the function, and evaluating its arguments."""

from __future__ import annotations

from functools import partial

from kvmform.diagnostics import DiagnosticError, FunctionCall, error
from kvmform.lang.ast import Call, Expression
from kvmform.lang.dispatch import EvaluationError, Failure, Failures, Fault, evaluates, failure, value_of
from kvmform.lang.functions import FUNCTIONS
from kvmform.lang.functions.signature import (
    INVALID_ARGUMENT,
    CallContext,
    Function,
    LazyArgument,
    call,
    call_lazily,
    convert_arguments,
    signature_form,
)
from kvmform.lang.scope import Scope
from kvmform.lang.suggestion import did_you_mean
from kvmform.struct import replace
from kvmform.values.kinds import is_null
from kvmform.values.marks import mark, unmark
from kvmform.values.model import UNKNOWN, ListValue, SetValue, Unknown, Value
from kvmform.values.types import ListType, PrimitiveType, SetType, TupleType

__all__: list[str] = []


@evaluates(Call)
def _call(node: Call, scope: Scope) -> Value:
    context = scope.context
    if context is None:
        fault = Fault("Function calls not allowed", "Functions may not be called here.")
        raise failure(fault, node, scope)
    function = FUNCTIONS.get(node.name) or _provider_function(node, scope)
    if function.lazy:
        return _call_lazily(function, node, scope, context)
    arguments = _arguments(function, node, scope)
    if arguments is None:
        return UNKNOWN
    try:
        return call(function, arguments, node, context)
    except DiagnosticError as problem:
        raise _call_failure(problem, function, node, scope) from None


def _provider_function(node: Call, scope: Scope) -> Function:
    """The function of Terraform's built-in provider that is called."""
    from kvmform.lang.functions.tfvars import PROVIDER_FUNCTIONS

    function = PROVIDER_FUNCTIONS.get(node.name)
    if function is not None:
        return function
    if "::" in node.name:
        known = ", ".join(PROVIDER_FUNCTIONS)
        hint = did_you_mean(node.name, PROVIDER_FUNCTIONS)
        detail = f'There is no function named "{node.name}".{hint} Of providers kvmform has these functions: {known}.'
        raise failure(Fault("Unknown provider function", detail), node, scope, node.name_range)
    detail = f'There is no function named "{node.name}".{did_you_mean(node.name, FUNCTIONS)}'
    raise failure(Fault("Call to unknown function", detail), node, scope, node.name_range)


def _call_failure(problem: DiagnosticError, function: Function, node: Call, scope: Scope) -> EvaluationError:
    """What is wrong with a call: each with the argument that it points at, or else the whole call."""
    told = FunctionCall(node.name, signature_form(function))
    failures = []
    for diagnostic in problem.diagnostics:
        part: Expression = node
        if diagnostic.summary == INVALID_ARGUMENT and diagnostic.subject is not None:
            at = diagnostic.subject.start
            part = next((argument for argument in node.arguments if argument.start <= at < argument.end), node)
        failures.append(Failure(replace(diagnostic, context=node.range, function=told), part, scope))
    return EvaluationError(*failures)


class _BeyondRepair(Exception):  # noqa: N818 - no error of its own: it carries one past the function
    """An error that no function may overcome: an undeclared name is wrong whatever the values are."""

    def __init__(self, problem: DiagnosticError) -> None:
        super().__init__()
        self.problem = problem


def _attempt(expression: Expression, scope: Scope) -> Value:
    try:
        return value_of(expression, scope)
    except EvaluationError:
        raise
    except DiagnosticError as problem:
        raise _BeyondRepair(problem) from None


def _call_lazily(function: Function, node: Call, scope: Scope, context: CallContext) -> Value:
    """A function that evaluates its arguments itself, and may overcome their errors."""
    expressions = node.arguments[:-1] if node.expand else node.arguments
    arguments = [LazyArgument(expression, partial(_attempt, expression, scope)) for expression in expressions]
    if node.expand:
        last = node.arguments[-1]
        expanded = _expanded(function, last, node, scope)
        if expanded is None:
            return UNKNOWN
        arguments.extend(LazyArgument(last, partial(_constant, value)) for value in expanded)
    try:
        return call_lazily(function, arguments, node, context)
    except _BeyondRepair as carried:
        raise carried.problem from None
    except EvaluationError:
        raise
    except DiagnosticError as problem:
        raise _call_failure(problem, function, node, scope) from None


def _constant(value: Value) -> Value:
    return value


def _arguments(function: Function, node: Call, scope: Scope) -> list[Value] | None:
    """The values of the arguments; None if it isn't known how many there are."""
    expressions = node.arguments
    expanded: list[Value] = []
    if node.expand:
        expressions = node.arguments[:-1]
        found = _expanded(function, node.arguments[-1], node, scope)
        if found is None:
            return None
        expanded = found
    values = []
    failures = None
    for argument in expressions:
        try:
            values.append(value_of(argument, scope))
        except EvaluationError as problem:
            failures = failures or Failures()
            values.append(failures.caught(problem))
    values += expanded
    if failures:
        raise _with_conversions(failures, function, values, node, scope)
    return values


def _with_conversions(
    failures: Failures, function: Function, values: list[Value], node: Call, scope: Scope
) -> EvaluationError:
    """What is wrong with the arguments, and with their types; if there are too many of them, or too few, only that."""
    try:
        convert_arguments(function, values, node)
    except DiagnosticError as problem:
        found = _call_failure(problem, function, node, scope)
        if any(each.diagnostic.summary != INVALID_ARGUMENT for each in found.failures):
            return found
        failures.caught(found)
    return failures.error()


def _expanded(function: Function, expression: Expression, node: Call, scope: Scope) -> list[Value] | None:
    """The elements of an argument that ends with `...`; None if they aren't known."""
    value, marks = unmark(value_of(expression, scope))
    match value:
        case tuple():
            return [mark(item, marks) for item in value]
        case ListValue() | SetValue():
            return [mark(item, marks) for item in value.items]
        case Unknown(type=ListType() | SetType() | TupleType() | PrimitiveType("dynamic")):
            return None
    detail = "The expanding argument (indicated by ...) must be of a tuple, list, or set type."
    if is_null(value):
        detail = "The expanding argument (indicated by ...) must not be null."
    diagnostic = error(
        "Invalid expanding argument value",
        detail,
        expression.range,
        context=node.range,
        function=FunctionCall(node.name, signature_form(function)),
    )
    raise EvaluationError(Failure(diagnostic, expression, scope))
