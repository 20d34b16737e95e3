"""`count` and `for_each`: how many instances a block has, and what each of them sees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import Enum

from kvmform.address import InstanceKey
from kvmform.diagnostics import DiagnosticError, error
from kvmform.lang.ast import Expression
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.evaluate import evaluate
from kvmform.lang.loops import elements_of
from kvmform.lang.scope import Scope
from kvmform.struct import Struct
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import is_wholly_known, unmark
from kvmform.values.model import EPHEMERAL, ListValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat
from kvmform.values.types import NUMBER, STRING

__all__ = ["SINGLE", "Repeat", "Repetition", "RepetitionKind", "last_repetition", "repeat", "repeat_any"]


class RepetitionKind(Enum):
    """What decides how many instances there are: nothing, `count`, or `for_each`."""

    SINGLE = "single"
    COUNT = "count"
    EACH = "each"

    @classmethod
    def of(cls, count: Expression | None, for_each: Expression | None) -> RepetitionKind:
        """The kind of a block with these arguments."""
        if count is not None:
            return cls.COUNT
        return cls.EACH if for_each is not None else cls.SINGLE


class Repetition(Struct):
    """One instance: its key, and the names (`count`, `each`) that its expressions see."""

    key: InstanceKey
    names: Mapping[str, Value]


SINGLE = Repetition(None, {})
"""Of a block that is there once."""


def last_repetition(key: InstanceKey) -> Repetition:
    """What destroy-time provisioners see of how an instance repeats: its key, and no value."""
    match key:
        case int():
            return Repetition(key, {"count": {"index": key}})
        case str():
            return Repetition(key, {"each": {"key": key}})
    return SINGLE


_MOST = 1_000_000
"""How many instances `count` can make; far beyond what any host takes, and what there is memory for."""

Repeat = Callable[[Expression | None, Expression | None, Scope], list[Repetition]]


def repeat(count: Expression | None, for_each: Expression | None, scope: Scope) -> list[Repetition]:
    """The instances that `count` or `for_each` ask for; one without a key where there is neither.

    Raises:
        DiagnosticError: the value is wrong, or known only after apply.
    """
    if count is not None:
        return [Repetition(index, {"count": {"index": index}}) for index in range(_count(count, scope))]
    if for_each is not None:
        return [Repetition(key, {"each": {"key": key, "value": value}}) for key, value in _for_each(for_each, scope)]
    return [SINGLE]


def repeat_any(count: Expression | None, for_each: Expression | None, scope: Scope) -> list[Repetition]:
    """One stand-in for every instance, without key, that knows nothing of which there are.

    Raises:
        DiagnosticError: the value is wrong, as far as it is known.
    """
    expression = count if count is not None else for_each
    if expression is None:
        return [SINGLE]
    value = evaluate(expression, scope)
    if is_wholly_known(value):
        repeat(count, for_each, scope)
    _refuse_marks("count" if count is not None else "for_each", unmark(value)[1], expression, scope)
    if count is not None:
        return [Repetition(None, {"count": {"index": Unknown(NUMBER)}})]
    return [Repetition(None, {"each": {"key": Unknown(STRING), "value": Unknown()}})]


def _count(expression: Expression, scope: Scope) -> int:
    value, marks = unmark(evaluate(expression, scope))
    _refuse_marks("count", marks, expression, scope)
    if is_null(value):
        raise _wrong(
            "count", 'The given "count" argument value is null. A whole number is required.', expression, scope
        )
    try:
        value = convert(value, NUMBER)
    except ConversionError as problem:
        detail = f'The given "count" argument value is unsuitable: {problem.message}.'
        raise _wrong("count", detail, expression, scope, summary="Incorrect value type") from problem
    if isinstance(value, Unknown):
        raise _not_known("count", expression, scope)
    if isinstance(value, BigFloat) and value.whole is not None:
        value = value.whole
    if not isinstance(value, int) or value < 0:
        detail = 'The given "count" argument value is unsuitable: it must be a whole number, 0 or more.'
        raise _wrong("count", detail, expression, scope)
    if value > _MOST:
        detail = f'The given "count" argument value is unsuitable: no more than {_MOST} instances can be made at once.'
        raise _wrong("count", detail, expression, scope)
    return value


def _for_each(expression: Expression, scope: Scope) -> list[tuple[str, Value]]:
    value, marks = unmark(evaluate(expression, scope))
    _refuse_marks("for_each", marks, expression, scope)
    if isinstance(value, Unknown):
        raise _not_known("for_each", expression, scope)
    pairs = None if isinstance(value, tuple | ListValue) else elements_of(value)
    if pairs is None:
        what = "null" if is_null(value) else f"a value of type {type_of(value)}"
        detail = (
            f'The "for_each" argument must be a map, an object, or a set of strings, and it is {what}. Wrap a list of '
            "unique strings in toset(…)."
        )
        raise _wrong("for_each", detail, expression, scope)
    if isinstance(value, SetValue):
        _check_set(value, expression, scope)
    return [(str(key), element) for key, element in pairs]


def _check_set(value: SetValue, expression: Expression, scope: Scope) -> None:
    if any(isinstance(item, Unknown) for item in value.items):
        raise _not_known("for_each", expression, scope)
    if value.items and value.element != STRING:
        detail = f"A set in for_each must hold strings, and this one holds values of type {value.element}."
        raise _wrong("for_each set", detail, expression, scope)
    if any(is_null(item) for item in value.items):
        raise _wrong("for_each set", "A set in for_each must not hold null.", expression, scope)


def _refuse_marks(argument: str, marks: Collection[str], expression: Expression, scope: Scope) -> None:
    """Refuse what must not decide the instances, even where its value is not known yet."""
    if EPHEMERAL in marks:
        detail = (
            f'The given "{argument}" value is derived from an ephemeral value, which is not kept between plan and '
            "apply. Which instances there are is recorded, so use only values that are not ephemeral."
        )
        raise _wrong(argument, detail, expression, scope, {EPHEMERAL})
    if marks and argument == "for_each":
        detail = "A sensitive value can't be used, since its keys become part of the addresses that are shown."
        raise _wrong(argument, detail, expression, scope, marks)


def _not_known(argument: str, expression: Expression, scope: Scope) -> DiagnosticError:
    detail = (
        f'The value of "{argument}" depends on something that is known only after apply, so it can\'t be said how many '
        "instances there will be. Use values that the configuration itself knows, or apply what it depends on first "
        "with -target."
    )
    return _wrong(argument, detail, expression, scope, {"unknown"})


def _wrong(
    argument: str,
    detail: str,
    expression: Expression,
    scope: Scope,
    causes: Collection[str] = (),
    *,
    summary: str = "",
) -> DiagnosticError:
    """The error for the value of an argument; `causes` are what it is about, see kvmform.lang.describe."""
    from kvmform.lang.describe import with_values

    diagnostic = error(summary or f"Invalid {argument} argument", detail, expression.range)
    return DiagnosticError(with_values(diagnostic, expression, scope, causes))
