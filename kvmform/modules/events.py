"""What an installation tells while it goes on."""

from __future__ import annotations

from collections.abc import Callable

from kvmform.struct import Struct

__all__ = ["Downloading", "Installed", "Tell"]


class Downloading(Struct):
    """A package is about to be fetched for a module; `version` only of those from a registry."""

    key: str
    package: str
    version: str = ""

    def __str__(self) -> str:
        version = f" {self.version}" if self.version else ""
        return f"Downloading {self.package}{version} for {self.key}..."


class Installed(Struct):
    """A module is in its place."""

    key: str
    directory: str

    def __str__(self) -> str:
        return f"- {self.key} in {self.directory}"


Tell = Callable[[Downloading | Installed], None]
"""Somebody who wants to know."""
