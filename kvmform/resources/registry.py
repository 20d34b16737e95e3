"""A registry whose entries are imported when somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, TypeVar

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """Constants by name, each of them in a module below `kvmform.resources` that is imported with its first use.

    Which names there are costs no import, so a lab pays for the types that it uses.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        """`places`: for each name the module and the constant in it, as ``random.string:STRING``."""
        self._places = places
        self._loaded: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._loaded:
            module, _, constant = self._places[name].partition(":")
            found: Any = getattr(import_module(f"kvmform.resources.{module}"), constant)
            self._loaded[name] = found
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places
