"""Decode the body of a block against a schema: expressions to a resource object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kvmform.config.arguments import missing_argument
from kvmform.config.dynamic import Dynamic, dynamic_elements, is_dynamic, read_dynamic
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, SourceRange, error, warning
from kvmform.lang.ast import Attribute, Body, Expression
from kvmform.lang.ast import Block as BlockNode
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.evaluate import evaluate
from kvmform.lang.loops import elements_of
from kvmform.lang.scope import Scope
from kvmform.lang.suggestion import did_you_mean
from kvmform.schema import Block, Object, Path, Plain, Row, Rule
from kvmform.struct import Struct, field, replace
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import marks_in, unmark, unmark_deep
from kvmform.values.model import EPHEMERAL, ListValue, MapValue, SetValue, Unknown, Value
from kvmform.values.plain import to_plain
from kvmform.values.types import DYNAMIC, Type, type_to_json

__all__ = ["Decoded", "check_rules", "decode"]

Rows = Mapping[str, Row | Block]


class Decoded(Struct, frozen=False):
    """What a body says.

    `object` has every row of the schema: defaults are filled in, None where nothing is
    written. `written` are the arguments and blocks of the body itself that are there, but for
    those that are null. `ranges` say where each path that the user wrote is. `warnings` are about
    arguments that should be written otherwise.
    """

    object: Object = field(default_factory=dict)
    sensitive: set[Path] = field(default_factory=set)
    ranges: dict[Path, SourceRange] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)
    written: set[str] = field(default_factory=set)

    def range_of(self, path: Path, otherwise: SourceRange) -> SourceRange:
        """Where a path is written: itself, or the nearest thing around it."""
        for length in range(len(path), 0, -1):
            found = self.ranges.get(path[:length])
            if found is not None:
                return found
        return otherwise


def decode(
    body: Body, rows: Rows, scope: Scope, header: SourceRange, where: str, *, is_recorded: bool = True
) -> Decoded:
    """Decode a body.

    Args:
        body: the block's body, without meta-arguments.
        rows: the schema's rows.
        scope: resolves references.
        header: what a message about the whole block points at.
        where: the block's name in messages, for example `libvirt_domain`.
        is_recorded: whether the values get into plans and state, where an ephemeral one must not be.

    Raises:
        DiagnosticError: with every problem of the body.
    """
    decoder = _Decoder(is_recorded)
    decoder.decoded.object = decoder.body(body, rows, _Place((), header, where, scope))
    decoder.problems.raise_errors()
    return decoder.decoded


def check_rules(rules: Iterable[Rule], decoded: Decoded, header: SourceRange) -> None:
    """Hold what is written against the rules of its schema.

    Raises:
        DiagnosticError: with every problem.
    """
    found = [problem for rule in rules for problem in rule(decoded.object)]
    if found:
        raise DiagnosticError(*(p.diagnostic.at(decoded.range_of(p.path, header)) for p in found))


class _Place(Struct):
    """Where the decoder is: the path in the object, how messages call and show it, and what is in scope."""

    path: Path
    header: SourceRange
    where: str
    scope: Scope

    def at(self, step: str | int) -> _Place:
        """The same, one step further into the object."""
        return _Place((*self.path, step), self.header, self.where, self.scope)


class _Decoder:
    """Decodes one body; nested blocks come through :meth:`body` again."""

    def __init__(self, is_recorded: bool) -> None:
        self._is_recorded = is_recorded
        self.decoded = Decoded()
        self.problems = Diagnostics()

    def _with_blocks(self, body: Body, rows: Rows) -> Body:
        """A body in JSON, with the blocks that the schema makes of some arguments."""
        from kvmform.lang.json_syntax import with_blocks

        try:
            return with_blocks(body, [name for name, row in rows.items() if isinstance(row, Block)])
        except DiagnosticError as problem:
            self.problems.caught(problem)
            return body

    def body(self, body: Body, rows: Rows, place: _Place) -> Object:
        """Decode one body into an object."""
        if body.source.filename.endswith(".json"):
            body = self._with_blocks(body, rows)
        self._reject_unknown_names(body, rows, place.where)
        found: Object = {}
        for name, row in rows.items():
            attribute = body.attributes.get(name)
            if isinstance(row, Row):
                found[name] = self._attribute(name, row, attribute, place.at(name), body)
            elif attribute is not None:
                found[name] = self._block_attribute(name, row, attribute, place.at(name))
            else:
                found[name] = self._blocks(name, row, body, place.at(name))
        return found

    def _error(self, summary: str, detail: str, at: SourceRange) -> None:
        self.problems.add(error(summary, detail, at))

    def _reject_unknown_names(self, body: Body, rows: Rows, where: str) -> None:
        for name, attribute in body.attributes.items():
            match rows.get(name):
                case None:
                    detail = f'An argument named "{name}" is not expected in {where}.{did_you_mean(name, rows)}'
                    self._error("Unsupported argument", detail, attribute.name_range)
                case Block(attribute_form=False):
                    detail = f'"{name}" is a block in {where}: write {name} {{ … }} without the equals sign.'
                    self._error("Unsupported argument", detail, attribute.name_range)
                case Block(read_only=True):
                    self._reject_value(name, attribute.expression.range)
        for block in body.blocks:
            self._reject_unknown_block(block, body, rows, where)

    def _reject_unknown_block(self, block: BlockNode, body: Body, rows: Rows, where: str) -> None:
        is_plain = block.type != "dynamic" or not block.labels
        name = block.type if is_plain else block.labels[0].value
        row = rows.get(name)
        if isinstance(row, Row):
            detail = f'"{name}" is an argument in {where}: write {name} = … with an equals sign.'
            self._error("Unsupported block type", detail, block.type_range)
        elif row is None:
            hint = did_you_mean(name, (known for known, row in rows.items() if isinstance(row, Block)))
            detail = f'Blocks of type "{name}" are not expected in {where}.{hint}'
            self._error("Unsupported block type", detail, block.type_range if is_plain else block.labels[0].range)
        elif name in body.attributes:
            detail = f'"{name}" is set with an equals sign in {where}, and as a block here. Write all of it as blocks.'
            self._error("Attribute redefined", detail, block.header)
        elif is_plain and block.labels:
            self._error(f"Extraneous label for {name}", f"{name} blocks have no labels.", block.labels[0].range)
        elif row.read_only:
            self._reject_value(name, block.type_range)

    # Attributes.

    def _attribute(self, name: str, row: Row, attribute: Attribute | None, place: _Place, body: Body) -> Plain:
        if attribute is None:
            if row.required:
                self.problems.add(missing_argument(name, SourceRange(body.source, body.start, body.start + 1)))
            return self._default(row, place.path)
        at = self.decoded.ranges[place.path] = attribute.expression.range
        if row.deprecated:
            detail = f'"{name}" is an old form in {place.where}. Write {row.deprecated} instead; it means the same.'
            self.decoded.warnings.append(warning("Argument is deprecated", detail, attribute.name_range))
        value = self._evaluate(name, attribute.expression, place.scope)
        return self._value(name, row, value, place, at, attribute.expression)

    def _evaluate(self, name: str, expression: Expression, scope: Scope) -> Value:
        try:
            value = evaluate(expression, scope)
        except DiagnosticError as problem:
            self.problems.caught(problem)
            return Unknown()
        if self._is_recorded and EPHEMERAL in marks_in(value):
            detail = (
                f'Ephemeral values are not valid for "{name}", because it is recorded in the state, and an ephemeral '
                "value must not be kept anywhere."
            )
            self._error("Invalid use of ephemeral value", detail, expression.range)
            return Unknown()
        return value

    def _value(
        self, name: str, row: Row, value: Value, place: _Place, at: SourceRange, expression: Expression | None = None
    ) -> Plain:
        """The plain form of an attribute's value, which is that of `expression` where it was written as one."""
        path = place.path
        try:
            plain, sensitive = _plain_form(convert(value, row.type), row.type)
        except (ConversionError, ValueError) as problem:
            reason = problem.message if isinstance(problem, ConversionError) else problem
            detail = f'Inappropriate value for attribute "{name}": {reason}.'
            found = error("Incorrect attribute value type", detail, at)
            from kvmform.lang.describe import with_values

            self.problems.add(found if expression is None else with_values(found, expression, place.scope))
            return None
        if plain is None:
            if row.required:
                detail = f'The argument "{name}" is required, but its value is null.'
                self._error("Missing required argument", detail, at)
            return self._default(row, path)
        if len(path) == 1:
            self.decoded.written.add(name)
        if row.sensitive:
            self.decoded.sensitive.add(path)
        self.decoded.sensitive.update((*path, *rest) for rest in sensitive)
        if row.read_only:
            self._reject_value(name, at)
        return plain

    def _reject_value(self, name: str, at: SourceRange) -> None:
        detail = f'"{name}" is decided when the object is made or read and can\'t be set; remove this argument.'
        self._error("Value for unconfigurable attribute", detail, at)

    def _default(self, row: Row, path: Path) -> Plain:
        """What an attribute is that isn't written; what will be in it may be sensitive all the same."""
        if row.sensitive and (row.computed or row.default is not None):
            self.decoded.sensitive.add(path)
        return row.default

    # Blocks that are written as blocks.

    def _blocks(self, name: str, block: Block, body: Body, place: _Place) -> list[Object] | Unknown:
        """The elements that the blocks of a type make; Unknown where it isn't known how many there are."""
        found: list[Object] = []
        is_known = True
        for node in body.blocks if not block.read_only else ():
            if not place.path[1:] and (node.type == name or is_dynamic(node, name)):
                self.decoded.written.add(name)
            if node.type == name:
                found.append(self._element(name, block, node.body, self._note(place.at(len(found)), node.header)))
            elif is_dynamic(node, name):
                made = self._dynamic(name, block, node, place, len(found))
                is_known = is_known and made is not None
                found.extend(made or ())
        if not is_known:
            return Unknown()
        self._check_count(name, block, len(found), place)
        return found

    def _note(self, place: _Place, header: SourceRange) -> _Place:
        """The place of a block, whose range is noted."""
        self.decoded.ranges[place.path] = header
        return replace(place, header=header)

    def _element(self, name: str, block: Block, body: Body, place: _Place) -> Object:
        return self.body(body, block.rows, replace(place, where=f"a {name} block"))

    def _dynamic(self, name: str, block: Block, node: BlockNode, place: _Place, first: int) -> list[Object] | None:
        """The elements that a `dynamic` block makes; None when it is not known yet how many."""
        try:
            dynamic = read_dynamic(node)
            elements, is_sensitive = dynamic_elements(dynamic, place.scope)
        except DiagnosticError as problem:
            self.problems.caught(problem)
            return []
        if is_sensitive:
            self.decoded.sensitive.add(place.path)
        if elements is None:
            # Nothing is made of it, but what is wrong inside can be told already.
            self._dynamic_element(name, block, dynamic, Unknown(), Unknown(), place.at(first))
            return None
        return [
            self._dynamic_element(name, block, dynamic, key, value, place.at(first + index))
            for index, (key, value) in enumerate(elements)
        ]

    def _dynamic_element(
        self, name: str, block: Block, dynamic: Dynamic, key: Value, value: Value, place: _Place
    ) -> Object:
        scope = place.scope.child({dynamic.iterator: {"key": key, "value": value}})
        place = replace(self._note(place, dynamic.header), scope=scope)
        return self._element(name, block, dynamic.content, place)

    def _check_count(self, name: str, block: Block, count: int, place: _Place) -> None:
        if block.max_items is not None and count > block.max_items:
            at = self.decoded.range_of((*place.path, block.max_items), place.header)
            detail = f'No more than {block.max_items} "{name}" blocks are allowed; there are {count}.'
            self._error(f"Too many {name} blocks", detail, at)
        if count < block.min_items:
            detail = f'At least {block.min_items} "{name}" blocks are required; there are {count}.'
            self._error(f"Insufficient {name} blocks", detail, place.header)

    # Blocks that are written as values, as old versions of the language had it.

    def _block_attribute(self, name: str, block: Block, attribute: Attribute, place: _Place) -> list[Object] | Unknown:
        """`cpu = { mode = … }`, `disk = [{ … }]`."""
        place = self._note(place, attribute.expression.range)
        return self._block_value(name, block, self._evaluate(name, attribute.expression, place.scope), place)

    def _block_value(self, name: str, block: Block, value: Value, place: _Place) -> list[Object] | Unknown:
        """The elements of a block that is given as an object, or a list of them."""
        value, marks = unmark(value)
        if marks:
            self.decoded.sensitive.add(place.path)
        if len(place.path) == 1 and not is_null(value):
            self.decoded.written.add(name)
        if isinstance(value, Unknown):
            return value
        items = [] if is_null(value) else [value] if isinstance(value, dict | MapValue) else _items(value)
        if items is None:
            detail = f'"{name}" takes an object {{ … }}, or a list of them.'
            self._error("Incorrect attribute value type", detail, place.header)
            return []
        if any(isinstance(unmark(item)[0], Unknown) for item in items):
            return Unknown()
        found = [self._object_value(name, block, item, place.at(index)) for index, item in enumerate(items)]
        self._check_count(name, block, len(found), place)
        return found

    def _object_value(self, name: str, block: Block, value: Value, place: _Place) -> Object:
        value, marks = unmark(value)
        if marks:
            self.decoded.sensitive.add(place.path)
        members = value.items if isinstance(value, MapValue) else value
        if not isinstance(members, dict):
            detail = f'Each element of "{name}" must be an object {{ … }}.'
            self._error("Incorrect attribute value type", detail, place.header)
            return {}
        for member in members:
            if member not in block.rows:
                detail = f'"{name}" has no attribute "{member}".{did_you_mean(member, block.rows)}'
                self._error("Unsupported attribute", detail, place.header)
        found: Object = {}
        for key, row in block.rows.items():
            if isinstance(row, Block):
                found[key] = self._block_value(key, row, members.get(key), place.at(key))
            else:
                found[key] = self._value(key, row, members.get(key), place.at(key), place.header)
        return found


def _plain_form(value: Value, kind: Type) -> tuple[Plain, frozenset[Path]]:
    """The plain form of an attribute's value; with its type where the schema leaves that open."""
    plain, sensitive = to_plain(value)
    if kind != DYNAMIC or isinstance(plain, Unknown):
        return plain, sensitive
    found = type_of(unmark_deep(value)[0])
    return (None if found == DYNAMIC else {"value": plain, "type": type_to_json(found)}), sensitive


def _items(value: Value) -> list[Value] | None:
    """The elements of a list, a set or a tuple; None if it is none."""
    match value:
        case tuple() | ListValue() | SetValue():
            return [element for _, element in elements_of(value) or ()]
    return None
