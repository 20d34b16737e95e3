"""Which providers the modules of a configuration need."""

from __future__ import annotations

from kvmform.config.implied_provider import BUILT_IN, implied_address
from kvmform.config.module import Module
from kvmform.modules.source import DEFAULT_REGISTRY
from kvmform.modules.version import Constraints

__all__ = ["provider_address", "required_by"]


def provider_address(module: Module, name: str) -> str:
    """The full address of the provider that a name stands for in a module."""
    given = module.local_providers.get(name)
    if given is None:
        return implied_address(name)
    if given == BUILT_IN:
        return BUILT_IN
    parts = given.lower().split("/")
    return "/".join([DEFAULT_REGISTRY, "hashicorp"][: 3 - len(parts)] + parts)


def required_by(module: Module) -> dict[str, Constraints]:
    """The providers that a module itself needs, by address in order, with the versions that it allows."""
    names = {
        *module.local_providers,
        *(reference.name for reference in module.providers),
        *(block.provider.name for block in module.resources.values()),
    }
    found: dict[str, Constraints] = {}
    for name in names:
        address = provider_address(module, name)
        versions = module.provider_versions.get(name, Constraints())
        found[address] = Constraints((*found.get(address, Constraints()).parts, *versions.parts))
    return dict(sorted(found.items()))
