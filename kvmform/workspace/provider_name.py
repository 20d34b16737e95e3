"""How Terraform's state names a libvirt provider configuration: by its address, and the alias if it has one."""

from __future__ import annotations

import re

__all__ = ["alias_of", "provider_name"]

_ADDRESS = "registry.terraform.io/dmacvicar/libvirt"
_NAME = re.compile(r'^provider\["[^"]+"\](?:\.(?P<alias>.+))?$')


def provider_name(alias: str | None) -> str:
    """The name of the configuration with this alias; None: the default one."""
    text = f'provider["{_ADDRESS}"]'
    return text if alias is None else f"{text}.{alias}"


def alias_of(name: str) -> str | None:
    """The alias in a name, whichever registry or fork the address is of; None for the default configuration."""
    found = _NAME.match(name)
    return found["alias"] if found else None
