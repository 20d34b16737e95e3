"""The part of a package behind `//`, in which Terraform allows for wildcards."""

from __future__ import annotations

from pathlib import Path

from kvmform.modules.fetch_error import FetchError

__all__ = ["find_subdirectory"]


def find_subdirectory(package: Path, subdirectory: str) -> Path:
    """The one directory in a package that a subdirectory names.

    Raises:
        FetchError: there is none, or more than one.
    """
    if not subdirectory:
        return package
    # A package that is a link to a local directory is searched at its end; what is found stays below the link.
    found = sorted(path for path in package.glob(subdirectory) if path.is_dir())
    if len(found) == 1:
        return found[0]
    if found:
        raise FetchError(f'subdir "{subdirectory}" matches multiple paths')
    raise FetchError(f'subdir "{subdirectory}" not found in the package')
