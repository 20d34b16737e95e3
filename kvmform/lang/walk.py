"""The expressions inside an expression, and how high that tree is."""

from __future__ import annotations

from kvmform.lang.ast import (
    Binary,
    Call,
    Conditional,
    Expression,
    ForExpression,
    GetAttribute,
    Index,
    ObjectExpression,
    Parentheses,
    Splat,
    Template,
    TemplateFor,
    TemplateIf,
    TemplateWrap,
    TupleExpression,
    Unary,
)

__all__ = ["MAXIMUM_HEIGHT", "children", "is_higher_than"]

MAXIMUM_HEIGHT = 200
"""How many expressions can lie inside one another, so that those who walk a tree may call themselves for it.

Chains of operators, `a + b + c + …`, are not limited: walk :attr:`Binary.left` in a loop.
"""


def children(expression: Expression) -> tuple[Expression, ...]:  # noqa: C901, PLR0912 one case for each kind of node
    """The expressions directly inside this one, in the order of the text."""
    match expression:
        case GetAttribute():
            return (expression.object,)
        case Index():
            return (expression.collection, expression.key)
        case Template():
            return expression.parts
        case TemplateWrap() | Parentheses():
            return (expression.expression,)
        case Call():
            return expression.arguments
        case TupleExpression():
            return expression.items
        case ObjectExpression():
            return tuple(part for item in expression.items for part in (item.key, item.value))
        case Binary():
            return (expression.left, expression.right)
        case Unary():
            return (expression.operand,)
        case Conditional() | TemplateIf():
            return (expression.condition, expression.then, expression.otherwise)
        case Splat():
            return (expression.collection, expression.each)
        case ForExpression():
            parts = (expression.collection, expression.result_key, expression.result, expression.condition)
            return tuple(part for part in parts if part is not None)
        case TemplateFor():
            return (expression.collection, expression.body)
        case _:
            return ()


def is_higher_than(expression: Expression, limit: int) -> bool:
    """Whether more than `limit` expressions lie inside one another; a chain of operators counts as one."""
    level = [expression]
    while level and limit:
        level = [part for node in level for part in (_operands(node) if isinstance(node, Binary) else children(node))]
        limit -= 1
    return bool(level)


def _operands(expression: Binary) -> list[Expression]:
    """The operands of a chain of operators, which grows to the left."""
    operands: list[Expression] = []
    node: Expression = expression
    while isinstance(node, Binary):
        operands.append(node.right)
        node = node.left
    return [*operands, node]
