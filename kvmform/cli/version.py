"""`kvmform version`."""

from __future__ import annotations

import platform

from kvmform import __version__
from kvmform.cli import flags

__all__ = ["version"]

LANGUAGE_LEVEL = "1.11.4"
"""The Terraform whose language and formats kvmform speaks; wrappers compare it."""


def version(*, json: flags.Json = False) -> None:
    """Show the version of kvmform."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    where = f"{platform.system().lower()}_{machine}"
    if not json:
        print(f"kvmform v{__version__}\non {where}")
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
