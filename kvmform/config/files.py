"""Where configuration files come from: a directory, or the copy inside a saved plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from kvmform.diagnostics import Diagnostic, DiagnosticError
from kvmform.lang.ast import Body
from kvmform.lang.parse import parse_config

__all__ = ["DirectoryFiles", "Files", "RecordedFiles", "is_configuration_file", "parse_file", "read_text"]


def is_configuration_file(name: str) -> bool:
    """Whether a file of this name is read: `*.tf`, `*.tf.json`, `*.kvm.hcl`; no hidden or backup files."""
    return name.endswith((".tf", ".tf.json", ".kvm.hcl")) and not name.startswith((".", "#"))


def in_place_of(names: list[str]) -> list[str]:
    """Drop each `x.tf` beside which an `x.kvm.hcl` stands: one directory can serve two tools."""
    own = {name.removesuffix(".kvm.hcl") for name in names if name.endswith(".kvm.hcl")}
    return [name for name in names if name.removesuffix(".json").removesuffix(".tf") not in own]


def parse_file(text: str, shown: str) -> tuple[Body, list[Diagnostic]]:
    """Parse a configuration file, in HCL or JSON as its name says; every error is in the list."""
    if shown.endswith(".json"):
        from kvmform.lang.json_syntax import parse_json_config

        return parse_json_config(text, shown)
    return parse_config(text, shown)


class Files(Protocol):
    """Reads the configuration files of module directories."""

    def read(self, directory: Path) -> Mapping[str, str]:
        """Configuration files of a directory: text by name, sorted; empty where there are none.

        Raises:
            DiagnosticError: a file can't be read.
        """

    def has(self, directory: Path) -> bool:
        """Whether there is such a directory, with or without configuration files."""

    def text(self, path: Path) -> str | None:
        """Text of another file that loading depends on; None where there is none.

        Raises:
            DiagnosticError: it can't be read.
        """


class DirectoryFiles:
    """Files on disk. Remembers what it read, so that a plan can carry a copy.

    `beside` are files that count as configuration of a directory wherever they are.
    """

    def __init__(self, beside: Mapping[Path, Mapping[str, str]] | None = None) -> None:
        self.seen: dict[Path, Mapping[str, str]] = {}
        self._beside = beside or {}

    def read(self, directory: Path) -> Mapping[str, str]:
        """Read the directory; see :class:`Files`."""
        names = [p.name for p in directory.iterdir() if is_configuration_file(p.name)] if directory.is_dir() else []
        found = {name: read_text(directory / name) for name in in_place_of(sorted(names))}
        found |= self._beside.get(directory, {})
        self.seen[directory] = found
        return found

    def has(self, directory: Path) -> bool:
        """Whether the directory is on disk."""
        return directory.is_dir()

    def text(self, path: Path) -> str | None:
        """Read the file; see :class:`Files`."""
        text = read_text(path) if path.exists() else None
        self.seen[path.parent] = {} if text is None else {path.name: text}
        return text


class RecordedFiles:
    """Files that a saved plan carries."""

    def __init__(self, recorded: Mapping[Path, Mapping[str, str]]) -> None:
        self._recorded = recorded

    def read(self, directory: Path) -> Mapping[str, str]:
        """What the directory held when the plan was made."""
        return self._recorded.get(directory, {})

    def has(self, directory: Path) -> bool:
        """Whether the directory was there when the plan was made."""
        return directory in self._recorded

    def text(self, path: Path) -> str | None:
        """What the file held when the plan was made."""
        return self._recorded.get(path.parent, {}).get(path.name)


def read_text(path: Path) -> str:
    """Text of a UTF-8 file.

    Raises:
        DiagnosticError: it can't be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as problem:
        raise DiagnosticError.of("Failed to read file", f"{path} can't be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        detail = f"{path} is not UTF-8 text (byte {problem.start}). Configuration files must be UTF-8."
        raise DiagnosticError.of("Invalid character encoding", detail) from problem
