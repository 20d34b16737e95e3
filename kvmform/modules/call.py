"""A call of a module, as far as finding the module goes, and who finds it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from kvmform.diagnostics import SourceRange
from kvmform.modules.source import LocalSource, ModuleSource
from kvmform.modules.version import Constraints
from kvmform.struct import Struct

__all__ = ["Call", "Modules", "local_directory"]


class Call(Struct, kw_only=True):
    """A `module` block. `path` is the names that lead to it from the root, its own the last."""

    path: tuple[str, ...]
    source: ModuleSource
    constraints: Constraints
    range: SourceRange
    source_range: SourceRange

    @property
    def name(self) -> str:
        """The block's label."""
        return self.path[-1]

    @property
    def key(self) -> str:
        """What the manifest calls it."""
        return ".".join(self.path)

    @property
    def parent_key(self) -> str:
        """What the manifest calls the calling module."""
        return ".".join(self.path[:-1])


class Modules(Protocol):
    """Tells the directories of modules."""

    def directory_of(self, call: Call, caller: Path) -> Path:
        """The directory of the module that is called; `caller` is the calling module's.

        Raises:
            DiagnosticError: it is not there and can't be brought.
        """


def local_directory(source: LocalSource, caller: Path) -> Path:
    """Where a local module is."""
    return Path(os.path.normpath(caller / source.path))
