"""Instances nested in their modules, as plan and state JSON have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kvmform.address import InstanceAddress, ModuleAddress, parse_instance, without_keys
from kvmform.schema import Object, Path
from kvmform.view.known_schema import schema_version
from kvmform.view.masks import sensitive_mask

__all__ = ["instance_form", "module_tree", "provider_source", "recorded_members"]


def instance_form(
    address: InstanceAddress, provider: str, values: Object, sensitive: Iterable[Path], version: int | None = None
) -> dict[str, Any]:
    """One instance: a member of `resources`; `version` is that of the schema where another one wrote it."""
    form: dict[str, Any] = {
        "address": str(address),
        "mode": address.resource.mode,
        "type": address.type,
        "name": address.resource.name,
    }
    if address.key is not None:
        form["index"] = address.key
    form |= {
        "provider_name": provider_source(provider),
        "schema_version": schema_version(address.resource.mode, address.type) if version is None else version,
        "values": values,
        "sensitive_values": sensitive_mask(values, sensitive) or {},
    }
    return form


def provider_source(provider: str) -> str:
    """The address of a provider in the name of one of its configurations, as `registry.terraform.io/hashicorp/null`."""
    return provider.split('"')[1] if '"' in provider else provider


def recorded_members(dependencies: Iterable[str], *, tainted: bool, deposed: str) -> dict[str, Any]:
    """What state JSON has of an instance beside its values, where there is any; Terraform tells no keys of modules."""
    form: dict[str, Any] = {}
    if resources := sorted({without_keys(each) for each in dependencies}):
        form["depends_on"] = resources
    if tainted:
        form["tainted"] = True
    if deposed:
        form["deposed_key"] = deposed
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
