"""Instances nested in their modules, as plan and state JSON have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kvmform.address import InstanceAddress, ModuleAddress, parse_instance
from kvmform.schema import Object, Path
from kvmform.view.masks import sensitive_mask

__all__ = ["instance_form", "module_tree"]


def instance_form(
    address: InstanceAddress, provider: str, values: Object, sensitive: Iterable[Path], version: int = 0
) -> dict[str, Any]:
    """One instance: a member of `resources`."""
    form: dict[str, Any] = {
        "address": str(address),
        "mode": address.resource.mode,
        "type": address.type,
        "name": address.resource.name,
    }
    if address.key is not None:
        form["index"] = address.key
    form |= {
        "provider_name": provider.split('"')[1] if '"' in provider else provider,
        "schema_version": version,
        "values": values,
        "sensitive_values": sensitive_mask(values, sensitive) or {},
    }
    return form


def module_tree(instances: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The root module with its resources and `child_modules`."""
    root: dict[str, Any] = {}
    modules: dict[ModuleAddress, dict[str, Any]] = {ModuleAddress(): root}
    for form in instances:
        module = parse_instance(form["address"]).module
        _module(modules, module).setdefault("resources", []).append(form)
    return root


def _module(modules: dict[ModuleAddress, dict[str, Any]], address: ModuleAddress) -> dict[str, Any]:
    if address not in modules:
        parent = _module(modules, ModuleAddress(address.steps[:-1]))
        modules[address] = {"address": str(address)}
        parent.setdefault("child_modules", []).append(modules[address])
    return modules[address]
