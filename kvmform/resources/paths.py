"""Paths of the machine where kvmform runs, as a configuration gives them."""

from __future__ import annotations

from pathlib import Path

from kvmform.diagnostics import DiagnosticError

__all__ = ["located"]


def located(base_directory: Path, path: str) -> Path:
    """Where a path leads; a relative one starts in the root module's directory.

    Raises:
        DiagnosticError: nothing can be called that.
    """
    if "\0" in path:
        raise DiagnosticError.of("Invalid path", f"No file has a NUL character in its name: {path!r}.")
    return base_directory / path
