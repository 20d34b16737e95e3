"""What one provider has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kvmform.schema.row import Schema

__all__ = ["ProviderSchemas"]


@dataclass(frozen=True, slots=True)
class ProviderSchemas:
    """The table of a provider's block, and those of its resource types and data sources by name."""

    provider: Schema
    resources: Mapping[str, Schema] = field(default_factory=dict)
    data_sources: Mapping[str, Schema] = field(default_factory=dict)
