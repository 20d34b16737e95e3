"""`condition ? then : otherwise`, and the `%{ if }` of templates.

Both results are evaluated, whatever the condition is, since the type of the whole is the one
that both can be converted to; an error counts only in the one that is chosen.
"""

from __future__ import annotations

from kvmform.diagnostics import SourceRange
from kvmform.lang.ast import Conditional, Expression, TemplateIf
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.dispatch import EvaluationError, Fault, evaluates, failure, value_of
from kvmform.lang.scope import Scope
from kvmform.lang.unify import unify
from kvmform.values.equality import equals
from kvmform.values.kinds import is_null, null_of, type_of
from kvmform.values.marks import mark, unmark
from kvmform.values.model import ListValue, MapValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat
from kvmform.values.types import BOOL, ListType, ObjectType, SetType, TupleType, Type

__all__: list[str] = []

_SUMMARY = "Inconsistent conditional result types"


@evaluates(Conditional, TemplateIf)
def _conditional(node: Conditional | TemplateIf, scope: Scope) -> Value:
    then, then_problem = _attempt(node.then, scope)
    otherwise, otherwise_problem = _attempt(node.otherwise, scope)
    kind = _result_type(node, then, otherwise, scope)
    try:
        condition, marks = unmark(_condition(node, scope))
    except EvaluationError as condition_problem:
        condition_problem.partial = Unknown(type_of(then) if kind is None else kind)
        raise
    then, then_marks = unmark(then)
    otherwise, otherwise_marks = unmark(otherwise)
    marks |= then_marks | otherwise_marks
    if type(condition) is Unknown:
        return mark(_either(then, otherwise, kind), marks)
    chosen, problem = (then, then_problem) if condition else (otherwise, otherwise_problem)
    if problem is not None:
        raise problem
    return mark(_converted(chosen, kind, node, scope, chose_then=condition), marks)


def _attempt(expression: Expression, scope: Scope) -> tuple[Value, EvaluationError | None]:
    """The value of a result, or an unknown one and what went wrong; what no value can mend is raised."""
    try:
        return value_of(expression, scope), None
    except EvaluationError as problem:
        return problem.partial, problem


def _result_type(node: Conditional | TemplateIf, then: Value, otherwise: Value, scope: Scope) -> Type | None:
    """The common type; None if both results are of the same simple type already."""
    if type(then) is type(otherwise) and type(then) in (str, int, bool):
        return None
    kinds = type_of(then), type_of(otherwise)
    if unmark(then)[0] is None:
        return kinds[1]
    if unmark(otherwise)[0] is None:
        return kinds[0]
    kind = unify(kinds)
    if kind is None:
        detail = f"The true and false result expressions must have consistent types. {_difference(*kinds)}"
        at = SourceRange(node.source, node.then.start, node.otherwise.end)
        raise failure(Fault(_SUMMARY, detail), node, scope, at, node.range)
    return kind


def _condition(node: Conditional | TemplateIf, scope: Scope) -> Value:
    expression = node.condition
    value = value_of(expression, scope)
    if value is True or value is False:
        return value
    if is_null(value):
        detail = "The condition value is null. Conditions must either be true or false."
        raise failure(Fault("Null condition", detail), expression, scope, context=node.range)
    if type(unmark(value)[0]) is Unknown:
        return mark(Unknown(BOOL), unmark(value)[1])
    try:
        return convert(value, BOOL)
    except ConversionError as problem:
        detail = f"The condition expression must be of type bool: {problem.message}."
        raise failure(Fault("Incorrect condition type", detail), expression, scope, context=node.range) from None


def _converted(
    value: Value, kind: Type | None, node: Conditional | TemplateIf, scope: Scope, *, chose_then: bool
) -> Value:
    if kind is None:
        return value
    try:
        return convert(value, kind)
    except ConversionError as problem:
        which, part = ("true", node.then) if chose_then else ("false", node.otherwise)
        detail = f"The {which} result value has the wrong type: {problem.message}."
        raise failure(Fault(_SUMMARY, detail), part, scope) from None


def _either(then: Value, otherwise: Value, kind: Type | None) -> Value:
    """What is known of the result before the condition is."""
    wanted = type_of(then) if kind is None else kind
    if is_null(then) and is_null(otherwise):
        return null_of(wanted)
    if type(then) in (int, BigFloat) and type(otherwise) in (int, BigFloat) and equals(then, otherwise):
        return then
    not_null = _is_surely_not_null(then) and _is_surely_not_null(otherwise)
    one, other = _length(then), _length(otherwise)
    if one is None or other is None or type_of(then) != type_of(otherwise):
        return Unknown(wanted, not_null=not_null)
    return _of_length(wanted, min(one, other), max(one, other))


def _is_surely_not_null(value: Value) -> bool:
    return value.not_null if isinstance(value, Unknown) else not is_null(value)


def _length(value: Value) -> int | None:
    """Number of elements of a known collection."""
    return len(value.items) if isinstance(value, ListValue | SetValue | MapValue) else None


def _of_length(kind: Type, least: int, most: int) -> Value:
    """A collection of which only the number of elements is known."""
    match kind:
        case ListType() if least == most:
            return ListValue(kind.element, (Unknown(kind.element),) * least)
        case SetType() if least == most and least <= 1:
            return SetValue(kind.element, (Unknown(kind.element),) * least)
    return Unknown(kind, not_null=True, min_length=least, max_length=most)


def _difference(then: Type, otherwise: Type) -> str:
    """One sentence on where two types differ beyond unifying."""
    match then, otherwise:
        case ObjectType(), ObjectType():
            others = otherwise.as_dict()
            for name, kind in then.attributes:
                if name in others and unify([kind, others[name]]) is None:
                    return f'Type mismatch for object attribute "{name}": {_difference(kind, others[name])}'
            return "The two objects have different attributes, and these are not all of one type."
        case TupleType(), TupleType() if len(then.elements) == len(otherwise.elements):
            for at, (left, right) in enumerate(zip(then.elements, otherwise.elements, strict=True)):
                if unify([left, right]) is None:
                    return f"Type mismatch for tuple element {at}: {_difference(left, right)}"
        case TupleType(), TupleType():
            lengths = f"The 'true' tuple has length {len(then.elements)}, but the 'false' tuple has length"
            return f"{lengths} {len(otherwise.elements)}, and their elements are not all of one type."
    return f"The 'true' value is {then}, but the 'false' value is {otherwise}."
