"""Which provider configurations modules are given: what the `providers` of their calls may say, and must.

Source: https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from collections.abc import Iterator

from kvmform.config.module import Module, ModuleCall, ProviderReference
from kvmform.diagnostics import Diagnostic, Diagnostics, error

__all__ = ["check_passed_providers"]


def check_passed_providers(module: Module, problems: Diagnostics) -> None:
    """Check the provider configurations that a module passes to those that it calls."""
    for name, child in sorted(module.children.items()):
        call = module.calls[name]
        for text, reference in call.providers.items():
            problem = _wrong(module, child, call, ProviderReference.parse(text), reference)
            if problem is not None:
                problems.add(problem)
        problems.add(*_missing(child, call))
        problems.add(*_incompatible(child, call))


def _wrong(
    module: Module, child: Module, call: ModuleCall, inside: ProviderReference, outside: ProviderReference
) -> Diagnostic | None:
    at = call.provider_ranges[str(inside)]
    own = child.providers.get(inside)
    if own is not None and not own.is_empty:
        detail = (
            f'The module "{call.name}" configures the provider {inside} itself, at {own.range}, so it can\'t be given '
            "another configuration. Take one of the two away."
        )
        return error("Cannot override provider configuration", detail, at)
    if inside.alias is not None and own is None and inside not in child.provider_aliases:
        detail = (
            f'The module "{call.name}" does not declare a provider configuration {inside}. It takes those that its '
            "required_providers lists in configuration_aliases, and the ones without alias."
        )
        return error("Reference to undefined provider", detail, at)
    if module.provider_type(outside.name) != child.provider_type(inside.name):
        detail = (
            f'The provider {outside} here is not what the module "{call.name}" calls {inside.name}: they are '
            f'"{module.provider_type(outside.name)}" and "{child.provider_type(inside.name)}".'
        )
        return error("Provider type mismatch", detail, at)
    return None


def _missing(child: Module, call: ModuleCall) -> Iterator[Diagnostic]:
    for alias in sorted(child.provider_aliases - {ProviderReference.parse(text) for text in call.providers}, key=str):
        detail = (
            f'The module "{call.name}" requires a configuration for the provider {alias}. Pass one: '
            f"providers = {{ {alias} = {alias.name} }}."
        )
        yield error("Missing required provider configuration", detail, call.range)


def _incompatible(child: Module, call: ModuleCall) -> Iterator[Diagnostic]:
    """A module with configurations of its own exists once: they are needed until all that it made is deleted."""
    repetition = call.count or call.for_each or next(iter(call.depends_on), None)
    configured = next((p for each in child.walk() for p in each.providers.values() if not p.is_empty), None)
    if repetition is not None and configured is not None:
        detail = (
            f'The module "{call.name}" configures the provider "{configured.name}" itself, at {configured.range}, so '
            "it can't have count, for_each or depends_on. Configure the provider in the root module, and pass it with "
            "providers."
        )
        yield error("Module is incompatible with count, for_each, and depends_on", detail, repetition.range)
