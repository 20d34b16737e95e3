"""Modules as an earlier `init` left them, by kvmform or by Terraform."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError
from kvmform.modules.call import Call, local_directory
from kvmform.modules.source import LocalSource
from kvmform.modules.version import parse_version

if TYPE_CHECKING:
    from kvmform.modules.manifest import Record

__all__ = ["InstalledModules", "meets"]

_INIT = "Run: kvmform init"


class InstalledModules:
    """Finds modules where the manifest says they are; local ones need no manifest."""

    def __init__(self, root: Path, data_directory: Path, read: Callable[[Path], str | None]) -> None:
        """`read` gives the text of a file, None where there is none."""
        self._root = root
        self._data_directory = data_directory
        self._read = read

    @cached_property
    def _records(self) -> Mapping[str, Record]:
        from kvmform.modules.manifest import manifest_path, parse_manifest

        path = manifest_path(self._data_directory)
        text = self._read(path)
        return parse_manifest(text, path) if text is not None else {}

    def directory_of(self, call: Call, caller: Path) -> Path:
        """See :class:`kvmform.modules.call.Modules`."""
        if isinstance(call.source, LocalSource):
            return local_directory(call.source, caller)
        record = self._records.get(call.key)
        if record is None:
            detail = f'The module "{call.name}" comes from {call.source} and is not installed yet. {_INIT}'
            raise DiagnosticError.of("Module not installed", detail, call.range)
        if record.source != str(call.source):
            detail = (
                f'The source address of the module "{call.name}" was changed since it was installed: it was '
                f"{record.source}, and is {call.source} now. {_INIT}"
            )
            raise DiagnosticError.of("Module source has changed", detail, call.source_range)
        if not meets(record, call):
            detail = (
                f'The version requirements of the module "{call.name}" have changed since it was installed, and the '
                f"installed version ({record.version}) does not meet {call.constraints}. {_INIT}"
            )
            raise DiagnosticError.of("Module version requirements have changed", detail, call.source_range)
        return Path(os.path.normpath(self._root / record.directory))


def meets(record: Record, call: Call) -> bool:
    """Whether the version that is recorded is one that the call allows."""
    version = parse_version(record.version)
    return version is None or call.constraints.allows(version)
