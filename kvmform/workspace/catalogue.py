"""What there is to plan with: resource types, data sources, providers, and the way to a host."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kvmform.config.implied_provider import implied_address
from kvmform.config.objects import SchemaTable
from kvmform.schema import DataSource, ResourceType, Schema
from kvmform.schema.provider import ProviderSchemas
from kvmform.struct import Struct, field

__all__ = ["Catalogue", "installed"]


class Catalogue(Struct):
    """Everything beside the language that a run can use; another one serves to try kvmform without it.

    `open_host` takes a URI and the directory where relative paths in it start, and gives
    what the verbs of the types work on; the host is closed with its `close`.
    """

    types: Mapping[str, ResourceType[Any]]
    data_sources: Mapping[str, DataSource[Any]]
    providers: Mapping[str, Schema]
    open_host: Callable[[str, Path], Any]
    type_schemas: Mapping[str, Schema] = field(default_factory=dict)
    """Schemas of some resource types that can be had without their verbs."""

    @property
    def schemas(self) -> SchemaTable:
        """Schemas of all resource types and data sources; a type is loaded when its schema is asked for."""
        return _Schemas(self.types, self.data_sources, self.type_schemas)

    def by_provider(self) -> dict[str, ProviderSchemas]:
        """Everything that has a schema, by the address of its provider. All types are loaded."""
        return {
            implied_address(name): ProviderSchemas(schema, _of(name, self.types), _of(name, self.data_sources))
            for name, schema in self.providers.items()
        }


def _of(provider: str, kinds: Mapping[str, ResourceType[Any]] | Mapping[str, DataSource[Any]]) -> dict[str, Schema]:
    """The schemas of one provider's types: those whose names begin with its name."""
    return {name: kind.schema for name, kind in kinds.items() if name.partition("_")[0] == provider}


class _Schemas(SchemaTable):
    """The schemas behind two registries."""

    def __init__(
        self,
        types: Mapping[str, ResourceType[Any]],
        data_sources: Mapping[str, DataSource[Any]],
        type_schemas: Mapping[str, Schema],
    ) -> None:
        self._type_schemas = type_schemas
        self._by_mode: dict[str, Mapping[str, ResourceType[Any] | DataSource[Any]]] = {
            "managed": types,
            "data": data_sources,
        }

    def __getitem__(self, key: tuple[str, str]) -> Schema:
        mode, name = key
        if mode == "managed" and name in self._type_schemas:
            return self._type_schemas[name]
        return self._by_mode[mode][name].schema

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((mode, name) for mode, kinds in self._by_mode.items() for name in kinds)

    def __len__(self) -> int:
        return sum(map(len, self._by_mode.values()))


def installed() -> Catalogue:
    """What kvmform comes with."""
    from kvmform.resources import DATA_SOURCES, REGISTRY, SCHEMAS
    from kvmform.resources.provider import PROVIDER_SCHEMAS

    return Catalogue(REGISTRY, DATA_SOURCES, PROVIDER_SCHEMAS, _open_host, SCHEMAS)


def _open_host(uri: str, base_directory: Path) -> Any:
    from kvmform.host.host import open_host

    return open_host(uri, base_directory)
