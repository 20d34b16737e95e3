"""Conversion of values between types, by Terraform's rules.

Numbers and bools become strings and back; a tuple becomes a list or a set, an object a map,
where their elements do; an object becomes one with fewer attributes; unknowns and nulls keep
being that, with the new type; marks stay where they are. The rules are go-cty's
(https://pkg.go.dev/github.com/zclconf/go-cty/cty/convert).

:func:`convert` makes a value of a type out of a value, or raises; whether and why not values
of a type can be converted at all is :func:`kvmform.lang.unify.mismatch`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kvmform.diagnostics import DiagnosticError, SourceRange, error
from kvmform.lang.unify import Mismatch, mismatch, missing_attributes, unify
from kvmform.values.kinds import has_dynamic, null_of, type_of, without_optional
from kvmform.values.marks import mark
from kvmform.values.model import ListValue, MapValue, Marked, NullValue, SetValue, Unknown, Value
from kvmform.values.number import BigFloat, format_number, parse_number
from kvmform.values.ordering import make_set
from kvmform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    PrimitiveType,
    SetType,
    TupleType,
    Type,
    object_type,
)

__all__ = ["ConversionError", "convert"]

Labelled = tuple[str | int, str, Value]
"""Key of an element, its label in messages, and the element."""


class ConversionError(DiagnosticError):
    """A value can't be converted.

    `message` says why, without a full stop, to be put behind a colon (`element 0: a number is
    required`); `path` leads to the part that doesn't fit.
    """

    def __init__(self, problem: Mismatch, subject: SourceRange | None = None) -> None:
        sentence = f"{problem.message[0].upper()}{problem.message[1:]}."
        super().__init__(error("Incorrect value type", sentence, subject))
        self.problem = problem

    @property
    def message(self) -> str:
        """Why, without a full stop."""
        return self.problem.message

    @property
    def path(self) -> tuple[str | int, ...]:
        """The keys that lead to the part that doesn't fit."""
        return self.problem.path


def convert(value: Value, kind: Type, subject: SourceRange | None = None) -> Value:
    """The value as one of type `kind`.

    Attributes that `kind` lacks are dropped, its optional ones that the value lacks are null;
    the result's type has no optional attributes, and `dynamic` parts are settled by the value.

    Raises:
        ConversionError: it can't be; the diagnostic points at `subject`.
    """
    if _EXACT.get(type(value)) is kind:
        return value
    try:
        return _convert(value, kind)
    except ConversionError as problem:
        raise ConversionError(problem.problem, subject) from None


_EXACT: dict[type, Type] = {str: STRING, int: NUMBER, BigFloat: NUMBER, bool: BOOL}


def _convert(value: Value, kind: Type) -> Value:
    if _EXACT.get(type(value)) == kind or kind == DYNAMIC:
        return value
    match value:
        case Marked():
            return mark(_convert(value.value, kind), value.marks)
        case None:
            return null_of(without_optional(kind))
        case NullValue():
            _check(value.type, kind)
            return null_of(_settled(value.type, without_optional(kind)))
        case Unknown():
            _check(value.type, kind)
            return _convert_unknown(value, _settled(value.type, without_optional(kind)))
        case str() | int() | BigFloat() if isinstance(kind, PrimitiveType):
            return _PRIMITIVE[kind.name](value)
    converter = _STRUCTURES.get((type(value), type(kind)))
    if converter is None:
        raise _required(kind, type_of(value))
    return converter(value, kind)


def _check(source: Type, target: Type) -> None:
    problem = mismatch(source, target)
    if problem is not None:
        raise ConversionError(problem)


def _required(kind: Type, have: Type) -> ConversionError:
    wanted = str(kind).replace(" of dynamic", " of any single type")
    return ConversionError(Mismatch(f"{wanted} required, but have {have}"))


def _to_string(value: str | bool | int | BigFloat) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else format_number(value)


def _to_number(value: str | bool | int | BigFloat) -> int | BigFloat:
    if isinstance(value, str):
        try:
            return parse_number(value)
        except ValueError:
            raise ConversionError(Mismatch("a number is required")) from None
    raise _required(NUMBER, type_of(value))


def _to_bool(value: str | bool | int | BigFloat) -> bool:
    match value:
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case str() if value.lower() in ("true", "false"):
            hint = f'to convert from string, use lowercase "{value.lower()}"'
            raise ConversionError(Mismatch(f"a bool is required; {hint}"))
        case str():
            raise ConversionError(Mismatch("a bool is required"))
    raise _required(BOOL, type_of(value))


_PRIMITIVE: dict[str, Callable[[Value], Value]] = {"string": _to_string, "number": _to_number, "bool": _to_bool}


def _each(elements: Iterable[Labelled], kind: Type) -> list[Value]:
    """The elements converted; a problem is told with the element it is in."""
    converted = []
    for key, label, element in elements:
        try:
            converted.append(_convert(element, kind))
        except ConversionError as problem:
            raise ConversionError(problem.problem.inside(key, label)) from None
    return converted


def _elements(labelled: Iterable[Labelled], kind: Type, word: str) -> tuple[Type, list[Value]]:
    """Elements of a new collection and their one type; `kind` may leave parts of that to them."""
    converted = _each(labelled, kind)
    if not has_dynamic(kind):
        return without_optional(kind), converted
    if not converted:
        return without_optional(kind), converted
    types = [type_of(element) for element in converted]
    unified = unify(types)
    settled = {each for each in types if each != DYNAMIC}
    if unified == DYNAMIC and word == "map" and len(settled) == 1:
        # What is unknown in a map can still become what the others are; in a list Terraform does not wait for it.
        unified = settled.pop()
    if unified is None or (unified == DYNAMIC and any(each != DYNAMIC for each in types)):
        raise ConversionError(Mismatch(f"all {word} elements must have the same type"))
    elements = [_convert(element, unified) for element in converted]
    if has_dynamic(unified) and len({type_of(element) for element in elements} - {DYNAMIC}) > 1:
        raise ConversionError(Mismatch(f"element types must all match for conversion to {word}"))
    return unified, elements


def _by_index(items: Iterable[Value]) -> list[Labelled]:
    return [(at, f"element {at}", item) for at, item in enumerate(items)]


def _by_key(items: dict[str, Value]) -> list[Labelled]:
    return [(key, f'element "{key}"', item) for key, item in sorted(items.items())]


def _tuple_to_list(value: tuple[Value, ...], kind: ListType) -> Value:
    element, items = _elements(_by_index(value), kind.element, "list")
    return ListValue(element, tuple(items))


def _tuple_to_set(value: tuple[Value, ...], kind: SetType) -> Value:
    element, items = _elements(_by_index(value), kind.element, "set")
    return make_set(element, items)


def _tuple_to_tuple(value: tuple[Value, ...], kind: TupleType) -> Value:
    if len(value) != len(kind.elements):
        _check(type_of(value), kind)
    labelled = zip(_by_index(value), kind.elements, strict=True)
    return tuple([_each([element], wanted)[0] for element, wanted in labelled])


def _collection_to_list(value: ListValue | SetValue, kind: ListType) -> Value:
    if value.element == kind.element:
        return value if isinstance(value, ListValue) else ListValue(value.element, value.items)
    if not value.items:
        _check(type_of(value), kind)
        return ListValue(_settled(value.element, without_optional(kind.element)), ())
    element, items = _elements(_by_index(value.items), kind.element, "list")
    return ListValue(element, tuple(items))


def _collection_to_set(value: ListValue | SetValue, kind: SetType) -> Value:
    if value.element == kind.element:
        return value if isinstance(value, SetValue) else make_set(value.element, value.items)
    if not value.items:
        _check(type_of(value), kind)
        return SetValue(_settled(value.element, without_optional(kind.element)), ())
    element, items = _elements(_by_index(value.items), kind.element, "set")
    return make_set(element, items)


def _map_to_map(value: MapValue, kind: MapType) -> Value:
    if value.element == kind.element:
        return value
    if not value.items:
        _check(type_of(value), kind)
        return MapValue(_settled(value.element, without_optional(kind.element)), {})
    element, items = _elements(_by_key(value.items), kind.element, "map")
    return MapValue(element, dict(zip(sorted(value.items), items, strict=True)))


def _object_to_map(value: dict[str, Value], kind: MapType) -> Value:
    element, items = _elements(_by_key(value), kind.element, "map")
    return MapValue(element, dict(zip(sorted(value), items, strict=True)))


def _object_to_object(value: dict[str, Value], kind: ObjectType) -> Value:
    missing = [name for name, _ in kind.attributes if name not in value and name not in kind.optional]
    if missing:
        raise ConversionError(Mismatch(missing_attributes(missing)))
    return _attributes(value, kind)


def _map_to_object(value: MapValue, kind: ObjectType) -> Value:
    _check(type_of(value), kind)
    missing = [name for name, _ in kind.attributes if name not in value.items and name not in kind.optional]
    if missing:
        raise ConversionError(Mismatch(f'map has no element for required attribute "{missing[0]}"'))
    return _attributes(value.items, kind)


def _attributes(value: dict[str, Value], kind: ObjectType) -> Value:
    result = {}
    for name, wanted in kind.attributes:
        if name not in value:
            result[name] = null_of(without_optional(wanted))
            continue
        try:
            result[name] = _convert(value[name], wanted)
        except ConversionError as problem:
            raise ConversionError(problem.problem.inside(name, f'attribute "{name}"')) from None
    return result


_STRUCTURES: dict[tuple[type, type], Callable[..., Value]] = {
    (tuple, ListType): _tuple_to_list,
    (tuple, SetType): _tuple_to_set,
    (tuple, TupleType): _tuple_to_tuple,
    (ListValue, ListType): _collection_to_list,
    (SetValue, ListType): _collection_to_list,
    (ListValue, SetType): _collection_to_set,
    (SetValue, SetType): _collection_to_set,
    (MapValue, MapType): _map_to_map,
    (MapValue, ObjectType): _map_to_object,
    (dict, MapType): _object_to_map,
    (dict, ObjectType): _object_to_object,
}


def _convert_unknown(value: Unknown, kind: Type) -> Unknown:
    """Keeps what the conversion doesn't change: that it is not null, and how many elements it has."""
    source = value.type
    least, most = value.min_length, value.max_length
    match source:
        case TupleType():
            least = most = len(source.elements)
        case ObjectType():
            least = most = len(source.attributes)
    if not isinstance(kind, ListType | MapType | SetType):
        least, most = 0, None
    elif isinstance(kind, SetType) and not isinstance(source, SetType):
        least = min(least, 1)
    prefix = value.prefix if kind == source else ""
    return Unknown(kind, value.not_null, prefix, least, most)


def _settled(source: Type, target: Type) -> Type:
    """The target with its `dynamic` parts taken from the source, where that knows them."""
    if source == DYNAMIC or not has_dynamic(target):
        return target
    match source, target:
        case _, PrimitiveType():
            return source
        case ((ListType() | SetType() | MapType()), (ListType() | SetType() | MapType())):
            return type(target)(_settled(source.element, target.element))
        case TupleType(), ListType() | SetType():
            return type(target)(_settled(unify(source.elements) or DYNAMIC, target.element))
        case ObjectType(), MapType():
            return MapType(_settled(unify([kind for _, kind in source.attributes]) or DYNAMIC, target.element))
        case ObjectType(), ObjectType():
            have = source.as_dict()
            return object_type({name: _settled(have.get(name, DYNAMIC), kind) for name, kind in target.attributes})
        case MapType(), ObjectType():
            return object_type({name: _settled(source.element, kind) for name, kind in target.attributes})
        case TupleType(), TupleType():
            return TupleType(tuple(_settled(*pair) for pair in zip(source.elements, target.elements, strict=True)))
    return target
