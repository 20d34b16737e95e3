"""The JSON form of the language (`.tf.json`) to the same tree.

JSON does not tell blocks from arguments, nor templates from references; a schema does. The
blocks of the language itself are known here (:data:`_FILE`). What a resource type calls a
block is not: it becomes an argument, and :func:`with_blocks` makes blocks of it for the one who
has the schema.

Source: https://developer.hashicorp.com/terraform/language/syntax/json.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import Enum, auto

from kvmform.diagnostics import Diagnostic, DiagnosticError, Source, error
from kvmform.lang.ast import (
    Attribute,
    Block,
    Body,
    Expression,
    Label,
    Literal,
    Name,
    ObjectExpression,
    ObjectItem,
    TupleExpression,
)
from kvmform.lang.parse import read_expression, read_template
from kvmform.lang.suggestion import did_you_mean
from kvmform.lang.syntax.escapes import normalize
from kvmform.lang.syntax.json_text import (
    JsonArray,
    JsonObject,
    JsonScalar,
    JsonValue,
    Property,
    StringSource,
    read_json,
)
from kvmform.struct import Struct, field

__all__ = ["parse_json_config", "with_blocks"]

_COMMENT = "//"


class _Strings(Enum):
    """What the strings of an argument are."""

    TEMPLATE = auto()
    EXPRESSION = auto()  # references and types: "libvirt_pool.images", "list(string)"
    TEXT = auto()  # taken as they are, even with "${" in them


class _Form(Struct):
    """A kind of block: how many labels it has, which properties are blocks, and whose strings are no templates."""

    labels: int = 0
    blocks: dict[str, _Form] = field(default_factory=dict)
    expressions: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def strings(self, argument: str) -> _Strings:
        """What the strings of an argument are."""
        if argument in self.expressions:
            return _Strings.EXPRESSION
        return _Strings.TEXT if argument in self.texts else _Strings.TEMPLATE


_PLAIN = _Form()
_CONTENT = _Form()
_DYNAMIC = _Form(1, {"content": _CONTENT}, frozenset({"iterator"}))
_CONTENT.blocks["dynamic"] = _DYNAMIC
_CONNECTION = {"connection": _PLAIN}
_LIFECYCLE = _Form(
    blocks={"precondition": _PLAIN, "postcondition": _PLAIN},
    expressions=frozenset({"ignore_changes", "replace_triggered_by"}),
)
_RESOURCE = _Form(
    2,
    {"lifecycle": _LIFECYCLE, "provisioner": _Form(1, _CONNECTION), "dynamic": _DYNAMIC, **_CONNECTION},
    frozenset({"depends_on", "provider"}),
)
_FILE = _Form(
    blocks={
        "terraform": _Form(
            blocks={
                "required_providers": _PLAIN,
                "backend": _Form(1),
                "cloud": _Form(blocks={"workspaces": _PLAIN}),
                "provider_meta": _Form(1),
            }
        ),
        "provider": _Form(1, texts=frozenset({"alias", "version"})),
        "variable": _Form(1, {"validation": _PLAIN}, frozenset({"type"}), frozenset({"default", "description"})),
        "locals": _PLAIN,
        "output": _Form(1, {"precondition": _PLAIN}, frozenset({"depends_on"}), frozenset({"description"})),
        "module": _Form(1, {}, frozenset({"depends_on", "providers"}), frozenset({"source", "version"})),
        "resource": _RESOURCE,
        "data": _RESOURCE,
        "moved": _Form(expressions=frozenset({"from", "to"})),
        "import": _Form(expressions=frozenset({"to", "provider"})),
        "removed": _Form(
            blocks={"lifecycle": _PLAIN, "provisioner": _Form(1, _CONNECTION), **_CONNECTION},
            expressions=frozenset({"from"}),
        ),
        "check": _Form(1, {"data": _RESOURCE, "assert": _PLAIN}, frozenset({"depends_on"})),
    }
)


class _JsonAttribute(Attribute):
    """An argument that may yet turn out to be blocks."""

    property: Property


def parse_json_config(text: str, filename: str) -> tuple[Body, list[Diagnostic]]:
    """Parse a whole `.tf.json` file, in the way of :func:`~kvmform.lang.parse.parse_config`."""
    builder = _Builder(Source(filename, text.removeprefix("\ufeff")))
    body = Body(builder.source, 0, len(builder.source.text), {}, [])
    try:
        properties = builder.properties(read_json(builder.source), "arguments and blocks")
    except DiagnosticError as problem:
        return body, list(problem.diagnostics)
    for item in properties:
        if item.name in _FILE.blocks:
            body.blocks.extend(builder.blocks(item, _FILE.blocks[item.name]))
        elif item.name != _COMMENT:
            hint = did_you_mean(item.name, _FILE.blocks)
            detail = f'No block type is named "{item.name}".{hint or " Use the name of a block of the language."}'
            builder.report("Extraneous JSON object property", detail, item)
    return body, builder.problems


def with_blocks(body: Body, types: Collection[str]) -> Body:
    """`body` with blocks in the place of those JSON arguments whose names are block `types`.

    A body that was not written in JSON is given back as it is.

    Raises:
        DiagnosticError: such an argument is neither an object nor an array of objects.
    """
    unfolded = [a for a in body.attributes.values() if isinstance(a, _JsonAttribute) and a.name in types]
    if not unfolded:
        return body
    builder = _Builder(body.source)
    blocks = [block for attribute in unfolded for block in builder.blocks(attribute.property, _CONTENT)]
    if builder.problems:
        raise DiagnosticError(*builder.problems)
    rest = {name: attribute for name, attribute in body.attributes.items() if attribute not in unfolded}
    return Body(body.source, body.start, body.end, rest, [*body.blocks, *blocks])


class _Builder:
    """Makes the tree of one file; collects what is wrong."""

    __slots__ = ("problems", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []

    def report(self, summary: str, detail: str, place: JsonValue | Property) -> None:
        """Note an error."""
        self.problems.append(error(summary, detail, self.source.range(place.start, place.end)))

    def properties(self, value: JsonValue, purpose: str) -> Iterator[Property]:
        """The properties of an object, or of all objects in an array; null has none."""
        match value:
            case JsonObject():
                yield from value.properties
            case JsonArray():
                for item in value.items:
                    if isinstance(item, JsonObject):
                        yield from item.properties
                    else:
                        self._reject(item, purpose)
            case JsonScalar(value=None):
                pass
            case _:
                self._reject(value, purpose)

    def blocks(
        self, item: Property, form: _Form, value: JsonValue | None = None, labels: tuple[Label, ...] = ()
    ) -> Iterator[Block]:
        """The blocks that a property makes: its name is their type, labels are properties inside."""
        value = item.value if value is None else value
        purpose = f"{item.name} blocks"
        if len(labels) < form.labels:
            reported = len(self.problems)
            found = list(self.properties(value, f"the labels of {purpose}"))
            if not found and len(self.problems) == reported:
                self.report("Missing block label", f'"{item.name}" needs a property named as the label.', value)
            for inner in found:
                label = Label(self.source, inner.start, inner.end, inner.name)
                yield from self.blocks(item, form, inner.value, (*labels, label))
            return
        bodies = value.items if isinstance(value, JsonArray) else (value,)
        for body in bodies:
            if isinstance(body, JsonObject):
                yield self._block(item, form, body, labels)
            elif not isinstance(body, JsonScalar) or body.value is not None:
                self._reject(body, purpose)

    def _block(self, item: Property, form: _Form, value: JsonObject, labels: tuple[Label, ...]) -> Block:
        # With labels, the name of the type may be far above; a message had better point at the label.
        name = labels[-1].range if labels else self.source.range(item.start, item.end)
        return Block(self.source, name.start, value.end, item.name, name, labels, self._body(value, form))

    def _body(self, value: JsonObject, form: _Form) -> Body:
        body = Body(self.source, value.start, value.end, {}, [])
        for item in value.properties:
            if item.name in form.blocks:
                body.blocks.extend(self.blocks(item, form.blocks[item.name]))
            elif item.name in body.attributes:
                detail = f'"{item.name}" is set already in this object. Remove one of the two.'
                self.report("Attribute redefined", detail, item)
            elif item.name != _COMMENT:
                try:
                    expression = self._expression(item.value, form.strings(item.name))
                except DiagnosticError as problem:
                    self.problems.extend(problem.diagnostics)
                    continue
                name = self.source.range(item.start, item.end)
                body.attributes[item.name] = _JsonAttribute(
                    self.source, item.start, item.value.end, item.name, name, expression, item
                )
        return body

    def _expression(self, value: JsonValue, strings: _Strings) -> Expression:
        source, start, end = self.source, value.start, value.end
        match value:
            case JsonScalar(value=str() as text):
                return self._string(start, end, text, strings)
            case JsonScalar():
                return Literal(source, start, end, value.value)
            case JsonArray():
                return TupleExpression(source, start, end, tuple(self._expression(i, strings) for i in value.items))
            case JsonObject():
                return ObjectExpression(source, start, end, tuple(self._items(value, strings)))

    def _items(self, value: JsonObject, strings: _Strings) -> Iterator[ObjectItem]:
        names: set[str] = set()
        for item in value.properties:
            if item.name in names:
                place = self.source.range(item.start, item.end)
                detail = f'"{item.name}" is in this object already. Remove one of the two.'
                raise DiagnosticError.of("Duplicate object attribute", detail, place)
            names.add(item.name)
            key = self._string(item.start, item.end, item.name, strings)
            if isinstance(key, Name):
                key = Literal(key.source, key.start, key.end, key.name)
            yield ObjectItem(key, self._expression(item.value, strings))

    def _string(self, start: int, end: int, text: str, strings: _Strings) -> Expression:
        if strings is _Strings.EXPRESSION:
            return read_expression(StringSource(self.source, start, f"{text}\n"))
        if strings is _Strings.TEMPLATE and ("${" in text or "%{" in text):
            return read_template(StringSource(self.source, start, text))
        return Literal(self.source, start, end, normalize(text))

    def _reject(self, value: JsonValue, purpose: str) -> None:
        detail = f"An object, or an array of objects, is required here for {purpose}."
        self.report("Incorrect JSON value type", detail, value)
