"""The syntax tree: what the parser makes and everything else reads.

Every node knows its source and its start and end offset (code points; end excluded);
lines and columns are worked out only when they are shown (`node.range`).
Expressions are evaluated by walking this tree, see :mod:`kvmform.lang.evaluate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kvmform.diagnostics import Source, SourceRange

__all__ = [
    "Attribute",
    "Binary",
    "Block",
    "Body",
    "Call",
    "Conditional",
    "Expression",
    "ForExpression",
    "GetAttribute",
    "Index",
    "Label",
    "Literal",
    "Name",
    "Node",
    "ObjectExpression",
    "ObjectItem",
    "Parentheses",
    "Splat",
    "SplatItem",
    "Template",
    "TemplateFor",
    "TemplateIf",
    "TemplateWrap",
    "TupleExpression",
    "Unary",
]


@dataclass(slots=True, eq=False)
class Node:
    """Anything in the tree, with its place."""

    source: Source
    start: int
    end: int

    @property
    def range(self) -> SourceRange:
        """Where it stands."""
        return SourceRange(self.source, self.start, self.end)


class Expression(Node):
    """The right-hand side of an argument, or a part of it."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class Literal(Expression):
    """A number, `true`, `false`, `null`, or a string without interpolation."""

    value: Any


@dataclass(slots=True, eq=False)
class Template(Expression):
    """A string with interpolations or directives; strip markers are applied already."""

    parts: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class TemplateWrap(Expression):
    """`"${x}"` alone: the value of x, with its own type."""

    expression: Expression


@dataclass(slots=True, eq=False)
class TemplateIf(Expression):
    """`%{ if condition }…%{ else }…%{ endif }`."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(slots=True, eq=False)
class TemplateFor(Expression):
    """`%{ for key, value in collection }…%{ endfor }`."""

    key: str | None
    value: str
    collection: Expression
    body: Expression


@dataclass(slots=True, eq=False)
class Name(Expression):
    """The first word of a reference: `var`, `local`, `libvirt_domain`, a loop's variable."""

    name: str


@dataclass(slots=True, eq=False)
class GetAttribute(Expression):
    """`object.name`."""

    object: Expression
    name: str


@dataclass(slots=True, eq=False)
class Index(Expression):
    """`collection[key]`, or the old `collection.0` with `legacy` set."""

    collection: Expression
    key: Expression
    legacy: bool = False


@dataclass(slots=True, eq=False)
class SplatItem(Expression):
    """Stands for the current element inside a :class:`Splat`'s `each`."""


@dataclass(slots=True, eq=False)
class Splat(Expression):
    """`collection[*].each` (`full`), or the old `collection.*.each`."""

    collection: Expression
    item: SplatItem
    each: Expression
    full: bool


@dataclass(slots=True, eq=False)
class Call(Expression):
    """`name(arguments)`; `expand` when the last one ends with `...`."""

    name: str
    name_range: SourceRange
    arguments: tuple[Expression, ...]
    expand: bool


@dataclass(slots=True, eq=False)
class Unary(Expression):
    """`-operand` or `!operand`."""

    operator: str
    operand: Expression


@dataclass(slots=True, eq=False)
class Binary(Expression):
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False)
class Conditional(Expression):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(slots=True, eq=False)
class Parentheses(Expression):
    """`(expression)`; kept for the canonical form and for object keys."""

    expression: Expression


@dataclass(slots=True, eq=False)
class TupleExpression(Expression):
    """`[a, b]`."""

    items: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class ObjectItem:
    """`key = value`; a bare word as key is a :class:`Literal`, `(x)` a :class:`Parentheses`."""

    key: Expression
    value: Expression


@dataclass(slots=True, eq=False)
class ObjectExpression(Expression):
    """`{ key = value, … }`."""

    items: tuple[ObjectItem, ...]


@dataclass(slots=True, eq=False)
class ForExpression(Expression):
    """`[for key, value in collection : result if condition]`, or `{… : result_key => result…}`.

    `result_key` is None for the list form; `group` is the trailing `...`.
    """

    key: str | None
    value: str
    collection: Expression
    result_key: Expression | None
    result: Expression
    condition: Expression | None
    group: bool


@dataclass(slots=True, eq=False)
class Attribute(Node):
    """`name = expression`."""

    name: str
    name_range: SourceRange
    expression: Expression


@dataclass(slots=True, eq=False)
class Label(Node):
    """One label of a block, without its quotes."""

    value: str


@dataclass(slots=True, eq=False)
class Block(Node):
    """`type "label" { body }`. `header` is the range of type and labels."""

    type: str
    type_range: SourceRange
    labels: tuple[Label, ...]
    body: Body

    @property
    def header(self) -> SourceRange:
        """Type and labels: what a message about the whole block points at."""
        end = self.labels[-1].end if self.labels else self.type_range.end
        return SourceRange(self.source, self.type_range.start, end)


@dataclass(slots=True, eq=False)
class Body(Node):
    """What stands between a block's braces, or in a whole file.

    Attributes are unique by name (the parser reports a second one); blocks keep their order.
    """

    attributes: dict[str, Attribute]
    blocks: list[Block]
