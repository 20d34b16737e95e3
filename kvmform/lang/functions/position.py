"""Where an expression begins: what a message about an argument points at.

Source: `StartRange` of https://pkg.go.dev/github.com/hashicorp/hcl/v2/hclsyntax.
"""

from __future__ import annotations

from kvmform.diagnostics import SourceRange
from kvmform.lang.ast import (
    Binary,
    Call,
    Conditional,
    Expression,
    ForExpression,
    Literal,
    ObjectExpression,
    Parentheses,
    Template,
    TupleExpression,
    Unary,
)

__all__ = ["start_range"]


def start_range(expression: Expression) -> SourceRange:
    """The first piece of an expression that stands for it: a name, an opening bracket, a word.

    A short expression is pointed at as a whole, a string without its quotes.
    """
    source, start, end = expression.source, expression.start, expression.end
    match expression:
        case Call():
            return source.range(start, source.text.index("(", expression.name_range.end) + 1)
        case TupleExpression() | ObjectExpression() | ForExpression() | Unary():
            return source.range(start, start + 1)
        case Parentheses():
            return start_range(expression.expression)
        case Conditional():
            return start_range(expression.condition)
        case Binary():
            return start_range(expression.left)
        case Template():
            return start_range(expression.parts[0])
        case Literal() if isinstance(expression.value, str) and end - start > 2 and source.text[start] == '"':
            return source.range(start + 1, end - 1)
    return source.range(start, end)
