"""Attributes of any type, as people and programs get them: the value without its type.

In objects and in state such an attribute is ``{"value": …, "type": …}``. Only the schema tells
it from a map with these two keys, and is asked only where something looks like it.
"""

from __future__ import annotations

from kvmform.address import ResourceAddress
from kvmform.schema import Object, Path, Plain
from kvmform.view.known_schema import schema_of

__all__ = ["bare", "bare_object"]


def bare_object(address: ResourceAddress, found: Object) -> Object:
    """The object with bare values; the same one where there is nothing to take off."""
    dynamic = [name for name, value in found.items() if _looks_dynamic(value)]
    schema = schema_of(address.mode, address.type) if dynamic else None
    if schema is None:
        return found
    return found | {name: found[name]["value"] for name in dynamic if schema.is_dynamic(name)}


def bare(address: ResourceAddress, path: Path, value: Plain) -> Plain:
    """The bare value of what is at a path."""
    if len(path) == 1 and _looks_dynamic(value):
        schema = schema_of(address.mode, address.type)
        if schema is not None and schema.is_dynamic(str(path[0])):
            return value["value"]
    return value


def _looks_dynamic(value: Plain) -> bool:
    return isinstance(value, dict) and value.keys() == {"value", "type"}
