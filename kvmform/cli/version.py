"""`kvmform version`."""

from __future__ import annotations

import platform

from kvmform import __version__
from kvmform.cli import flags
from kvmform.cli.session import own_product

__all__ = ["version"]

LANGUAGE_LEVEL = "1.11.4"
"""The Terraform whose language and formats kvmform speaks; wrappers compare it."""


def version(*, json: flags.Json = False) -> None:
    """Show the version of kvmform; as Terraform's or OpenTofu's, that of the language, where it runs in their place."""
    called = own_product()
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    where = f"{platform.system().lower()}_{machine}"
    if not json:
        print(f"{called.name} v{__version__ if called.is_own else LANGUAGE_LEVEL}\non {where}")
        return
    import json as format_

    document = {
        "terraform_version": LANGUAGE_LEVEL,
        "kvmform_version": __version__,
        "platform": where,
        "provider_selections": {},
        "terraform_outdated": False,
    }
    print(format_.dumps(document, indent=2))
