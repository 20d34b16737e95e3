"""The schema of what is shown, where a form needs more than the values."""

from __future__ import annotations

from kvmform.schema import Path, Schema
from kvmform.state.model import InstanceState

__all__ = ["schema_of", "schema_version", "secrets_of"]


def schema_of(mode: str, kind: str) -> Schema | None:
    """The schema of a resource type or data source; None where kvmform has none of that name."""
    from kvmform.resources import DATA_SOURCES, REGISTRY

    found = (REGISTRY if mode == "managed" else DATA_SOURCES).get(kind)
    return found.schema if found is not None else None


def secrets_of(instance: InstanceState) -> frozenset[Path]:
    """What is sensitive of a recorded instance: what the record says, and what is so by its nature."""
    schema = schema_of(instance.address.resource.mode, instance.address.type)
    return instance.sensitive | (schema.secrets_of(instance.attributes) if schema is not None else frozenset())


def schema_version(mode: str, kind: str) -> int:
    """The version of a schema."""
    schema = schema_of(mode, kind)
    return schema.version if schema is not None else 0
