"""Values in a few words, for messages: `var.size is "small"`, `local.disks is tuple with 2 elements`.

The words are Terraform's; so is what is told: a secret only where it is what the message is about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.lang.ast import Expression
from kvmform.lang.dispatch import Fault
from kvmform.lang.references import Reference, references
from kvmform.lang.scope import Scope
from kvmform.lang.traversal import get_attribute, get_index
from kvmform.struct import replace
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import unmark
from kvmform.values.model import ListValue, MapValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat
from kvmform.values.ordering import ten_digits
from kvmform.values.types import DYNAMIC

__all__ = ["UNKNOWN_CAUSE", "describe", "described_references", "with_values"]

UNKNOWN_CAUSE = "unknown"
"""Says that a message is there because something is not known yet; beside it marks can be causes."""

_NO_CAUSE: frozenset[str] = frozenset()
_LONGEST = 200
_STEP = re.compile(r'\s*(?:\.\s*([\w-]+|\*)|\[\s*("(?:[^"\\]|\\.)*"|[\d.]+)\s*\])')


def with_values(
    diagnostic: Diagnostic, expression: Expression, scope: Scope, causes: Collection[str] = _NO_CAUSE
) -> Diagnostic:
    """The diagnostic with the values of the references in `expression`, unless it tells some already."""
    if diagnostic.values:
        return diagnostic
    return replace(diagnostic, values=described_references(expression, scope, causes))


def described_references(
    expression: Expression, scope: Scope, causes: Collection[str] = _NO_CAUSE
) -> tuple[tuple[str, str], ...]:
    """The references in an expression, each with what its value is.

    Of one that leads nowhere the part that leads somewhere is told, or nothing. `causes` are
    what the message is about: :data:`UNKNOWN_CAUSE`, or marks; a value that has others is not told.
    """
    told = [_told(reference, scope, causes) for reference in references(expression)]
    return tuple(sorted({pair for pair in told if pair is not None}))


def _told(reference: Reference, scope: Scope, causes: Collection[str]) -> tuple[str, str] | None:
    value, used = _value(reference, scope)
    if not used:
        return None
    said = describe(value, causes)
    return None if said is None else (_text(reference, used), said)


def _value(reference: Reference, scope: Scope) -> tuple[Value, int]:
    """The value that a reference leads to, and how many of its steps lead somewhere."""
    steps, used = reference.steps, 0
    if reference.root in scope.names:
        value = scope.names[reference.root]
    elif scope.resolver is None:
        return None, 0
    else:
        try:
            value, used = scope.resolver.resolve(reference.root, steps, reference.range)
        except DiagnosticError:
            return None, 0
    for step in steps[used:]:
        try:
            value = get_attribute(value, step) if isinstance(step, str) else get_index(value, step)
        except Fault:
            break
        used += 1
    return value, used


def _text(reference: Reference, count: int) -> str:
    """A reference up to a number of its steps, as Terraform writes it: the keys that are written so in brackets."""
    text, at = reference.root, len(reference.root)
    for step in reference.steps[:count]:
        found = _STEP.match(reference.range.text, at)
        if found is None:
            return reference.root + "".join(map(_step_text, reference.steps[:count]))
        text += _step_text(step) if found[1] and isinstance(step, str) else f"[{_key_text(step)}]"
        at = found.end()
    return text


def _step_text(step: str | int) -> str:
    return f".{step}" if isinstance(step, str) else f"[{step}]"


def _key_text(key: str | int) -> str:
    return json.dumps(key, ensure_ascii=False)


def describe(value: Value, causes: Collection[str] = _NO_CAUSE) -> str | None:
    """What a value is, as the end of a sentence that begins with its name; None if that is not told."""
    value, marks = unmark(value)
    if not marks <= set(causes):
        return None
    if marks:
        return f"has {'an' if 'ephemeral' in marks else 'a'} {', '.join(sorted(marks))} value"
    if isinstance(value, Unknown):
        if value.type == DYNAMIC:
            return "will be known only after apply" if UNKNOWN_CAUSE in causes else None
        return f"is a {value.type}{', known only after apply' if UNKNOWN_CAUSE in causes else ''}"
    return f"is {_compact(value)}"


def _compact(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…", ensure_ascii=False)
        case int() | BigFloat():
            return ten_digits(value)
        case dict():
            return f"object with {_attributes(value)}"
        case tuple() | ListValue() | SetValue() | MapValue():
            count = len(value) if isinstance(value, tuple) else len(value.items)
            kind = type_of(value)
            return f"{kind} with {count} element{'s' * (count != 1)}" if count else f"empty {kind}"
    assert is_null(value), f"not a value of the language: {value!r}"
    return "null"


def _attributes(value: dict[str, Value]) -> str:
    if len(value) == 1:
        return f"1 attribute {json.dumps(next(iter(value)), ensure_ascii=False)}"
    return f"{len(value) or 'no'} attributes"
