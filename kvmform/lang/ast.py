"""The syntax tree: what the parser makes and everything else reads.

Every node knows its source and its start and end offset (code points; end excluded);
lines and columns are worked out only when they are shown (`node.range`).
Expressions are evaluated by walking this tree, see :mod:`kvmform.lang.evaluate`.
"""

from __future__ import annotations

from typing import Any

from kvmform.diagnostics import Source, SourceRange
from kvmform.struct import Struct

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


class Node(Struct, eq=False):
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


class Literal(Expression):
    """A number, `true`, `false`, `null`, or a string without interpolation."""

    value: Any


class Template(Expression):
    """A string with interpolations or directives; strip markers are applied already."""

    parts: tuple[Expression, ...]


class TemplateWrap(Expression):
    """`"${x}"` alone: the value of x, with its own type."""

    expression: Expression


class TemplateIf(Expression):
    """`%{ if condition }…%{ else }…%{ endif }`."""

    condition: Expression
    then: Expression
    otherwise: Expression


class TemplateFor(Expression):
    """`%{ for key, value in collection }…%{ endfor }`."""

    key: str | None
    value: str
    collection: Expression
    body: Expression


class Name(Expression):
    """The first word of a reference: `var`, `local`, `libvirt_domain`, a loop's variable."""

    name: str


class GetAttribute(Expression):
    """`object.name`."""

    object: Expression
    name: str


class Index(Expression):
    """`collection[key]`, or the old `collection.0` with `legacy` set."""

    collection: Expression
    key: Expression
    legacy: bool = False


class SplatItem(Expression):
    """Stands for the current element inside a :class:`Splat`'s `each`."""


class Splat(Expression):
    """`collection[*].each` (`full`), or the old `collection.*.each`."""

    collection: Expression
    item: SplatItem
    each: Expression
    full: bool


class Call(Expression):
    """`name(arguments)`; `expand` when the last one ends with `...`."""

    name: str
    name_range: SourceRange
    arguments: tuple[Expression, ...]
    expand: bool


class Unary(Expression):
    """`-operand` or `!operand`."""

    operator: str
    operand: Expression


class Binary(Expression):
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression


class Conditional(Expression):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


class Parentheses(Expression):
    """`(expression)`; kept for the canonical form and for object keys."""

    expression: Expression


class TupleExpression(Expression):
    """`[a, b]`."""

    items: tuple[Expression, ...]


class ObjectItem(Struct, eq=False):
    """`key = value`; a bare word as key is a :class:`Literal`, `(x)` a :class:`Parentheses`."""

    key: Expression
    value: Expression


class ObjectExpression(Expression):
    """`{ key = value, … }`."""

    items: tuple[ObjectItem, ...]


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


class Attribute(Node):
    """`name = expression`."""

    name: str
    name_range: SourceRange
    expression: Expression


class Label(Node):
    """One label of a block, without its quotes."""

    value: str


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

    @property
    def opening(self) -> SourceRange:
        """The opening brace: what a message about something that is missing in the block points at."""
        return SourceRange(self.source, self.body.start, self.body.start + 1)


class Body(Node):
    """What stands between a block's braces, or in a whole file.

    Attributes are unique by name (the parser reports a second one); blocks keep their order.
    """

    attributes: dict[str, Attribute]
    blocks: list[Block]
