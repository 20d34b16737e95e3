"""Paths of the machine where kvmform runs, as a configuration gives them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from pathlib import Path

from kvmform.diagnostics import DiagnosticError
from kvmform.schema import Claim, Object

__all__ = ["claims_path", "located"]


def located(base_directory: Path, path: str) -> Path:
    """Where a path leads; a relative one starts in the root module's directory.

    Raises:
        DiagnosticError: nothing can be called that.
    """
    if "\0" in path:
        raise DiagnosticError.of("Invalid path", f"No file has a NUL character in its name: {path!r}.")
    return base_directory / path


def claims_path(attribute: str) -> Callable[[Object], Iterable[Claim]]:
    """The claim to a path: what another block wants to have there waits until this object is deleted."""

    def claims(found: Object) -> Iterable[Claim]:
        path = found[attribute]
        return [("path", posixpath.normpath(path))] if isinstance(path, str) else []

    return claims
