"""What instances name in plain text: `pool = "images"` means the storage pool of that name, if it is declared too.

Rows tell what they name (`Row.names`). A name is worth as much as a reference where the order of
steps is concerned, as far as it is known when the plan is made. Of the path of a volume that is
still to be made, what it begins with is known, and that is all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kvmform.address import InstanceAddress
from kvmform.plan.request import Request
from kvmform.schema import Block, Object, Plain, ResourceType, Row
from kvmform.struct import Struct
from kvmform.values.model import Unknown

__all__ = ["Named", "named_by", "recorded_users"]

Name = tuple[str, str]
"""A type, and the attribute of it that is a name."""


class Named(Struct):
    """An object that names others or is named, and the provider configuration that says which host it is on."""

    address: InstanceAddress
    provider: str
    object: Object


def named_by(
    found: Iterable[Named], types: Mapping[str, ResourceType[Any]]
) -> dict[InstanceAddress, tuple[InstanceAddress, ...]]:
    """For each of the objects that name others among them, the addresses of those."""
    objects = list(found)
    present = {each.address.type for each in objects}
    naming = {kind: tuple(_naming(types[kind].schema.rows)) for kind in present if kind in types}
    wanted: dict[str, set[str]] = {}
    for places in naming.values():
        for _, (kind, attribute) in places:
            wanted.setdefault(kind, set()).add(attribute)
    known: dict[tuple[str, str, str, str], list[InstanceAddress]] = {}
    for each in objects:
        for attribute in wanted.get(each.address.type, ()):
            value = each.object.get(attribute)
            value = value.prefix if isinstance(value, Unknown) else value
            if isinstance(value, str) and value:
                known.setdefault((each.provider, each.address.type, attribute, value), []).append(each.address)
    used = {each.address: _used(each, naming.get(each.address.type, ()), known) for each in objects}
    return {address: tuple(others) for address, others in used.items() if others}


def recorded_users(request: Request) -> dict[InstanceAddress, set[str]]:
    """The resources that each recorded instance depended on when it was last applied, those that it only names too."""
    recorded = (Named(each.address, each.provider, each.attributes) for each in request.prior.values())
    named = named_by(recorded, request.types)
    return {
        address: {*prior.dependencies, *(str(other.resource) for other in named.get(address, ()))}
        for address, prior in request.prior.items()
    }


def _naming(rows: Mapping[str, Row | Block], at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Name]]:
    """The rows of a table that name something, each by its way through the blocks, and what it names."""
    for name, row in rows.items():
        if isinstance(row, Block):
            yield from _naming(row.rows, (*at, name))
        elif row.names is not None:
            yield (*at, name), row.names


def _used(
    user: Named,
    places: Iterable[tuple[tuple[str, ...], Name]],
    known: Mapping[tuple[str, str, str, str], list[InstanceAddress]],
) -> dict[InstanceAddress, None]:
    found: dict[InstanceAddress, None] = {}
    for way, (kind, attribute) in places:
        for value in _values(user.object, way):
            if isinstance(value, str):
                found |= dict.fromkeys(known.get((user.provider, kind, attribute, value), ()))
    found.pop(user.address, None)
    return found


def _values(value: Plain, way: tuple[str, ...]) -> Iterator[Plain]:
    """The values at the end of a way, through every element of the blocks on it."""
    if isinstance(value, list):
        for element in value:
            yield from _values(element, way)
    elif not way:
        yield value
    elif isinstance(value, dict):
        yield from _values(value.get(way[0]), way[1:])
