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
    Index,
    Literal,
    ObjectExpression,
    Parentheses,
    Splat,
    Template,
    TemplateFor,
    TemplateIf,
    TupleExpression,
    Unary,
)

__all__ = ["start_range"]


def start_range(expression: Expression) -> SourceRange:  # noqa: C901 one case for each kind of node
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
        case TemplateIf():
            return start_range(expression.condition)
        case TemplateFor():
            return source.range(start, source.text.index("}", expression.collection.end) + 1)
        case Splat():
            return expression.item.range
        case Index() if not isinstance(expression.key, Literal):
            opening = source.text.index("[", expression.collection.end)
            return source.range(opening, opening + 1)
        case Literal() if isinstance(expression.value, str) and end - start > 2 and source.text[start] == '"':
            return source.range(start + 1, end - 1)
        case Literal(value="") if end - start == 2:
            # Terraform takes what follows an empty string for its content.
            after = end + 1 if source.text[end : end + 1] == " " else end
            return source.range(after, after + 1)
    return source.range(start, end)
