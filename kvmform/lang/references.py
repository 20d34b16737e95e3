"""What an expression or a body refers to: the edges of the dependency graph.

A reference is a name that nothing around it binds, with the attributes and literal keys that
follow it: `libvirt_domain.web["a"].id`. Names of for expressions, of template loops and of
the iterators of dynamic blocks are bound where they can be used.
"""

from __future__ import annotations

from kvmform.diagnostics import SourceRange
from kvmform.lang.ast import Block, Body, Expression, ForExpression, GetAttribute, Index, Literal, Name, TemplateFor
from kvmform.lang.walk import children
from kvmform.struct import Struct

__all__ = ["Key", "Reference", "body_references", "references"]

_Bound = frozenset[str]
_NOTHING: _Bound = frozenset()


class Key(str):
    """A step that is written as a key in brackets, like `["a"]`, and not as an attribute."""

    __slots__ = ()


class Reference(Struct):
    """A name, and the steps from it that are known from the text alone.

    A step is the name of an attribute (str), a literal string key (:class:`Key`), or a literal
    index (int). The first key that has to be evaluated, and a splat, end the steps; `range` is the
    part of the text that they cover.
    """

    root: str
    steps: tuple[str | int, ...]
    range: SourceRange


def references(expression: Expression, bound: frozenset[str] = _NOTHING) -> list[Reference]:
    """Everything that `expression` refers to, in the order of the text; `bound` names are none.

    Keys of indexes and all else nested in it is looked into as well.
    """
    found: list[Reference] = []
    pending: list[tuple[Expression, _Bound]] = [(expression, bound)]
    while pending:
        node, names = pending.pop()
        match node:
            case Literal():
                pass
            case Name() | GetAttribute() | Index():
                reference, nested = _follow(node)
                if reference is not None and reference.root not in names:
                    found.append(reference)
                pending.extend([(part, names) for part in reversed(nested) if type(part) is not Literal])
            case ForExpression() | TemplateFor():
                inner = names | {node.value} if node.key is None else names | {node.key, node.value}
                parts = reversed(children(node))
                pending.extend((part, names if part is node.collection else inner) for part in parts)
            case _:
                pending.extend([(part, names) for part in reversed(children(node)) if type(part) is not Literal])
    return found


def body_references(body: Body, bound: frozenset[str] = _NOTHING) -> list[Reference]:
    """Everything that the arguments of `body`, and then those of the blocks in it, refer to."""
    found = [
        reference for attribute in body.attributes.values() for reference in references(attribute.expression, bound)
    ]
    for block in body.blocks:
        is_dynamic = block.type == "dynamic" and len(block.labels) == 1
        found += _dynamic_references(block, bound) if is_dynamic else body_references(block.body, bound)
    return found


def _dynamic_references(block: Block, bound: _Bound) -> list[Reference]:
    """References of a dynamic block: its iterator is bound in its labels and its content."""
    attributes = block.body.attributes
    iterator = attributes.get("iterator")
    name = iterator.expression.name if iterator and isinstance(iterator.expression, Name) else block.labels[0].value
    inner = bound | {name}
    found: list[Reference] = []
    for attribute in attributes.values():
        if attribute is not iterator:
            found += references(attribute.expression, inner if attribute.name == "labels" else bound)
    for nested in block.body.blocks:
        found += body_references(nested.body, inner)
    return found


def _follow(expression: Expression) -> tuple[Reference | None, list[Expression]]:
    """The reference that a traversal begins with, if it begins with a name, and what else to look into."""
    steps: list[GetAttribute | Index] = []
    base = expression
    while isinstance(base, GetAttribute | Index):
        steps.append(base)
        base = base.object if isinstance(base, GetAttribute) else base.collection
    nested = [step.key for step in reversed(steps) if isinstance(step, Index)]
    if not isinstance(base, Name):
        return None, [base, *nested]
    known: list[str | int] = []
    end = base.end
    for step in reversed(steps):
        key = step.name if isinstance(step, GetAttribute) else _literal_key(step.key)
        if key is None:
            break
        known.append(key)
        end = step.end
    return Reference(base.name, tuple(known), SourceRange(base.source, base.start, end)), nested


def _literal_key(key: Expression) -> str | int | None:
    if not isinstance(key, Literal) or isinstance(key.value, bool):
        return None
    if isinstance(key.value, str):
        return Key(key.value)
    return key.value if isinstance(key.value, int) else None
