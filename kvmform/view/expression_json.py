"""Expressions in plan JSON: the value of one that is constant, else everything that it refers to.

Source: internal/command/jsonconfig/expression.go of Terraform 1.11.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kvmform.config.subject import subject_of
from kvmform.diagnostics import DiagnosticError
from kvmform.lang.ast import Body, Expression
from kvmform.lang.evaluate import evaluate
from kvmform.lang.references import Reference, references
from kvmform.lang.scope import Scope
from kvmform.values.plain import to_plain

__all__ = ["body_form", "expression_form", "named"]


def body_form(body: Body) -> dict[str, Any]:
    """The arguments of a body by name; blocks of a type are a list. What a `dynamic` block makes is not told."""
    form: dict[str, Any] = {name: expression_form(a.expression) for name, a in body.attributes.items()}
    for block in body.blocks:
        if block.type != "dynamic":
            form.setdefault(block.type, []).append(body_form(block.body))
    return form


def expression_form(expression: Expression) -> dict[str, Any]:
    """`constant_value`, or `references`; empty where a function makes the value, from constants alone."""
    found = [text for reference in references(expression) for text in _prefixes(reference)]
    if found:
        return {"references": found}
    try:
        return {"constant_value": to_plain(evaluate(expression, Scope.empty()))[0]}
    except DiagnosticError:
        return {}


def named(expressions: Iterable[Expression]) -> list[str]:
    """What entries of `depends_on` name."""
    return [subject_of(reference).text() for expression in expressions for reference in references(expression)]


def _prefixes(reference: Reference) -> list[str]:
    """A reference with all its steps, then with one less at a time, down to the object; then what that is part of."""
    subject = subject_of(reference)
    found = [subject.text(length) for length in range(len(subject.rest), -1, -1)]
    whole = subject.whole
    return found if whole is None else [*found, whole.text()]
