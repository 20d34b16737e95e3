"""Types of Terraform's language, as values: `list(string)`, `object({...})` and so on.

Source: https://developer.hashicorp.com/terraform/language/expressions/types; the JSON form
is the one of Terraform's state file and plan JSON (`"string"`, `["list","string"]`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kvmform.struct import Struct

__all__ = [
    "BOOL",
    "DYNAMIC",
    "NUMBER",
    "STRING",
    "ListType",
    "MapType",
    "ObjectType",
    "PrimitiveType",
    "SetType",
    "TupleType",
    "Type",
    "object_type",
    "type_from_json",
    "type_to_json",
]


class PrimitiveType(Struct):
    """`string`, `number`, `bool`, or `dynamic`: the type that is not known yet (`any`)."""

    name: str

    def __str__(self) -> str:
        return self.name


STRING = PrimitiveType("string")
NUMBER = PrimitiveType("number")
BOOL = PrimitiveType("bool")
DYNAMIC = PrimitiveType("dynamic")


class ListType(Struct):
    """`list(element)`."""

    element: Type

    def __str__(self) -> str:
        return f"list of {self.element}"


class SetType(Struct):
    """`set(element)`."""

    element: Type

    def __str__(self) -> str:
        return f"set of {self.element}"


class MapType(Struct):
    """`map(element)`; keys are strings."""

    element: Type

    def __str__(self) -> str:
        return f"map of {self.element}"


class TupleType(Struct):
    """`tuple([a, b])`: fixed length, a type for each place."""

    elements: tuple[Type, ...]

    def __str__(self) -> str:
        return "tuple"


class ObjectType(Struct):
    """`object({a = string})`; attributes sorted by name. Make it with :func:`object_type`."""

    attributes: tuple[tuple[str, Type], ...]
    optional: frozenset[str] = frozenset()

    def as_dict(self) -> dict[str, Type]:
        """Attribute types by name."""
        return dict(self.attributes)

    def __str__(self) -> str:
        return "object"


Type = PrimitiveType | ListType | SetType | MapType | TupleType | ObjectType


def object_type(attributes: Mapping[str, Type], optional: frozenset[str] = frozenset()) -> ObjectType:
    """An object type; the order in which the attributes are given doesn't matter."""
    return ObjectType(tuple(sorted(attributes.items())), optional)


def type_to_json(kind: Type) -> Any:
    """Terraform's JSON form of a type."""
    match kind:
        case PrimitiveType():
            return kind.name
        case ListType():
            return ["list", type_to_json(kind.element)]
        case SetType():
            return ["set", type_to_json(kind.element)]
        case MapType():
            return ["map", type_to_json(kind.element)]
        case TupleType():
            return ["tuple", [type_to_json(element) for element in kind.elements]]
        case ObjectType():
            form: list[Any] = ["object", {name: type_to_json(t) for name, t in kind.attributes}]
            if kind.optional:
                form.append(sorted(kind.optional))
            return form


def type_from_json(form: Any) -> Type:
    """The inverse of :func:`type_to_json`.

    Raises:
        ValueError: `form` is not a type.
    """
    match form:
        case str():
            return {"string": STRING, "number": NUMBER, "bool": BOOL, "dynamic": DYNAMIC}[form]
        case ["list", element]:
            return ListType(type_from_json(element))
        case ["set", element]:
            return SetType(type_from_json(element))
        case ["map", element]:
            return MapType(type_from_json(element))
        case ["tuple", elements]:
            return TupleType(tuple(type_from_json(element) for element in elements))
        case ["object", attributes, *optional]:
            names = frozenset(optional[0]) if optional else frozenset()
            return object_type({name: type_from_json(t) for name, t in attributes.items()}, names)
    raise ValueError(f"not a type: {form!r}")
