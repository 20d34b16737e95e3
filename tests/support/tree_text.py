"""A syntax tree as one line of text, every operation bracketed, so that a test can state it."""

from __future__ import annotations

import json

from kvmform.lang.ast import (
    Binary,
    Body,
    Call,
    Conditional,
    Expression,
    ForExpression,
    GetAttribute,
    Index,
    Literal,
    Name,
    ObjectExpression,
    Parentheses,
    Splat,
    SplatItem,
    Template,
    TemplateFor,
    TemplateIf,
    TemplateWrap,
    TupleExpression,
    Unary,
)

__all__ = ["body_text", "tree_text"]


def tree_text(node: Expression) -> str:  # noqa: C901, PLR0912 one case for each kind of node
    """`a + b * c` as `(a + (b * c))`; templates as `t(…)`, what `"${x}"` wraps as `w(x)`, a splat's item as `_`."""
    match node:
        case Literal(value=bool() | str() | None as value):
            return json.dumps(value, ensure_ascii=False)
        case Literal():
            return str(node.value)
        case Name():
            return node.name
        case GetAttribute():
            return f"{tree_text(node.object)}.{node.name}"
        case Index():
            key = tree_text(node.key)
            return f"{tree_text(node.collection)}{'.' + key if node.legacy else '[' + key + ']'}"
        case SplatItem():
            return "_"
        case Splat():
            return f"{tree_text(node.collection)}{'[*]' if node.full else '.*'}({tree_text(node.each)})"
        case Call():
            return f"{node.name}({_list(node.arguments)}{'...' if node.expand else ''})"
        case Unary():
            return f"({node.operator}{tree_text(node.operand)})"
        case Binary():
            return f"({tree_text(node.left)} {node.operator} {tree_text(node.right)})"
        case Conditional():
            return f"({tree_text(node.condition)} ? {tree_text(node.then)} : {tree_text(node.otherwise)})"
        case Parentheses():
            return f"p({tree_text(node.expression)})"
        case TupleExpression():
            return f"[{_list(node.items)}]"
        case ObjectExpression():
            return "{" + ", ".join(f"{tree_text(i.key)} = {tree_text(i.value)}" for i in node.items) + "}"
        case ForExpression():
            return _for(node)
        case Template():
            return f"t({_list(node.parts)})"
        case TemplateWrap():
            return f"w({tree_text(node.expression)})"
        case TemplateIf():
            return f"if({tree_text(node.condition)}, {tree_text(node.then)}, {tree_text(node.otherwise)})"
        case TemplateFor():
            names = _names(node.key, node.value)
            return f"for({names} in {tree_text(node.collection)}, {tree_text(node.body)})"
    raise AssertionError(f"no text for {node!r}")


def body_text(body: Body) -> str:
    """`a = 1; b "label" { c = 2 }`: the arguments of each body first, then its blocks."""
    items = [f"{name} = {tree_text(attribute.expression)}" for name, attribute in body.attributes.items()]
    for block in body.blocks:
        labels = "".join(f' "{label.value}"' for label in block.labels)
        items.append(f"{block.type}{labels} {{{body_text(block.body)}}}")
    return "; ".join(items)


def _list(nodes: tuple[Expression, ...]) -> str:
    return ", ".join(tree_text(node) for node in nodes)


def _names(key: str | None, value: str) -> str:
    return value if key is None else f"{key}, {value}"


def _for(node: ForExpression) -> str:
    result = tree_text(node.result)
    if node.result_key is not None:
        result = f"{tree_text(node.result_key)} => {result}"
    text = f"for {_names(node.key, node.value)} in {tree_text(node.collection)} : {result}{'...' if node.group else ''}"
    if node.condition is not None:
        text += f" if {tree_text(node.condition)}"
    return f"[{text}]" if node.result_key is None else f"{{{text}}}"
