"""Calling functions of the language in tests, as they are written in a configuration."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.lang.evaluate import call_context, evaluate
from kvmform.lang.parse import parse_expression
from kvmform.lang.scope import Scope
from kvmform.values.equality import equal
from kvmform.values.model import Unknown, Value
from kvmform.values.types import STRING

LATER = Unknown(STRING, not_null=True)
"""A string that is known after apply, like the id of a resource."""


def value(text: str, *, directory: str = ".", pure: bool = False, **names: Value) -> Value:
    """What an expression gives; `names` are what it can refer to."""
    context = call_context(
        directory,
        lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        pure=pure,
        plan_timestamp="2026-01-02T00:00:00Z",
    )
    return evaluate(parse_expression(text, "main.tf"), Scope(names=names, context=context))


def failure(text: str, **names: Any) -> Diagnostic:
    """The one error that an expression gives."""
    try:
        result = value(text, **names)
    except DiagnosticError as problem:
        (diagnostic,) = problem.diagnostics
        return diagnostic
    raise AssertionError(f"{text} gives {result!r} instead of failing")


def assert_gives(text: str, expected: str, **names: Any) -> None:
    """Both expressions give the same value, of the same type."""
    assert equal(value(text, **names), value(expected, **names)), f"{text} gives {value(text, **names)!r}"


def assert_fails(text: str, because: str, **names: Any) -> None:
    """The expression gives an error, with these words in it."""
    diagnostic = failure(text, **names)
    assert because in diagnostic.detail, diagnostic.detail
