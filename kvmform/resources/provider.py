"""The `provider "libvirt"` block: its arguments, and how state names it."""

from __future__ import annotations

import re

from kvmform.schema import Row, Schema
from kvmform.values.types import STRING

__all__ = ["PROVIDER_SCHEMAS", "provider_alias", "provider_text"]

_ADDRESS = "registry.terraform.io/dmacvicar/libvirt"
_TEXT = re.compile(r'^provider\["[^"]+"\](?:\.(?P<alias>.+))?$')

PROVIDER_SCHEMAS = {
    "libvirt": Schema(
        rows={
            "uri": Row(
                type=STRING,
                doc="libvirt's URI of the host: qemu:///system, qemu+ssh://HOST/system, or test+file:NAME.xml for a "
                "simulated host. By default that of the environment variable LIBVIRT_DEFAULT_URI, else qemu:///system.",
            ),
            "domain_type": Row(
                type=STRING,
                doc="`type` of domains that don't give one: kvm or qemu. By default that of the environment variable "
                "KVMFORM_DOMAIN_TYPE, else kvm.",
            ),
        },
        doc="One libvirt host.",
    )
}
"""Schemas of provider blocks, by provider name."""


def provider_text(alias: str | None) -> str:
    """How Terraform's state names a libvirt provider configuration."""
    text = f'provider["{_ADDRESS}"]'
    return text if alias is None else f"{text}.{alias}"


def provider_alias(text: str) -> str | None:
    """The alias in a provider's name in state; None for the default configuration."""
    found = _TEXT.match(text)
    return found["alias"] if found else None
