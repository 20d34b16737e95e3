"""Values in a few words, for messages: `var.size is "small"`, `local.disks is tuple with 2 elements`."""

from __future__ import annotations

import json

from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Expression
from kvmform.lang.dispatch import Fault
from kvmform.lang.references import Reference, references
from kvmform.lang.scope import Scope
from kvmform.lang.traversal import get_attribute, get_index
from kvmform.values.kinds import is_null, type_of
from kvmform.values.model import EPHEMERAL, ListValue, MapValue, Marked, SetValue, Unknown, Value
from kvmform.values.number import BigFloat, format_number
from kvmform.values.types import DYNAMIC, PrimitiveType

__all__ = ["describe", "described_references"]

_LONGEST = 60
_MOST = 10


def described_references(expression: Expression, scope: Scope) -> tuple[tuple[str, str], ...]:
    """The references in an expression, each with what its value is.

    Of one that leads nowhere the part that leads somewhere is told, or nothing.
    """
    told = [_told(reference, scope) for reference in references(expression)]
    return tuple(sorted({pair for pair in told if pair is not None})[:_MOST])


def _told(reference: Reference, scope: Scope) -> tuple[str, str] | None:
    steps, used = reference.steps, 0
    if reference.root in scope.names:
        value = scope.names[reference.root]
    elif scope.resolver is None:
        return None
    else:
        try:
            value, used = scope.resolver.resolve(reference.root, steps, reference.range)
        except DiagnosticError:
            return None
    for step in steps[used:]:
        try:
            value = get_attribute(value, step) if isinstance(step, str) else get_index(value, step)
        except Fault:
            break
        used += 1
    return reference.root + "".join(map(_step_text, steps[:used])), describe(value)


def _step_text(step: str | int) -> str:
    if isinstance(step, str) and step.replace("-", "_").isidentifier():
        return f".{step}"
    return f"[{json.dumps(step, ensure_ascii=False)}]"


def describe(value: Value) -> str:
    """What a value is, as the end of a sentence that begins with its name; secrets are not told."""
    match value:
        case Marked():
            return "has an ephemeral value" if value.marks == {EPHEMERAL} else "has a sensitive value"
        case Unknown():
            known = isinstance(value.type, PrimitiveType) and value.type != DYNAMIC
            return f"is a {value.type}, known only after apply" if known else "will be known only after apply"
        case bool():
            return "is true" if value else "is false"
        case str():
            shown = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
            return f"is {json.dumps(shown, ensure_ascii=False)}"
        case int() | BigFloat():
            text = format_number(value)
            return f"is {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}"
        case dict():
            return f"is object with {_count(len(value), 'attribute')}"
        case tuple():
            return f"is tuple with {_count(len(value), 'element')}"
        case ListValue() | SetValue() | MapValue():
            return f"is {type_of(value)} with {_count(len(value.items), 'element')}"
    assert is_null(value), f"not a value of the language: {value!r}"
    return "is null"


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
