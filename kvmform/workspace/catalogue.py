"""What there is to plan with: resource types, data sources, providers, and the way to a host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvmform.config.objects import SchemaTable
from kvmform.schema import DataSource, ResourceType, Schema

__all__ = ["Catalogue", "installed"]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything of libvirt that a run can use; another one serves to try kvmform without it.

    `open_host` takes a URI and the directory where relative paths in it start, and gives
    what the verbs of the types work on; the host is closed with its `close`.
    """

    types: Mapping[str, ResourceType[Any]]
    data_sources: Mapping[str, DataSource[Any]]
    providers: Mapping[str, Schema]
    open_host: Callable[[str, Path], Any]

    @property
    def schemas(self) -> SchemaTable:
        """Schemas of all resource types and data sources."""
        return {("managed", name): kind.schema for name, kind in self.types.items()} | {
            ("data", name): source.schema for name, source in self.data_sources.items()
        }


def installed() -> Catalogue:
    """What kvmform comes with."""
    from kvmform.host.host import open_host
    from kvmform.resources import DATA_SOURCES, REGISTRY
    from kvmform.resources.provider import PROVIDER_SCHEMAS

    return Catalogue(REGISTRY, DATA_SOURCES, PROVIDER_SCHEMAS, open_host)
