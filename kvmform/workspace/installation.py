"""Putting together what brings modules: getters, registries, and the place for them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError, Source
from kvmform.modules.events import Tell

if TYPE_CHECKING:
    from kvmform.modules.install import Installer

__all__ = ["copy_module", "module_installer"]


def module_installer(
    root: Path, data_directory: Path, environment: Mapping[str, str], tell: Tell, *, ask: bool, upgrade: bool
) -> AbstractContextManager[Installer]:
    """What :func:`kvmform.modules.install.installing` makes; only commands that install pay for it."""
    from kvmform.modules.cli_configuration import CliConfiguration
    from kvmform.modules.fetch import Fetcher
    from kvmform.modules.install import installing
    from kvmform.modules.registry import Registries
    from kvmform.modules.web import Web

    web = Web()
    registries = Registries(web, CliConfiguration(environment))
    return installing(root, data_directory, Fetcher(web, ask=ask), registries, tell, upgrade=upgrade)


def copy_module(text: str, directory: Path, environment: Mapping[str, str], *, ask: bool) -> None:
    """Copy the module with a source address into an empty directory; hidden files are left out, as Terraform does.

    Raises:
        DiagnosticError: the directory isn't empty, or the module can't be had.
    """
    from kvmform.modules.call import Call
    from kvmform.modules.source import parse_source
    from kvmform.modules.version import Constraints

    if any(directory.iterdir()):
        detail = (
            "The working directory already contains files. The -from-module option requires an empty directory into "
            "which a copy of the referenced module will be placed.\n\nTo initialize the configuration already in this "
            "working directory, omit the -from-module option."
        )
        raise DiagnosticError.of("Can't populate non-empty directory", detail)
    given = Source("-from-module", text).range(0, len(text))
    source = parse_source(text, versioned=False)
    call = Call(path=("root",), source=source, constraints=Constraints(), range=given, source_range=given)
    with tempfile.TemporaryDirectory(prefix="kvmform-from-module-") as around:
        place = Path(around)
        with module_installer(place, place, environment, lambda _event: None, ask=ask, upgrade=False) as modules:
            found = modules.directory_of(call, directory)
        shutil.copytree(found, directory, ignore=shutil.ignore_patterns(".*"), dirs_exist_ok=True)
