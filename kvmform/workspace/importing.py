"""Find an object that is to be imported, or that others are like, and read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kvmform.schema import Object, Observed, ResourceType
from kvmform.state.records import known

if TYPE_CHECKING:
    from kvmform.workspace.providers import Providers

__all__ = ["read_import", "read_original"]


def read_import(
    providers: Providers, provider: str, kind: ResourceType[Any], name: str, config: Object | None
) -> Observed | None:
    """The object that a name, UUID or path means; None if there is none.

    What the configuration doesn't speak of, and libvirt doesn't choose, isn't told of it: so
    an object is as wanted when all that is wanted is there. Without a configuration all is told.
    """
    assert kind.find is not None
    host = providers.host(provider) if kind.needs_host else None
    found = kind.find(host, name)
    if found is None or config is None:
        return None if found is None else kind.read(host, found)
    observed = kind.read(host, {**known(config), **found})
    # Once more, now that it is known what libvirt chose: what is at work is compared with what is defined by that.
    return None if observed is None else kind.read(host, observed.object)


def read_original(providers: Providers, provider: str, kind: ResourceType[Any], name: str) -> Object | None:
    """The object that a name or an id means, with all that can be said of it; None if there is none."""
    host = providers.host(provider) if kind.needs_host else None
    return kind.original(host, name) if kind.original is not None else None
