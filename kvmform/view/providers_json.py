"""Providers in plan JSON: each configuration of one, by the key with which resources name it.

Source: internal/command/jsonconfig/config.go of Terraform 1.11.
"""

from __future__ import annotations

from typing import Any

from kvmform.config.module import Module, ProviderReference
from kvmform.config.requirements import provider_address

__all__ = ["configuration_key", "provider_configurations"]


def provider_configurations(root: Module) -> dict[str, tuple[Module, ProviderReference, dict[str, Any]]]:
    """By key: the module and the reference of each configuration, and what is told of it but its arguments."""
    found = {}
    for module in root.walk():
        used = {block.provider for block in module.resources.values()}
        required = {ProviderReference(name) for name in module.local_providers} if module is root else set()
        for reference in (*module.providers, *used, *required):
            where, own = _configured(root, module, reference)
            found[_key(where, own)] = (where, own, _form(where, own))
    return dict(sorted(found.items()))


def configuration_key(root: Module, module: Module, reference: ProviderReference) -> str:
    """The key of the configuration that a reference in a module leads to."""
    return _key(*_configured(root, module, reference))


def _configured(root: Module, module: Module, reference: ProviderReference) -> tuple[Module, ProviderReference]:
    """Where a configuration is, and its name there: in the module itself, or in one around that passes it on."""
    while module.path and reference not in module.providers:
        *around, name = module.path
        module = root.descendant(tuple(around))
        reference = module.calls[name].providers.get(str(reference), reference)
    return module, reference


def _key(module: Module, reference: ProviderReference) -> str:
    return f"{_address(module)}:{reference}" if module.path else str(reference)


def _address(module: Module) -> str:
    return ".".join(f"module.{name}" for name in module.path)


def _form(module: Module, reference: ProviderReference) -> dict[str, Any]:
    form = {"name": reference.name, "full_name": provider_address(module, reference.name)}
    if reference.alias is not None:
        form["alias"] = reference.alias
    if str(versions := module.provider_versions.get(reference.name, "")):
        form["version_constraint"] = str(versions)
    if module.path:
        form["module_address"] = _address(module)
    return form
