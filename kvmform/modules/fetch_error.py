"""A package that can't be had."""

from __future__ import annotations

__all__ = ["FetchError"]


class FetchError(Exception):
    """Says what was tried and how it failed, in words that can follow a colon; becomes a diagnostic."""

    def way_out(self, _name: str) -> str:
        """What to do about it, for the module of this name; ends the sentence before."""
        return "."


class UnreachableError(FetchError):
    """Whoever has the package could not be reached, or didn't let us in."""

    def way_out(self, name: str) -> str:
        """Go on without the network."""
        return (
            "\n\nCheck the address, and the way there. To do without the network, put a copy of the module beside the "
            f'lab and call that: source = "./modules/{name}".'
        )
