"""Named workspaces: several states for one configuration, with Terraform's files.

The state of `default` is where it always is; that of any other is in `terraform.tfstate.d/NAME/`.
Which one is meant stands in `environment` in the data directory, or in TF_WORKSPACE.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from kvmform.diagnostics import DiagnosticError

__all__ = ["DEFAULT", "NamedWorkspaces", "selected_by_environment"]

DEFAULT = "default"
_FILE = "environment"
_STATES = "terraform.tfstate.d"


def selected_by_environment(environment: Mapping[str, str]) -> str:
    """The workspace that a variable selects for this one command; empty if none does."""
    return environment.get("KVMFORM_WORKSPACE") or environment.get("TF_WORKSPACE", "")


class NamedWorkspaces:
    """The workspaces of a directory.

    Args:
        directory: the root module's.
        data_directory: `.terraform`, or what TF_DATA_DIR says.
        environment: of the process.
    """

    def __init__(self, directory: Path, data_directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._file = data_directory / _FILE
        self._override = selected_by_environment(environment)

    @property
    def current(self) -> str:
        """The one that commands work in."""
        if self._override:
            return _checked(self._override)
        try:
            return _checked(self._file.read_text().strip() or DEFAULT)
        except FileNotFoundError:
            return DEFAULT

    def names(self) -> list[str]:
        """All of them; `default` is always there, and first."""
        root = self._directory / _STATES
        others = sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        return [DEFAULT, *others]

    def state_path(self, name: str) -> Path | None:
        """Where the state of one is; None for `default`, whose place the configuration may choose."""
        return None if name == DEFAULT else self._directory / _STATES / name / "terraform.tfstate"

    def create(self, name: str) -> None:
        """Make one, and select it.

        Raises:
            DiagnosticError: there is one of that name, or the name can't be had.
        """
        self._reject_override("create a new")
        if _checked(name) in self.names():
            detail = f"`kvmform workspace select {name}` goes there."
            raise DiagnosticError.of(f'Workspace "{name}" already exists', detail)
        (self._directory / _STATES / name).mkdir(parents=True)
        self._select(name)

    def select(self, name: str) -> bool:
        """Go to another; False if it is the current one already.

        Raises:
            DiagnosticError: there is none of that name.
        """
        self._reject_override("select a new")
        self._reject_missing(_checked(name))
        if name == self.current:
            return False
        self._select(name)
        return True

    def delete(self, name: str) -> None:
        """Delete one and its state, whatever that records.

        Raises:
            DiagnosticError: there is none of that name, or it is in use.
        """
        self._reject_missing(_checked(name))
        if name == self.current:
            raise DiagnosticError.of(
                f'Workspace "{name}" is your active workspace.',
                "You cannot delete the currently active workspace. Please switch to another workspace and try again.",
            )
        if name == DEFAULT:
            raise DiagnosticError.of("Can't delete default state", 'The workspace "default" is always there.')
        shutil.rmtree(self._directory / _STATES / name)

    def _select(self, name: str) -> None:
        from kvmform.state.durable import replace_file  # only this verb writes

        self._file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._file, name.encode(), mode=0o644)

    def _reject_missing(self, name: str) -> None:
        if name not in self.names():
            raise DiagnosticError.of(
                f'Workspace "{name}" doesn\'t exist.',
                'You can create this workspace with the "new" subcommand or include the "-or-create" flag with the '
                '"select" subcommand.',
            )

    def _reject_override(self, doing: str) -> None:
        if self._override:
            raise DiagnosticError.of(
                "The workspace is set by the environment",
                "The selected workspace is currently overridden using the TF_WORKSPACE environment variable. To "
                f"{doing} workspace, either update this environment variable or unset it and then run this command "
                "again.",
            )


def _checked(name: str) -> str:
    """The name, which is that of a directory and part of URLs."""
    if not name or quote(name, safe="~") != name or name in {".", ".."}:
        raise DiagnosticError.of(
            "Invalid workspace name",
            f'The workspace name "{name}" is not allowed. The name must contain only URL safe characters, and no path '
            "separators.",
        )
    return name
