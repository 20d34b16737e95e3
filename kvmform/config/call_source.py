"""Where a `module` block says its module comes from: `source` and `version`."""

from __future__ import annotations

from kvmform.config.arguments import literal_string
from kvmform.diagnostics import DiagnosticError, Diagnostics, error
from kvmform.lang.ast import Attribute, Expression, Literal
from kvmform.lang.references import references
from kvmform.modules.source import ModuleSource, parse_source
from kvmform.modules.version import Constraints, parse_constraints

__all__ = ["read_constraints", "read_source"]


def read_source(attribute: Attribute, versioned: bool, problems: Diagnostics) -> tuple[str, ModuleSource | None]:
    """`source` as written, and what it means; None where that can't be told."""
    text = _string(attribute, problems)
    if text is None:
        return "", None
    try:
        return text, parse_source(text, versioned=versioned)
    except DiagnosticError as problem:
        problems.add(*(diagnostic.at(attribute.expression.range) for diagnostic in problem.diagnostics))
        return text, None


def read_constraints(attribute: Attribute | None, problems: Diagnostics) -> Constraints:
    """`version`."""
    text = None if attribute is None else _string(attribute, problems)
    if attribute is None or text is None:
        return Constraints()
    found = parse_constraints(text)
    if found is None:
        detail = (
            f'"{text}" is no version constraint. One is an operator and a version, as in "~> 1.2" or ">= 1.0, < 2.0".'
        )
        problems.add(error("Invalid version constraint", detail, attribute.expression.range))
        return Constraints()
    return found


def _string(attribute: Attribute, problems: Diagnostics) -> str | None:
    """The value of an argument that is needed before anything is evaluated; None after telling why not."""
    expression: Expression = attribute.expression
    if any(references(expression)):
        detail = (
            f'Variables may not be used here: "{attribute.name}" must be a plain string, since modules are loaded '
            "before anything is evaluated."
        )
        problems.add(error("Variables not allowed", detail, expression.range))
        return None
    match expression:
        case Literal(value=bool() | None):
            pass
        case Literal(value=str(text)):
            return text
        case Literal(value=number):
            return str(number)
    before = len(problems)
    text = literal_string(attribute, "", problems)
    return text if len(problems) == before else None
