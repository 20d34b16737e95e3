"""Which provider a name stands for where `required_providers` doesn't say."""

from __future__ import annotations

__all__ = ["BUILT_IN", "implied_address"]

BUILT_IN = "terraform.io/builtin/terraform"
"""The address of what Terraform has built in."""

_IMPLIED = {"terraform": BUILT_IN, "libvirt": "registry.terraform.io/dmacvicar/libvirt"}
"""Terraform would take libvirt for HashiCorp's, as all others."""


def implied_address(name: str) -> str:
    """The full address: `registry.terraform.io/hashicorp/random`."""
    return _IMPLIED.get(name, f"registry.terraform.io/hashicorp/{name}")
