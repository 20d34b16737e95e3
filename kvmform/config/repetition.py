"""`count` and `for_each`: how many instances a block has, and what each of them sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kvmform.address import InstanceKey
from kvmform.config.decode import elements_of
from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.lang.ast import Expression
from kvmform.lang.conversion import convert
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.values.marks import unmark
from kvmform.values.model import ListValue, NullValue, SetValue, Unknown, Value
from kvmform.values.types import NUMBER, STRING

__all__ = ["Repetition", "repeat", "repetition_kind"]


@dataclass(frozen=True, slots=True)
class Repetition:
    """One instance: its key, and the names (`count`, `each`) that its expressions see."""

    key: InstanceKey
    names: Mapping[str, Value]


def repetition_kind(count: Expression | None, for_each: Expression | None) -> str:
    """`single`, `count` or `each`."""
    if count is not None:
        return "count"
    return "each" if for_each is not None else "single"


def repeat(count: Expression | None, for_each: Expression | None, scope: Scope) -> list[Repetition]:
    """The instances that `count` or `for_each` ask for; one without a key where there is neither.

    Raises:
        DiagnosticError: the value is wrong, or known only after apply.
    """
    if count is not None:
        return [Repetition(index, {"count": {"index": index}}) for index in range(_count(count, scope))]
    if for_each is not None:
        return [Repetition(key, {"each": {"key": key, "value": value}}) for key, value in _for_each(for_each, scope)]
    return [Repetition(None, {})]


def _count(expression: Expression, scope: Scope) -> int:
    at = expression.range
    value, marks = unmark(convert(evaluate(expression, scope), NUMBER, at))
    if marks:
        raise DiagnosticError.of("Invalid count argument", "A sensitive value can't decide how many there are.", at)
    if isinstance(value, Unknown):
        raise _not_known("count", at)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise DiagnosticError.of(
            "Invalid count argument", 'The value of "count" must be a whole number, 0 or more.', at
        )
    return value


def _for_each(expression: Expression, scope: Scope) -> list[tuple[str, Value]]:
    at = expression.range
    value, marks = unmark(evaluate(expression, scope))
    if marks:
        detail = "A sensitive value can't be used, since its keys become part of the addresses that are shown."
        raise DiagnosticError.of("Invalid for_each argument", detail, at)
    if isinstance(value, Unknown) or (isinstance(value, SetValue) and any(isinstance(i, Unknown) for i in value.items)):
        raise _not_known("for_each", at)
    pairs = None if isinstance(value, tuple | ListValue | NullValue) or value is None else elements_of(value)
    if pairs is None:
        detail = (
            'The value of "for_each" must be a map, an object, or a set of strings. Wrap a list of unique strings '
            "in toset(…)."
        )
        raise DiagnosticError.of("Invalid for_each argument", detail, at)
    if isinstance(value, SetValue) and value.items and value.element != STRING:
        raise DiagnosticError.of("Invalid for_each set argument", "The set must hold strings only.", at)
    return [(str(key), element) for key, element in pairs]


def _not_known(argument: str, at: SourceRange) -> DiagnosticError:
    detail = (
        f'The value of "{argument}" depends on something that is known only after apply, so it can\'t be said how many '
        "instances there will be. Use values that the configuration itself knows, or apply what it depends on first "
        "with -target."
    )
    return DiagnosticError.of(f"Invalid {argument} argument", detail, at)
