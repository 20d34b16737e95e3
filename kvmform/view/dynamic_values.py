"""Attributes of any type, as people and programs get them: the value without its type.

In objects and in state such an attribute is ``{"value": …, "type": …}``. Only the schema tells
it from a map with these two keys, and is asked only where something looks like it.
"""

from __future__ import annotations

from kvmform.address import ResourceAddress
from kvmform.schema import Object, Path, Plain, Schema

__all__ = ["bare", "bare_object"]


def bare_object(address: ResourceAddress, found: Object) -> Object:
    """The object with bare values; the same one where there is nothing to take off."""
    dynamic = [name for name, value in found.items() if _looks_dynamic(value)]
    schema = _schema_of(address) if dynamic else None
    if schema is None:
        return found
    return found | {name: found[name]["value"] for name in dynamic if schema.is_dynamic(name)}


def bare(address: ResourceAddress, path: Path, value: Plain) -> Plain:
    """The bare value of what is at a path."""
    if len(path) == 1 and _looks_dynamic(value):
        schema = _schema_of(address)
        if schema is not None and schema.is_dynamic(str(path[0])):
            return value["value"]
    return value


def _looks_dynamic(value: Plain) -> bool:
    return isinstance(value, dict) and value.keys() == {"value", "type"}


def _schema_of(address: ResourceAddress) -> Schema | None:
    from kvmform.resources import DATA_SOURCES, REGISTRY

    registry = REGISTRY if address.mode == "managed" else DATA_SOURCES
    kind = registry.get(address.type)
    return kind.schema if kind is not None else None
