"""Provider configurations, and the hosts that those of libvirt stand for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kvmform.config.evaluation import Evaluation
from kvmform.config.module import ProviderBlock, ResourceBlock
from kvmform.config.module_instance import ModuleInstance
from kvmform.diagnostics import DiagnosticError, SourceRange
from kvmform.schema import Object, Plain
from kvmform.values.model import Unknown
from kvmform.workspace.catalogue import Catalogue
from kvmform.workspace.provider_name import module_of, provider_name, provider_of

__all__ = ["Providers"]

_DEFAULT_URI = "qemu:///system"
_PROVIDER = "libvirt"


class Providers:
    """Opens each host once, when something first needs it. Close it when done.

    Types of other providers than libvirt need no host, and mostly no configuration either.
    """

    def __init__(
        self, catalogue: Catalogue, evaluation: Evaluation, environment: Mapping[str, str], base_directory: Path
    ) -> None:
        self._catalogue = catalogue
        self._root = evaluation.root.module
        self._evaluation = evaluation
        self._environment = environment
        self._base_directory = base_directory
        self._hosts: dict[str, Any] = {}
        self._arguments: dict[str, Object] = {}
        self._lock = threading.RLock()

    def name_of(self, within: ModuleInstance, block: ResourceBlock) -> str:
        """The configuration that a resource uses, as state names it.

        Raises:
            DiagnosticError: there is no such configuration.
        """
        kind = self._kind(within, block)
        reference = block.provider
        instance: ModuleInstance = within
        while instance.parent is not None and instance.call is not None:
            passed = instance.call.providers.get(str(reference))
            if passed is None and reference in instance.module.providers:
                return provider_name(kind, reference.alias, str(instance.address))
            reference = passed or reference
            instance = instance.parent
        if reference.alias is not None and reference not in self._root.providers:
            detail = (
                f'{block.type}.{block.name} uses the provider {reference}, but the root module has no provider "'
                f'{reference.name}" block with alias = "{reference.alias}".'
            )
            raise DiagnosticError.of("Provider configuration not present", detail, block.range)
        return provider_name(kind, reference.alias)

    def _kind(self, within: ModuleInstance, block: ResourceBlock) -> str:
        """The provider of a resource; a fork may have another name, and its types have the same."""
        kind = within.module.provider_type(block.provider.name)
        return kind if kind in self._catalogue.providers else block.type.partition("_")[0]

    def settings(self, provider: str) -> Mapping[str, Plain]:
        """Arguments of a provider configuration, with what the environment says for those not given.

        `base_directory` is where relative paths of the configuration start.
        """
        arguments = self._configured(provider)
        if provider_of(provider)[0] != _PROVIDER:
            return arguments
        kind = arguments.get("domain_type") or self._environment.get("KVMFORM_DOMAIN_TYPE") or "kvm"
        return {**arguments, "domain_type": kind, "base_directory": str(self._base_directory)}

    def uri(self, provider: str) -> str:
        """The URI of the host of a provider configuration.

        Raises:
            DiagnosticError: there is no such configuration, or it is wrong.
        """
        given = self._configured(provider).get("uri") or self._environment.get("LIBVIRT_DEFAULT_URI")
        return given or _DEFAULT_URI

    def uris(self) -> list[str]:
        """The URIs of all hosts that the root module's provider blocks mean; the default one where there are none.

        Raises:
            DiagnosticError: a block is wrong.
        """
        blocks = [
            provider_name(_PROVIDER, reference.alias)
            for reference in self._root.providers
            if self._root.provider_type(reference.name) == _PROVIDER
        ]
        return list(dict.fromkeys(self.uri(name) for name in blocks or [provider_name(_PROVIDER, None)]))

    def host(self, provider: str) -> Any:
        """The host of a provider configuration, opened now if it wasn't yet.

        Raises:
            DiagnosticError: it can't be reached.
        """
        uri = self.uri(provider)
        with self._lock:
            if uri not in self._hosts:
                try:
                    self._hosts[uri] = self._catalogue.open_host(uri, self._base_directory)
                except DiagnosticError as problem:
                    raise DiagnosticError(*(d.at(self._place(provider)) for d in problem.diagnostics)) from problem
            return self._hosts[uri]

    def look_again(self) -> None:
        """Have every host that was opened forget what it has read."""
        with self._lock:
            for host in self._hosts.values():
                host.look_again()

    def close(self) -> None:
        """Close every host that was opened."""
        with self._lock:
            for host in self._hosts.values():
                host.close()
            self._hosts.clear()

    def _block(self, provider: str) -> tuple[ModuleInstance, ProviderBlock] | None:
        """The block of a configuration, and the module that it is in."""
        kind, alias = provider_of(provider)
        within = self._within(provider)
        if within is None:
            return None
        for reference, block in within.module.providers.items():
            if reference.alias == alias and within.module.provider_type(reference.name) == kind:
                return within, block
        return None

    def _within(self, provider: str) -> ModuleInstance | None:
        """The module that a configuration is in; such a module has one instance, or is not called any more."""
        try:
            return next(iter(self._evaluation.module_instances(module_of(provider))), None)
        except (DiagnosticError, LookupError):
            return None

    def _place(self, provider: str) -> SourceRange | None:
        found = self._block(provider)
        return found[1].range if found else None

    def _configured(self, provider: str) -> Object:
        with self._lock:
            if provider not in self._arguments:
                kind, alias = provider_of(provider)
                found = self._block(provider)
                if found is None and kind == _PROVIDER and (alias is not None or module_of(provider)):
                    detail = (
                        f"Objects in state belong to {provider}, and the configuration has no such provider block any "
                        "more, so it is not known on which host they are. Put the block back until they are deleted."
                    )
                    raise DiagnosticError.of("Provider configuration not present", detail)
                self._arguments[provider] = self._evaluate(kind, *found) if found else {}
            return self._arguments[provider]

    def _evaluate(self, kind: str, within: ModuleInstance, block: ProviderBlock) -> Object:
        arguments = self._evaluation.provider(within, block, self._catalogue.providers[kind])
        for name, value in arguments.items():
            if isinstance(value, Unknown):
                detail = (
                    f'"{name}" of a provider must be known before anything is applied; here it is known only after.'
                )
                raise DiagnosticError.of("Provider argument not known yet", detail, block.body.attributes[name].range)
        return arguments
