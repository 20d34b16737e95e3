"""Configuration files brought into canonical form, as `fmt` does: which files, and how they are replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from kvmform.config.files import read_text
from kvmform.diagnostics import DiagnosticError, Diagnostics
from kvmform.lang.format.canonical import canonical_form
from kvmform.state.durable import replace_file
from kvmform.struct import Struct

__all__ = ["FormattedFile", "format_files", "format_text"]

_SUFFIXES = (".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl", ".kvm.hcl")


class FormattedFile(Struct):
    """A file: its path as shown to users, its text, and its canonical form."""

    shown: str
    given: str
    canonical: str

    @property
    def is_changed(self) -> bool:
        """Whether the file is not in canonical form."""
        return self.given != self.canonical

    def write(self) -> None:
        """Put the canonical form in place of the file: all of it or nothing. Its mode stays.

        Raises:
            DiagnosticError: it can't be written.
        """
        path = Path(self.shown)
        try:
            replace_file(path, self.canonical.encode(), mode=path.stat().st_mode & 0o7777)
        except OSError as problem:
            detail = f"{self.shown} can't be written: {problem.strerror}. It is as it was."
            raise DiagnosticError.of("Failed to write file", detail) from problem

    def diff(self) -> str:
        """What changes, as `diff -u` tells it.

        Raises:
            DiagnosticError: the program `diff` isn't there.
        """
        import subprocess
        import tempfile

        with tempfile.TemporaryDirectory() as directory:
            old, new = Path(directory, "old"), Path(directory, "new")
            old.write_bytes(self.given.encode())
            new.write_bytes(self.canonical.encode())
            command = ["diff", "-u", "-L", f"old/{self.shown}", "-L", f"new/{self.shown}", str(old), str(new)]
            try:
                return subprocess.run(command, capture_output=True, check=False).stdout.decode()
            except FileNotFoundError as problem:
                detail = "-diff shows what the program diff tells, and that is not installed here."
                raise DiagnosticError.of("Failed to generate diff", detail) from problem


def format_text(text: str, shown: str) -> FormattedFile:
    """Format the text of a file.

    Raises:
        DiagnosticError: with every syntax error.
    """
    return FormattedFile(shown, text, canonical_form(text, shown))


def format_files(targets: Sequence[str], *, recursive: bool, problems: Diagnostics) -> Iterator[FormattedFile]:
    """Format files, and those in directories, in the order given; nothing is written.

    What can't be read, or is no valid configuration, goes to `problems` and is left out.
    """
    for target in targets:
        try:
            found = _files_of(target, recursive=recursive)
            for path in found:
                try:
                    yield format_text(read_text(path), os.path.relpath(path))
                except DiagnosticError as problem:
                    problems.caught(problem)
        except DiagnosticError as problem:
            problems.caught(problem)


def _files_of(target: str, *, recursive: bool) -> list[Path]:
    path = Path(target)
    if path.is_dir():
        return list(_files_in(path, recursive=recursive))
    if not path.exists():
        raise DiagnosticError.of(f"No file or directory at {target}", "Name a configuration file, or a directory.")
    if not target.endswith(_SUFFIXES):
        detail = f"fmt formats files whose names end in {', '.join(_SUFFIXES[:-1])} or {_SUFFIXES[-1]}; not {target}."
        raise DiagnosticError.of("Not a configuration file", detail)
    return [path]


def _files_in(directory: Path, *, recursive: bool) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: os.fsencode(entry.name))
    except OSError as problem:
        raise DiagnosticError.of("Failed to read directory", f"{directory}: {problem.strerror}.") from problem
    for entry in entries:
        if _is_ignored(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            if recursive:
                yield from _files_in(directory / entry.name, recursive=True)
        elif entry.name.endswith(_SUFFIXES):
            yield directory / entry.name


def _is_ignored(name: str) -> bool:
    """Hidden files, and what editors leave beside a file."""
    return name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#"))
