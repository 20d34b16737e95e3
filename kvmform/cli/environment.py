"""The environment: Terraform's variables, each also under kvmform's own name, which counts first."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["terraform_named"]

_OWN, _TERRAFORM = "KVMFORM_", "TF_"


def terraform_named(environment: Mapping[str, str]) -> Mapping[str, str]:
    """An environment in which whatever KVMFORM_name is set to stands as TF_name too, in place of what that was."""
    own = {name.removeprefix(_OWN): text for name, text in environment.items() if name.startswith(_OWN)}
    return {**environment, **{f"{_TERRAFORM}{name}": text for name, text in own.items()}} if own else environment
