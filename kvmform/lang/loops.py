"""What goes over the elements of a collection: `for` expressions and splats."""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.lang.ast import Expression, ForExpression, Splat, SplatItem
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.dispatch import EvaluationError, Failures, Fault, evaluates, failure, value_of
from kvmform.lang.limits import MAXIMUM_ELEMENTS
from kvmform.lang.scope import Scope
from kvmform.values.kinds import is_null, type_of
from kvmform.values.marks import NO_MARKS, mark, unmark
from kvmform.values.model import UNKNOWN, ListValue, MapValue, SetValue, Unknown, Value
from kvmform.values.types import BOOL, DYNAMIC, STRING, ListType, PrimitiveType, SetType, TupleType, Type

__all__ = ["elements_of", "loop_collection"]


def elements_of(collection: Value) -> list[tuple[Value, Value]] | None:
    """Keys and elements of a known, unmarked collection, in its order; None if it is none.

    The key is an index, an attribute's name or a map's key, and for a set the element itself.
    Objects and maps are in the order of their keys.
    """
    match collection:
        case tuple():
            return list(enumerate(collection))
        case dict():
            return sorted(collection.items(), key=_by_key)
        case ListValue():
            return list(enumerate(collection.items))
        case MapValue():
            return sorted(collection.items.items(), key=_by_key)
        case SetValue():
            return [(item, item) for item in collection.items]
    return None


def _by_key(pair: tuple[str, Value]) -> str:
    return pair[0]


def loop_collection(expression: Expression, scope: Scope) -> tuple[list[tuple[Value, Value]] | None, frozenset[str]]:
    """The elements that a loop goes over (None: not known yet), and the marks of the collection.

    Raises:
        EvaluationError: it is null, or no collection.
    """
    collection, marks = unmark(value_of(expression, scope))
    if is_null(collection):
        detail = "A null value cannot be used as the collection in a 'for' expression."
        raise failure(Fault("Iteration over null value", detail), expression, scope)
    elements = elements_of(collection)
    if elements is not None:
        scope.rounds[0] += len(elements)
        if scope.rounds[0] > MAXIMUM_ELEMENTS:
            detail = (
                f"The loops of this expression, inside one another, go over more than {MAXIMUM_ELEMENTS} elements. "
                "Loop over less, or work a part of it out in a local value."
            )
            raise failure(Fault("Too many elements", detail), expression, scope)
    else:
        kind = type_of(collection)
        if isinstance(kind, PrimitiveType) and kind != DYNAMIC:
            detail = f"A value of type {kind} cannot be used as the collection in a 'for' expression."
            raise failure(Fault("Iteration over non-iterable value", detail), expression, scope)
    return elements, marks


@evaluates(ForExpression)
def _for(node: ForExpression, scope: Scope) -> Value:
    elements, marks = loop_collection(node.collection, scope)
    if elements is None:
        return mark(UNKNOWN, marks)
    loop = _Loop(node, scope.child())
    result = loop.run_list(elements) if node.result_key is None else loop.run_object(elements, node.result_key)
    return mark(result, marks | loop.marks)


class _Loop:
    """One run of a `for` expression: what its elements add to the result as a whole."""

    def __init__(self, node: ForExpression, scope: Scope) -> None:
        self.node = node
        self.scope = scope
        self.marks = NO_MARKS
        self.known = True
        self.failures = Failures()

    def run_list(self, elements: list[tuple[Value, Value]]) -> Value:
        """The tuple of `[for …]`."""
        result, failures = self.node.result, self.failures
        items = []
        for _ in self._included(elements):
            try:
                items.append(value_of(result, self.scope))
            except EvaluationError as problem:
                items.append(failures.caught(problem))
        return self._checked(tuple(items))

    def _checked(self, result: Value) -> Value:
        """The result, if nothing was wrong with it."""
        result = result if self.known else UNKNOWN
        if self.failures:
            raise self.failures.error(result)
        return result

    def run_object(self, elements: list[tuple[Value, Value]], result_key: Expression) -> Value:
        """The object of `{for …}`."""
        result: dict[str, Value] = {}
        groups: dict[str, list[Value]] = {}
        for _ in self._included(elements):
            try:
                key = self._key(result_key)
            except EvaluationError as problem:
                self._give_up(problem)
                continue
            if key is None:
                continue
            try:
                value = value_of(self.node.result, self.scope)
            except EvaluationError as problem:
                value = self.failures.caught(problem)
            if self.node.group:
                groups.setdefault(key, []).append(value)
            elif key in result:
                self.failures.caught(self._duplicate(key, result_key))
            else:
                result[key] = value
        return self._checked({key: tuple(values) for key, values in groups.items()} if self.node.group else result)

    def _give_up(self, problem: EvaluationError) -> None:
        """Note what is wrong with a key, or a condition, unless nothing was known of the result before that."""
        if self.known:
            self.failures.caught(problem)
        self.known = False

    def _included(self, elements: list[tuple[Value, Value]]) -> Iterator[None]:
        """Sets the loop's variables for each element that its `if` lets through."""
        names, node = self.scope.names, self.node
        if node.condition is not None and not elements:
            self._check(node.condition)
        for key, value in elements:
            if node.key is not None:
                names[node.key] = key
            names[node.value] = value
            if node.condition is None or self._passes(node.condition):
                yield

    def _passes(self, condition: Expression) -> bool:
        try:
            return self._is_included(condition)
        except EvaluationError as problem:
            self._check(condition)
            self._give_up(problem)
            return False

    def _check(self, condition: Expression) -> None:
        """Raise what is wrong with the condition whatever the elements are."""
        unknown: dict[str, Value] = {name: UNKNOWN for name in (self.node.key, self.node.value) if name is not None}
        _Loop(self.node, self.scope.child(unknown))._is_included(condition)  # noqa: SLF001 - one of its own kind

    def _is_included(self, condition: Expression) -> bool:
        value, marks = unmark(value_of(condition, self.scope))
        self.marks |= marks
        if value is True or value is False:
            return value
        if is_null(value):
            raise failure(
                Fault("Condition is null", "The value of the 'if' clause must not be null."), condition, self.scope
            )
        try:
            value = convert(value, BOOL)
        except ConversionError as problem:
            detail = f"The 'if' clause value is invalid: {problem.message}."
            raise failure(Fault("Invalid 'for' condition", detail), condition, self.scope) from None
        if type(value) is Unknown:
            self.known = False
            return False
        return bool(value)

    def _key(self, expression: Expression) -> str | None:
        """The key of the current element in the result; None if it isn't known."""
        value, marks = unmark(value_of(expression, self.scope))
        self.marks |= marks
        if type(value) is str:
            return value
        if is_null(value):
            detail = "Key expression in 'for' expression must not produce a null value."
            raise failure(Fault("Invalid object key", detail), expression, self.scope)
        try:
            key = convert(value, STRING)
        except ConversionError as problem:
            detail = f"The key expression produced an invalid result: {problem.message}."
            raise failure(Fault("Invalid object key", detail), expression, self.scope) from None
        if type(key) is Unknown:
            self.known = False
            return None
        return str(key)

    def _duplicate(self, key: str, expression: Expression) -> EvaluationError:
        shown = "the same key" if self.marks else f'the key "{key}"'
        detail = (
            f"Two different items produced {shown} in this 'for' expression. If duplicates are expected, use "
            "the ellipsis (...) after the value expression to enable grouping by key."
        )
        return failure(Fault("Duplicate object key", detail), expression, self.scope)


@evaluates(SplatItem)
def _splat_item(node: SplatItem, scope: Scope) -> Value:
    return scope.names[node]


@evaluates(Splat)
def _splat(node: Splat, scope: Scope) -> Value:
    source, marks = unmark(value_of(node.collection, scope))
    kind = type_of(source)
    is_sequence = isinstance(kind, ListType | TupleType | SetType)
    if is_null(source):
        if not is_sequence:
            return mark((), marks)
        detail = "Splat expressions (with the * symbol) cannot be applied to null sequences."
        raise failure(Fault("Splat of null value", detail), node.collection, scope, context=node.range)
    if kind == DYNAMIC:
        return mark(UNKNOWN, marks)
    return mark(_Splatting(node, scope.child()).run(source, kind, is_sequence=is_sequence), marks)


class _Splatting:
    def __init__(self, node: Splat, scope: Scope) -> None:
        self._node = node
        self._scope = scope

    def run(self, source: Value, kind: Type, *, is_sequence: bool) -> Value:
        """The splat of a value that is neither null nor of unknown type."""
        if not is_sequence:
            # A single value counts as a sequence of one, a null one as an empty one.
            each = self._all((source,))
            return UNKNOWN if isinstance(source, Unknown) and not source.not_null else each
        match source:
            case Unknown():
                return Unknown(
                    self._type(kind), not_null=True, min_length=source.min_length, max_length=source.max_length
                )
            case tuple():
                return self._all(source)
            case ListValue() | SetValue() if not source.items:
                return ListValue(type_of(self._each(Unknown(source.element))), ())
        items = self._all(source.items)
        try:
            return convert(items, ListType(DYNAMIC))
        except ConversionError:
            # Nulls of different types can be in elements of one type; Terraform 1.11 crashes there.
            return items

    def _all(self, items: tuple[Value, ...]) -> tuple[Value, ...]:
        failures = Failures()
        found = []
        for item in items:
            try:
                found.append(self._each(item))
            except EvaluationError as problem:
                found.append(failures.caught(problem))
        if failures:
            raise failures.error(tuple(found))
        return tuple(found)

    def _each(self, item: Value) -> Value:
        self._scope.names[self._node.item] = item
        return value_of(self._node.each, self._scope)

    def _type(self, kind: Type) -> Type:
        """The type of the result, for an unknown source."""
        if isinstance(kind, TupleType):
            return TupleType(tuple(type_of(self._each(Unknown(element))) for element in kind.elements))
        assert isinstance(kind, ListType | SetType)
        return ListType(type_of(self._each(Unknown(kind.element))))
