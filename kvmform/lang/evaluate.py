"""Evaluation of expressions: a direct walk over the tree, by a table of node classes.

:func:`evaluate` is the door. Values, their conversion and the operators are in modules of
their own; the nodes with rules of their own are in `conditional`, `loops`, `interpolation`,
`reference` and `calling`. Semantics and wording of errors are Terraform 1.11's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError
from kvmform.lang import calling, conditional, interpolation, loops, reference
from kvmform.lang.ast import (
    Binary,
    Expression,
    GetAttribute,
    Index,
    Literal,
    ObjectExpression,
    ObjectItem,
    Parentheses,
    TupleExpression,
    Unary,
)
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.dispatch import EVALUATORS, EvaluationError, Failures, Fault, evaluates, failure, value_of
from kvmform.lang.functions.signature import CallContext
from kvmform.lang.operators import OperandFault, apply_binary, apply_unary, binary_type, unary_type
from kvmform.lang.scope import Scope
from kvmform.values.kinds import is_null
from kvmform.values.marks import NO_MARKS, mark, unmark
from kvmform.values.model import UNKNOWN, Unknown, Value
from kvmform.values.types import STRING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["call_context", "evaluate", "evaluate_template"]

# They enter themselves in the table when they are imported.
_FAMILIES = (calling, conditional, interpolation, loops, reference)


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of an expression.

    Raises:
        DiagnosticError: it can't be evaluated. The diagnostic points at the part that failed
            and tells the values of the references in it.
    """
    try:
        return EVALUATORS[type(expression)](expression, scope)
    except EvaluationError as problem:
        from kvmform.lang.describe import with_values

        told = (with_values(each.diagnostic, each.expression, each.scope) for each in problem.failures)
        raise DiagnosticError(*told) from None
    except RecursionError:
        detail = (
            "This expression, with all that it refers to, is nested too deeply. Divide it into several local values."
        )
        raise DiagnosticError.of("Expression nested too deeply", detail, expression.range) from None


def call_context(
    directory: str, now: Callable[[], datetime], *, pure: bool = False, plan_timestamp: str | None = None
) -> CallContext:
    """What functions may know of the world; for the meaning of each, see :class:`CallContext`."""
    return CallContext(directory, evaluate_template, now, pure, plan_timestamp)


def evaluate_template(template: Expression, variables: Mapping[str, Value], context: CallContext) -> Value:
    """The value of a template that sees nothing but its variables, and functions.

    Raises:
        DiagnosticError: it can't be evaluated.
    """
    return evaluate(template, Scope(names=variables, context=context))


@evaluates(Literal)
def _literal(node: Literal, scope: Scope) -> Value:  # noqa: ARG001 - every evaluator has this form
    return node.value


@evaluates(Parentheses)
def _parentheses(node: Parentheses, scope: Scope) -> Value:
    return EVALUATORS[type(node.expression)](node.expression, scope)


@evaluates(TupleExpression)
def _tuple(node: TupleExpression, scope: Scope) -> Value:
    items = []
    failures = None
    for item in node.items:
        try:
            items.append(EVALUATORS[type(item)](item, scope))
        except EvaluationError as problem:
            failures = failures or Failures()
            items.append(failures.caught(problem))
    if failures:
        raise failures.error(tuple(items))
    return tuple(items)


@evaluates(ObjectExpression)
def _object(node: ObjectExpression, scope: Scope) -> Value:
    result: dict[str, Value] = {}
    marks = NO_MARKS
    known = True
    failures = None
    for item in node.items:
        try:
            key = _object_key(item, scope)
        except EvaluationError as problem:
            failures = failures or Failures()
            failures.caught(problem)
            key = UNKNOWN
        try:
            value = EVALUATORS[type(item.value)](item.value, scope)
        except EvaluationError as problem:
            failures = failures or Failures()
            value = failures.caught(problem)
        if type(key) is str:
            result[key] = value
            continue
        key, key_marks = unmark(key)
        marks |= key_marks
        if type(key) is Unknown:
            known = False
        else:
            result[key] = value
    whole = mark(result if known else UNKNOWN, marks)
    if failures:
        raise failures.error(whole)
    return whole


def _object_key(item: ObjectItem, scope: Scope) -> Value:
    """The key of an item: a string, perhaps marked, or unknown."""
    expression = item.key
    if type(expression) is Literal:
        key = expression.value
        if type(key) is str:
            return key
    elif isinstance(expression, GetAttribute | Index):
        detail = (
            "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a "
            "literal name containing periods, wrap it in quotes to create a string literal."
        )
        raise failure(Fault("Ambiguous attribute key", detail), expression, scope)
    else:
        key = value_of(expression, scope)
    if is_null(key):
        # Terraform points at the value.
        raise failure(
            Fault("Null value as key", "Can't use a null value as a key."), expression, scope, item.value.range
        )
    try:
        return convert(key, STRING)
    except ConversionError as problem:
        fault = Fault("Incorrect key type", f"Can't use this value as a key: {problem.message}.")
        raise failure(fault, expression, scope) from None


@evaluates(Unary)
def _unary(node: Unary, scope: Scope) -> Value:
    failures = Failures()
    try:
        operand = value_of(node.operand, scope)
    except EvaluationError as problem:
        operand = failures.caught(problem)
    try:
        value = apply_unary(node.operator, operand)
    except OperandFault as fault:
        value = failures.caught(failure(fault, node.operand, scope, context=node.range))
    except Fault as fault:
        value = failures.caught(failure(fault, node, scope))
    if failures:
        raise failures.error(Unknown(unary_type(node.operator)))
    return value


@evaluates(Binary)
def _binary(node: Binary, scope: Scope) -> Value:
    """Goes down the left side in a loop: `a + b + c + …` is as deep as it is long."""
    chain = [node]
    left = node.left
    while type(left) is Binary:
        chain.append(left)
        left = left.left
    failures = Failures()
    try:
        value = EVALUATORS[type(left)](left, scope)
    except EvaluationError as problem:
        value = failures.caught(problem)
    for operation in reversed(chain):
        try:
            right = EVALUATORS[type(operation.right)](operation.right, scope)
        except EvaluationError as problem:
            right = failures.caught(problem)
        try:
            value = apply_binary(operation.operator, value, right)
        except Fault as fault:
            _note_faults(failures, fault, operation, right, scope)
        if failures:
            value = Unknown(binary_type(operation.operator))
    if failures:
        raise failures.error(value)
    return value


def _note_faults(failures: Failures, fault: Fault, operation: Binary, right: Value, scope: Scope) -> None:
    """Note what is wrong with an operation; with its right side too if it is the left one that is wrong."""
    match fault:
        case OperandFault(side="left"):
            failures.caught(failure(fault, operation.left, scope, context=operation.range))
            try:
                apply_binary(operation.operator, UNKNOWN, right)
            except Fault as other:
                _note_faults(failures, other, operation, right, scope)
        case OperandFault():
            failures.caught(failure(fault, operation.right, scope, context=operation.range))
        case _ if not failures:
            failures.caught(failure(fault, operation, scope))
