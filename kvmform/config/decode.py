"""Decode the body of a block against a schema: expressions to a resource object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kvmform.config.blocks import did_you_mean
from kvmform.diagnostics import DiagnosticError, Diagnostics, SourceRange, error
from kvmform.lang.ast import Attribute, Body, Expression
from kvmform.lang.ast import Block as BlockNode
from kvmform.lang.conversion import convert
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.schema import Block, Object, Path, Row
from kvmform.values.marks import unmark
from kvmform.values.model import ListValue, MapValue, NullValue, SetValue, Unknown, Value
from kvmform.values.plain import to_plain

__all__ = ["Decoded", "decode", "elements_of"]

Rows = Mapping[str, Row | Block]


@dataclass(slots=True)
class Decoded:
    """What a body says.

    `object` has every row of the schema: defaults are filled in, None where nothing is
    written. `ranges` say where each path that the user wrote is.
    """

    object: Object = field(default_factory=dict)
    sensitive: set[Path] = field(default_factory=set)
    ranges: dict[Path, SourceRange] = field(default_factory=dict)

    def range_of(self, path: Path, otherwise: SourceRange) -> SourceRange:
        """Where a path is written: itself, or the nearest thing around it."""
        for length in range(len(path), 0, -1):
            found = self.ranges.get(path[:length])
            if found is not None:
                return found
        return otherwise


def decode(body: Body, rows: Rows, scope: Scope, header: SourceRange, where: str) -> Decoded:
    """Decode a body.

    Args:
        body: the block's body, without meta-arguments.
        rows: the schema's rows.
        scope: resolves references.
        header: what a message about the whole block points at.
        where: the block's name in messages, for example `libvirt_domain`.

    Raises:
        DiagnosticError: with every problem of the body.
    """
    decoder = _Decoder(scope)
    decoder.body(body, rows, (), header, where)
    decoder.problems.raise_errors()
    return decoder.decoded


class _Decoder:
    def __init__(self, scope: Scope) -> None:
        self.decoded = Decoded()
        self.problems = Diagnostics()
        self._scope = scope

    def body(
        self, body: Body, rows: Rows, path: Path, header: SourceRange, where: str, scope: Scope | None = None
    ) -> Object:
        """Decode one body (nested ones come here again) into an object, and note it at `path`."""
        scope = scope or self._scope
        self._reject_unknown_names(body, rows, where)
        found: Object = {}
        for name, row in rows.items():
            attribute = body.attributes.get(name)
            if isinstance(row, Row):
                found[name] = self._attribute(name, row, attribute, (*path, name), header, scope)
            elif attribute is not None:
                found[name] = self._block_attribute(name, row, attribute, (*path, name), scope)
            else:
                found[name] = self._blocks(name, row, body, (*path, name), header, scope)
        if not path:
            self.decoded.object = found
        return found

    def _reject_unknown_names(self, body: Body, rows: Rows, where: str) -> None:
        for name, attribute in body.attributes.items():
            row = rows.get(name)
            if row is None:
                hint = did_you_mean(name, rows)
                detail = f'An argument named "{name}" is not expected in {where}.{hint}'
                self.problems.add(error("Unsupported argument", detail, attribute.name_range))
            elif isinstance(row, Block) and not row.attribute_form:
                detail = f'"{name}" is a block in {where}: write {name} {{ … }} without the equals sign.'
                self.problems.add(error("Unsupported argument", detail, attribute.name_range))
        for block in body.blocks:
            name = block.type
            if name == "dynamic" and block.labels:
                name = block.labels[0].value
            if not isinstance(rows.get(name), Block):
                hint = did_you_mean(name, (n for n, row in rows.items() if isinstance(row, Block)))
                if isinstance(rows.get(name), Row):
                    hint = f" It is an argument: write {name} = … with an equals sign."
                detail = f'Blocks of type "{name}" are not expected in {where}.{hint}'
                self.problems.add(error("Unsupported block type", detail, block.type_range))

    def _attribute(
        self, name: str, row: Row, attribute: Attribute | None, path: Path, header: SourceRange, scope: Scope
    ) -> object:
        if attribute is None:
            if row.required:
                detail = f'The argument "{name}" is required, but no value is set.'
                self.problems.add(error("Missing required argument", detail, header))
            return row.default
        self.decoded.ranges[path] = attribute.expression.range
        value = self._evaluate(attribute.expression, scope)
        return self._value(name, row, value, path, attribute.expression.range)

    def _evaluate(self, expression: Expression, scope: Scope) -> Value:
        try:
            return evaluate(expression, scope)
        except DiagnosticError as problem:
            self.problems.caught(problem)
            return Unknown()

    def _value(self, name: str, row: Row, value: Value, path: Path, at: SourceRange) -> object:
        try:
            plain, sensitive = to_plain(convert(value, row.type))
        except DiagnosticError as problem:
            why = problem.diagnostics[0].detail or problem.diagnostics[0].summary
            detail = f'Inappropriate value for attribute "{name}": {why}'
            self.problems.add(error("Incorrect attribute value type", detail, at))
            return None
        if plain is None:
            if row.required:
                detail = f'The argument "{name}" is required, but its value is null.'
                self.problems.add(error("Missing required argument", detail, at))
            return row.default
        if row.sensitive:
            self.decoded.sensitive.add(path)
        self.decoded.sensitive.update((*path, *rest) for rest in sensitive)
        if row.read_only:
            detail = f'"{name}" is decided by libvirt and can\'t be set; remove this argument.'
            self.problems.add(error("Value for unconfigurable attribute", detail, at))
        return plain

    def _blocks(
        self, name: str, block: Block, body: Body, path: Path, header: SourceRange, scope: Scope
    ) -> list[Object] | Unknown:
        found: list[Object] = []
        for node in body.blocks:
            if node.type == name:
                self._element(name, block, node, found, path, scope)
            elif _is_dynamic(node, name) and not self._dynamic(name, block, node, found, path, scope):
                return Unknown()
        at = self.decoded.ranges.get((*path, 0), header)
        self._check_count(name, block, len(found), at)
        return found

    def _element(self, name: str, block: Block, node: BlockNode, found: list[Object], path: Path, scope: Scope) -> None:
        place = (*path, len(found))
        self.decoded.ranges[place] = node.header
        found.append(self.body(node.body, block.rows, place, node.header, f"a {name} block", scope))

    def _dynamic(self, name: str, block: Block, node: BlockNode, found: list[Object], path: Path, scope: Scope) -> bool:
        """Add the elements that a `dynamic` block makes; False when it is not known yet how many."""
        content = next((b for b in node.body.blocks if b.type == "content"), None)
        collection = node.body.attributes.get("for_each")
        if content is None or collection is None:
            missing = "a content block" if content is None else "the argument for_each"
            self.problems.add(error("Invalid dynamic block", f"A dynamic block needs {missing}.", node.header))
            return True
        iterator = name
        if "iterator" in node.body.attributes:
            iterator = node.body.attributes["iterator"].expression.range.text
        value, _ = unmark(self._evaluate(collection.expression, scope))
        if isinstance(value, Unknown):
            return False
        pairs = elements_of(value)
        if pairs is None:
            detail = "The for_each of a dynamic block must be a list, a set, a map or an object."
            self.problems.add(error("Invalid dynamic for_each value", detail, collection.expression.range))
            return True
        for key, element in pairs:
            inner = scope.child({iterator: {"key": key, "value": element}})
            place = (*path, len(found))
            self.decoded.ranges[place] = node.header
            found.append(self.body(content.body, block.rows, place, node.header, f"a {name} block", inner))
        return True

    def _block_attribute(
        self, name: str, block: Block, attribute: Attribute, path: Path, scope: Scope
    ) -> list[Object] | Unknown:
        """The old form of a block: `cpu = { mode = … }`, `disk = [{ … }]`."""
        at = attribute.expression.range
        self.decoded.ranges[path] = at
        value, _ = unmark(self._evaluate(attribute.expression, scope))
        if value is None or isinstance(value, NullValue):
            return []
        if isinstance(value, Unknown):
            return value
        single = isinstance(value, dict | MapValue)
        pairs = [(None, value)] if single else elements_of(value)
        if pairs is None:
            detail = f'"{name}" takes an object {{ … }}, or a list of them.'
            self.problems.add(error("Incorrect attribute value type", detail, at))
            return []
        found = [self._object_value(name, block, item, (*path, i), at) for i, (_, item) in enumerate(pairs)]
        self._check_count(name, block, len(found), at)
        return found

    def _object_value(self, name: str, block: Block, value: Value, path: Path, at: SourceRange) -> Object:
        value, _ = unmark(value)
        members = value.items if isinstance(value, MapValue) else value
        if not isinstance(members, dict):
            self.problems.add(
                error("Incorrect attribute value type", f'Each element of "{name}" must be an object.', at)
            )
            return {}
        for member in members:
            if member not in block.rows:
                hint = did_you_mean(member, block.rows)
                self.problems.add(error("Unsupported attribute", f'"{name}" has no attribute "{member}".{hint}', at))
        found: Object = {}
        for key, row in block.rows.items():
            if isinstance(row, Block):
                nested = members.get(key)
                pairs = [(None, nested)] if isinstance(nested, dict | MapValue) else elements_of(nested) or []
                found[key] = [self._object_value(key, row, v, (*path, key, i), at) for i, (_, v) in enumerate(pairs)]
            elif key in members:
                found[key] = self._value(key, row, members[key], (*path, key), at)
            else:
                found[key] = row.default
        return found

    def _check_count(self, name: str, block: Block, count: int, at: SourceRange) -> None:
        if block.max_items is not None and count > block.max_items:
            detail = f'No more than {block.max_items} "{name}" blocks are allowed; there are {count}.'
            self.problems.add(error(f"Too many {name} blocks", detail, at))
        if count < block.min_items:
            detail = f'At least {block.min_items} "{name}" blocks are required; there are {count}.'
            self.problems.add(error(f"Insufficient {name} blocks", detail, at))


def _is_dynamic(node: BlockNode, name: str) -> bool:
    return node.type == "dynamic" and bool(node.labels) and node.labels[0].value == name


def elements_of(value: Value) -> list[tuple[Value, Value]] | None:
    """Keys and values of a collection as `dynamic` and for_each see them; None if it is none."""
    match value:
        case tuple() as items:
            return list(enumerate(items))
        case ListValue(items=items):
            return list(enumerate(items))
        case SetValue(items=items):
            return [(item, item) for item in items]
        case MapValue(items=members):
            return sorted(members.items())
        case dict() as members:
            return sorted(members.items())
    return None
