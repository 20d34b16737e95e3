"""How Terraform's state names a provider configuration: by the provider's address, and the alias if it has one."""

from __future__ import annotations

import re

from kvmform.config.implied_provider import implied_address

__all__ = ["module_of", "provider_name", "provider_of"]

_NAME = re.compile(r'(?:^|\.)provider(?:\["(?:[^"]*/)?(?P<new>[^"/]+)"\]|\.(?P<old>[^.]+))(?:\.(?P<alias>.+))?$')


def provider_name(kind: str, alias: str | None = None, module: str = "") -> str:
    """The name of a configuration of a provider: `libvirt`, `random`.

    Mirrors and forks have the address of the original: what is recorded does not depend on
    where a provider would be fetched from. `module` is the address of the module that has the
    provider block, empty for the root module.
    """
    parts = [module, f'provider["{implied_address(kind)}"]', alias or ""]
    return ".".join(part for part in parts if part)


def provider_of(name: str) -> tuple[str, str | None]:
    """The provider in a name, whichever registry or fork its address is of, and the alias, if any.

    Before Terraform 0.13 a name had no address: ``provider.random.second``.
    """
    found = _NAME.search(name)
    return (found["new"] or found["old"], found["alias"]) if found else ("libvirt", None)


def module_of(name: str) -> tuple[str, ...]:
    """The names of the calls that lead to the module with the provider block; none for the root module."""
    found = _NAME.search(name)
    return tuple(name[: found.start()].split(".")[1::2]) if found else ()
