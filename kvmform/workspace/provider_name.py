"""How Terraform's state names a provider configuration: by the provider's address, and the alias if it has one."""

from __future__ import annotations

import re

__all__ = ["provider_address", "provider_name", "provider_of"]

_ADDRESSES = {"libvirt": "registry.terraform.io/dmacvicar/libvirt", "terraform": "terraform.io/builtin/terraform"}
"""Of the providers that are not HashiCorp's own, as all others are whose source nobody says."""

_NAME = re.compile(r'(?:^|\.)provider(?:\["(?:[^"]*/)?(?P<new>[^"/]+)"\]|\.(?P<old>[^.]+))(?:\.(?P<alias>.+))?$')


def provider_address(kind: str) -> str:
    """The address of a provider whose source nobody says: `registry.terraform.io/hashicorp/random`."""
    return _ADDRESSES.get(kind, f"registry.terraform.io/hashicorp/{kind}")


def provider_name(kind: str, alias: str | None = None, module: str = "") -> str:
    """The name of a configuration of a provider: `libvirt`, `random`.

    `module` is the address of the module that has the provider block, empty for the root module.
    """
    parts = [module, f'provider["{provider_address(kind)}"]', alias or ""]
    return ".".join(part for part in parts if part)


def provider_of(name: str) -> tuple[str, str | None]:
    """The provider in a name, whichever registry or fork its address is of, and the alias, if any.

    Before Terraform 0.13 a name had no address: ``provider.random.second``.
    """
    found = _NAME.search(name)
    return (found["new"] or found["old"], found["alias"]) if found else ("libvirt", None)
