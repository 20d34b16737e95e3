"""The schema of what is shown, where a form needs more than the values."""

from __future__ import annotations

from kvmform.schema import Schema

__all__ = ["schema_of", "schema_version"]


def schema_of(mode: str, kind: str) -> Schema | None:
    """The schema of a resource type or data source; None where kvmform has none of that name."""
    from kvmform.resources import DATA_SOURCES, REGISTRY

    found = (REGISTRY if mode == "managed" else DATA_SOURCES).get(kind)
    return found.schema if found is not None else None


def schema_version(mode: str, kind: str) -> int:
    """The version of a schema."""
    schema = schema_of(mode, kind)
    return schema.version if schema is not None else 0
