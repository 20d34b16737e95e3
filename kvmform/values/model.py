"""Values of Terraform's language.

Known, unmarked values are plain Python where that is exact:

    str · bool · int (a whole number) · BigFloat (any other number) · None (null of no type)
    tuple (a tuple) · dict[str, Value] (an object, in any order)

The rest is wrapped: :class:`ListValue`, :class:`SetValue`, :class:`MapValue`,
:class:`NullValue` (a null of known type), :class:`Unknown` and :class:`Marked`.
Never compare values with Python's `==` (`True == 1`); see :mod:`kvmform.values.equality`.
"""

from __future__ import annotations

from typing import Any

from kvmform.struct import Struct
from kvmform.values.types import DYNAMIC, Type

__all__ = [
    "EPHEMERAL",
    "SENSITIVE",
    "UNKNOWN",
    "ListValue",
    "MapValue",
    "Marked",
    "NullValue",
    "SetValue",
    "Unknown",
    "Value",
]

Value = Any
"""Any value of the language, in the form that this module describes."""

SENSITIVE = "sensitive"
EPHEMERAL = "ephemeral"


class ListValue(Struct, eq=False):
    """A `list(element)`."""

    element: Type
    items: tuple[Value, ...]


class SetValue(Struct, eq=False):
    """A `set(element)`; items are unique and in Terraform's order."""

    element: Type
    items: tuple[Value, ...]


class MapValue(Struct, eq=False):
    """A `map(element)`."""

    element: Type
    items: dict[str, Value]


class NullValue(Struct):
    """A null of known type; a null of no type is None."""

    type: Type


class Unknown(Struct):
    """A value that is known only after apply, with what is known of it already.

    `prefix` is how a string begins; `min_length` and `max_length` bound a collection.
    """

    type: Type = DYNAMIC
    not_null: bool = False
    prefix: str = ""
    min_length: int = 0
    max_length: int | None = None


UNKNOWN = Unknown()
"""Nothing is known of it, not even the type."""


class Marked(Struct, eq=False):
    """A value with marks (:data:`SENSITIVE`, :data:`EPHEMERAL`); never nested in itself."""

    value: Value
    marks: frozenset[str]
