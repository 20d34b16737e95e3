"""Type constraints: `list(object({ name = string, size = optional(number, 10) }))`.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.lang.ast import Call, Expression, Literal, Name, ObjectExpression, TupleExpression
from kvmform.lang.conversion import ConversionError, convert
from kvmform.lang.evaluate import evaluate
from kvmform.lang.scope import Scope
from kvmform.struct import Struct, field
from kvmform.values.kinds import is_null
from kvmform.values.marks import mark, unmark
from kvmform.values.model import ListValue, MapValue, SetValue, Value
from kvmform.values.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    TupleType,
    Type,
    object_type,
)

__all__ = ["Defaults", "TypeConstraint", "type_constraint"]

_SUMMARY = "Invalid type specification"
_KEYWORDS: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}
_COLLECTIONS: dict[str, type[ListType | SetType | MapType]] = {"list": ListType, "set": SetType, "map": MapType}
_NO_TYPE = (
    "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor "
    "call, like list(string)."
)


class Defaults(Struct, eq=False):
    """Defaults of optional attributes, and those inside of each part.

    `parts` are by attribute name, by index in a tuple, and under None for the elements of a
    list, set or map.
    """

    attributes: Mapping[str, Value] = field(default_factory=dict)
    parts: Mapping[str | int | None, Defaults] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.attributes or self.parts)

    def fill(self, value: Value) -> Value:
        """The value with every missing or null attribute that has a default replaced by it."""
        value, marks = unmark(value)
        match value:
            case dict():
                filled = self._fill_attributes(value)
            case MapValue():
                filled = self._fill_attributes(value.items)
            case ListValue() | SetValue():
                filled = tuple([self._part(at, item) for at, item in enumerate(value.items)])
            case tuple():
                filled = tuple([self._part(at, item) for at, item in enumerate(value)])
            case _:
                filled = value
        return mark(filled, marks)

    def _fill_attributes(self, value: Mapping[str, Value]) -> Value:
        filled = {name: self._part(name, item) for name, item in value.items()}
        for name, default in self.attributes.items():
            if is_null(filled.get(name)):
                filled[name] = self._part(name, default)
        return filled

    def _part(self, key: str | int, value: Value) -> Value:
        part = self.parts.get(key) or self.parts.get(None)
        return part.fill(value) if part else value


class TypeConstraint(Struct, eq=False):
    """The type that a value must convert to, with the defaults of optional attributes."""

    type: Type
    defaults: Defaults = field(default_factory=Defaults)

    def apply(self, value: Value, subject: SourceRange | None = None) -> Value:
        """The value with defaults filled in, converted to the type.

        Raises:
            ConversionError: it doesn't fit.
        """
        if self.defaults and not is_null(value):
            value = self.defaults.fill(value)
        return convert(value, self.type, subject)


def type_constraint(expression: Expression) -> TypeConstraint:
    """Read a type constraint.

    Raises:
        DiagnosticError: it is none; the diagnostic points at the part that is wrong.
    """
    match expression:
        case Name():
            return TypeConstraint(_keyword(expression.name, expression))
        case Literal(value=bool() | None):
            return TypeConstraint(_keyword(expression.range.text, expression))
        case Literal(value=str() as text):
            raise _quoted(text, expression)
        case Call():
            return _constructor(expression)
    raise DiagnosticError.of(_SUMMARY, _NO_TYPE, expression.range)


def _keyword(name: str, at: Expression) -> Type:
    if name in _KEYWORDS:
        return _KEYWORDS[name]
    match name:
        case "list":
            return ListType(DYNAMIC)
        case "map":
            return MapType(DYNAMIC)
        case "set":
            detail = "The set type constructor requires one argument specifying the element type: set(string)."
        case "object":
            detail = "The object type constructor requires the attribute types as a map: object({ name = string })."
        case "tuple":
            detail = "The tuple type constructor requires the element types as a list: tuple([string, number])."
        case _:
            detail = f'The keyword "{name}" is not a valid type specification.'
    raise DiagnosticError.of(_SUMMARY, detail, at.range)


def _quoted(text: str, at: Expression) -> DiagnosticError:
    """Terraform 0.11 had types in quotes; there was a list or map of strings where it said list or map."""
    summary = "Invalid legacy variable type hint"
    detail = "To provide a full type expression, remove the surrounding quotes and give the type expression directly."
    if text in ("string", "list", "map"):
        summary = "Invalid quoted type constraints"
        instead = text if text == "string" else f"{text}(string)"
        detail = f"Terraform 0.11 and earlier required type constraints to be in quotes; write {instead} instead."
    return DiagnosticError.of(summary, detail, at.range)


def _constructor(call: Call) -> TypeConstraint:
    name = call.name
    brackets = _brackets(call)
    if name in _KEYWORDS:
        raise DiagnosticError.of(_SUMMARY, f'Primitive type keyword "{name}" does not expect arguments.', brackets)
    if name == "optional":
        detail = 'Keyword "optional" is valid only as a modifier for object type attributes.'
        raise DiagnosticError.of(_SUMMARY, detail, call.name_range)
    if name not in (*_COLLECTIONS, "object", "tuple"):
        raise DiagnosticError.of(_SUMMARY, f'Keyword "{name}" is not a valid type constructor.', call.range)
    if len(call.arguments) != 1:
        detail = (
            f"The {name} type constructor requires one argument{_ARGUMENT.get(name, ' specifying the element type')}."
        )
        at = call.arguments[1].range if call.arguments else brackets
        raise DiagnosticError.of(_SUMMARY, detail, at)
    argument = call.arguments[0]
    if name == "object":
        return _object(argument)
    if name == "tuple":
        return _tuple(argument)
    element = type_constraint(argument)
    return TypeConstraint(_COLLECTIONS[name](element.type), _around({None: element}))


def _brackets(call: Call) -> SourceRange:
    return SourceRange(call.source, call.name_range.end, call.end)


_ARGUMENT = {
    "object": ", a map of attribute names to types",
    "tuple": ", a list of element types",
}


def _around(parts: Mapping[Any, TypeConstraint], attributes: Mapping[str, Value] | None = None) -> Defaults:
    return Defaults(attributes or {}, {key: part.defaults for key, part in parts.items() if part.defaults})


def _tuple(argument: Expression) -> TypeConstraint:
    if not isinstance(argument, TupleExpression):
        detail = "Tuple type constructor requires a list of element types."
        raise DiagnosticError.of(_SUMMARY, detail, argument.range)
    elements = [type_constraint(item) for item in argument.items]
    return TypeConstraint(TupleType(tuple(element.type for element in elements)), _around(dict(enumerate(elements))))


def _object(argument: Expression) -> TypeConstraint:
    if not isinstance(argument, ObjectExpression):
        detail = (
            "Object type constructor requires a map whose keys are attribute names and whose values are their types."
        )
        raise DiagnosticError.of(_SUMMARY, detail, argument.range)
    attributes: dict[str, TypeConstraint] = {}
    optional: set[str] = set()
    defaults: dict[str, Value] = {}
    for item in argument.items:
        name = _attribute_name(item.key)
        if name in attributes:
            detail = f'Object constructor map keys must be unique; "{name}" is there twice.'
            raise DiagnosticError.of(_SUMMARY, detail, item.key.range)
        modifier = item.value if isinstance(item.value, Call) and item.value.name == "optional" else None
        if modifier is None:
            attributes[name] = type_constraint(item.value)
            continue
        optional.add(name)
        attributes[name] = type_constraint(_optional_type(modifier))
        if len(modifier.arguments) == 2:
            defaults[name] = _default(modifier.arguments[1], attributes[name].type)
    kinds = {name: attribute.type for name, attribute in attributes.items()}
    return TypeConstraint(object_type(kinds, frozenset(optional)), _around(attributes, defaults))


def _attribute_name(key: Expression) -> str:
    quoted = key.source.text.startswith('"', key.start)
    if isinstance(key, Literal) and isinstance(key.value, str) and not quoted:
        return key.value
    raise DiagnosticError.of(
        _SUMMARY, "Object constructor map keys must be attribute names, without quotes.", key.range
    )


def _optional_type(modifier: Call) -> Expression:
    if not modifier.arguments:
        detail = "Optional attribute modifier requires the attribute type as its argument."
        raise DiagnosticError.of(_SUMMARY, detail, _brackets(modifier))
    if len(modifier.arguments) > 2:
        detail = "Optional attribute modifier expects at most two arguments: the attribute type, and a default value."
        raise DiagnosticError.of(_SUMMARY, detail, _brackets(modifier))
    return modifier.arguments[0]


def _default(expression: Expression, kind: Type) -> Value:
    value = evaluate(expression, Scope.empty())
    try:
        return convert(value, kind)
    except ConversionError as problem:
        detail = f"This default value is not compatible with the attribute's type constraint: {problem.message}."
        raise DiagnosticError.of("Invalid default value for optional attribute", detail, expression.range) from None
