"""Values and types as `console` shows them to people, byte for byte as Terraform does."""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.values.kinds import is_null, type_of
from kvmform.values.model import EPHEMERAL, SENSITIVE, ListValue, MapValue, Marked, SetValue, Unknown, Value
from kvmform.values.number import BigFloat, format_number
from kvmform.values.types import ListType, MapType, ObjectType, PrimitiveType, SetType, TupleType, Type
from kvmform.view.escapes import quoted

__all__ = ["console_text", "type_text"]

_INDENT = 2
_TYPE_INDENT = 4
_CONVERSIONS = {"string": "tostring(null)", "number": "tonumber(null)", "bool": "tobool(null)", "dynamic": "null"}


def console_text(value: Value, indent: int = 0) -> str:
    """A value in the language's own notation, with calls where that alone doesn't tell the type."""
    match value:
        case Marked():
            return _marked_text(value)
        case Unknown():
            return "(known after apply)"
        case str():
            return _string_text(value, indent)
        case bool():
            return "true" if value else "false"
        case int() | BigFloat():
            return format_number(value)
        case dict():
            return _mapping_text(value, indent)
        case tuple():
            return _sequence_text(value, indent)
        case ListValue():
            return f"tolist({_sequence_text(value.items, indent)})"
        case SetValue():
            return f"toset({_sequence_text(value.items, indent)})"
        case MapValue():
            return f"tomap({_mapping_text(value.items, indent)})"
    assert is_null(value), f"not a value of the language: {value!r}"
    return _null_text(type_of(value))


def _marked_text(value: Marked) -> str:
    if isinstance(value.value, Unknown):
        return "(known after apply)"
    if SENSITIVE in value.marks:
        return "(sensitive value)"
    assert EPHEMERAL in value.marks, "there are no other marks"
    return "(ephemeral value)"


def _null_text(kind: Type) -> str:
    match kind:
        case PrimitiveType():
            return _CONVERSIONS[kind.name]
        case ListType():
            return f"tolist(null) /* of {kind.element} */"
        case SetType():
            return f"toset(null) /* of {kind.element} */"
        case MapType():
            return f"tomap(null) /* of {kind.element} */"
    return f"null /* {kind} */"


def _string_text(value: str, indent: int) -> str:
    """A string in quotes, or, if it has several lines, as a heredoc with a marker that none of them is."""
    if "\n" not in value:
        return quoted(value)
    lines = value.split("\n")
    marker = "EOT"
    stripped = {line.strip() for line in lines}
    while marker in stripped:
        marker += "_"
    blanks = " " * indent
    body = "".join(f"{blanks}{line}\n" for line in lines)
    return f"<<{'-' if indent else ''}{marker}\n{body}{blanks}{marker}"


def _sequence_text(items: Iterable[Value], indent: int) -> str:
    inner = indent + _INDENT
    lines = [f"\n{' ' * inner}{console_text(item, inner)}," for item in items]
    return f"[{''.join(lines)}{_end(lines, indent)}]"


def _mapping_text(items: dict[str, Value], indent: int) -> str:
    inner = indent + _INDENT
    lines = [
        f"\n{' ' * inner}{_string_text(name, inner)} = {console_text(items[name], inner)}"
        for name in sorted(items, key=str.encode)
    ]
    return f"{{{''.join(lines)}{_end(lines, indent)}}}"


def _end(lines: list[str], indent: int) -> str:
    return "\n" + " " * indent if lines else ""


def type_text(kind: Type | None, indent: int = 0) -> str:
    """A type as `type(…)` tells it; None is the type of types."""
    inner = indent + _TYPE_INDENT
    match kind:
        case None:
            return "type"
        case ObjectType():
            lines = [f"{' ' * inner}{name}: {type_text(each, inner)},\n" for name, each in kind.attributes]
            return f"object({{\n{''.join(lines)}{' ' * indent}}})" if lines else "object({})"
        case TupleType():
            lines = [f"{' ' * inner}{type_text(each, inner)},\n" for each in kind.elements]
            return f"tuple([\n{''.join(lines)}{' ' * indent}])" if lines else "tuple([])"
        case ListType():
            return f"list({_element_text(kind.element, indent)})"
        case SetType():
            return f"set({_element_text(kind.element, indent)})"
        case MapType():
            return f"map({_element_text(kind.element, indent)})"
    return kind.name


def _element_text(kind: Type, indent: int) -> str:
    """The element type of a collection; on lines of its own if it is structural, so that the collection is seen."""
    if not isinstance(kind, ObjectType | TupleType):
        return type_text(kind, indent)
    inner = indent + _TYPE_INDENT
    return f"\n{' ' * inner}{type_text(kind, inner)},\n{' ' * indent}"
