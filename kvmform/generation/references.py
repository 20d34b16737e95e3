"""References in the place of names and ids: `pool = libvirt_pool.images.name`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kvmform.generation.text import Reference
from kvmform.schema import Block, Object, Plain, Row
from kvmform.struct import Struct

__all__ = ["Known", "References"]

Rows = Mapping[str, Row | Block]


class Known(Struct):
    """An object that the configuration has: its address as an expression, its type, and what it is."""

    expression: str
    type: str
    object: Object


class References:
    """What the objects on one host are called in the configuration."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._names: dict[tuple[str, str, str], str] = {}
        self._ids: dict[str, str] = {}
        for each in known:
            for attribute, value in each.object.items():
                if isinstance(value, str) and value:
                    self._names.setdefault((each.type, attribute, value), each.expression)
            identity = each.object.get("id")
            if isinstance(identity, str) and identity:
                # The id of a seed has a revision behind its path.
                for text in (identity, identity.partition(";")[0]):
                    self._ids.setdefault(text, each.expression)

    def put_into(self, rows: Rows, arguments: Object, own: str) -> Object:
        """The arguments of an object, whose own address is `own`, with references where they name others."""
        return {name: self._value(rows[name], value, own) for name, value in arguments.items()}

    def _value(self, row: Row | Block, value: Any, own: str) -> Plain:
        if isinstance(row, Block):
            return [self.put_into(row.rows, each, own) for each in value]
        if not isinstance(value, str):
            return value
        kind, attribute = row.names or ("", "")
        named = self._names.get((kind, attribute, value))
        if named is not None and named != own:
            return Reference(f"{named}.{attribute}")
        found = self._ids.get(value)
        return value if found in {None, own} else Reference(f"{found}.id")
