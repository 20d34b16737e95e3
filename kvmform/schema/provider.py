"""What one provider has."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.schema.row import Schema
from kvmform.struct import Struct, field

__all__ = ["ProviderSchemas"]


class ProviderSchemas(Struct):
    """The table of a provider's block, and those of its resource types and data sources by name."""

    provider: Schema
    resources: Mapping[str, Schema] = field(default_factory=dict)
    data_sources: Mapping[str, Schema] = field(default_factory=dict)
