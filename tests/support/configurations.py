"""Configurations from texts, for tests that need no directory and no host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from fake_host import PROVIDERS, SCHEMAS

from kvmform.address import ResourceAddress, parse_instance
from kvmform.config.decode import Decoded
from kvmform.config.evaluation import Evaluation
from kvmform.config.files import Files, RecordedFiles
from kvmform.config.imports import check_imports
from kvmform.config.inputs import Input
from kvmform.config.load import load_configuration
from kvmform.config.memo import Read
from kvmform.config.module import Module
from kvmform.config.removed import check_removed
from kvmform.config.repetition import Repeat, repeat
from kvmform.config.surroundings import Surroundings
from kvmform.config.validate import validate_module
from kvmform.diagnostics import Diagnostic, DiagnosticError, Diagnostics, Severity
from kvmform.modules.installed import InstalledModules
from kvmform.schema import Object
from kvmform.schema import Path as ObjectPath
from kvmform.values.model import Value

__all__ = [
    "decoded",
    "errors_of",
    "evaluation",
    "load",
    "load_directory",
    "load_with_warnings",
    "problems_of",
    "put",
    "reads_of",
    "told",
    "validated",
]

LAB = Path("/lab")


def load_with_warnings(files: str | Mapping[str, str]) -> tuple[Module, list[Diagnostic]]:
    """Load files (a text: `main.tf`); names may lead to other directories."""
    texts: dict[Path, dict[str, str]] = {}
    for name, text in ({"main.tf": files} if isinstance(files, str) else files).items():
        path = LAB / name
        texts.setdefault(path.parent, {})[path.name] = dedent(text)
    return load_directory(LAB, RecordedFiles(texts))


def load_directory(root: Path, files: Files) -> tuple[Module, list[Diagnostic]]:
    """Load a directory and what is installed for it in `.terraform`; the module and the warnings."""
    return load_configuration(root, files, InstalledModules(root, root / ".terraform", files.text))


def load(files: str | Mapping[str, str]) -> Module:
    """Load files that nothing is said against."""
    module, warnings = load_with_warnings(files)
    assert not warnings
    return module


def validated(files: str | Mapping[str, str]) -> Module:
    """Load files and check them as a whole, as every command does."""
    module, warnings = load_with_warnings(files)
    problems = Diagnostics(warnings)
    for each in module.walk():
        validate_module(each, SCHEMAS, PROVIDERS, problems)
    check_removed(module, problems)
    check_imports(module, problems)
    problems.raise_errors()
    return module


def evaluation(
    files: str | Mapping[str, str],
    inputs: Mapping[str, Value] | None = None,
    *,
    planning: bool = True,
    repeat: Repeat = repeat,
) -> Evaluation:
    """An evaluation of files, with values for the root module's variables."""
    around = Surroundings(LAB, Path("/work"), "default", "2026-01-02T03:04:05Z", planning)
    given = {name: Input(value, "a test") for name, value in (inputs or {}).items()}
    return Evaluation(validated(files), given, SCHEMAS, around, repeat)


def decoded(found: Evaluation, address: str) -> tuple[Decoded, frozenset[Read]]:
    """One instance of an evaluation, decoded, and what was read for it."""
    return found.decode(*found.locate(parse_instance(address)))


def reads_of(found: Evaluation, address: str) -> list[str]:
    """What an instance reads; a whole resource with a star behind it."""
    return sorted(f"{read}*" if isinstance(read, ResourceAddress) else str(read) for read in decoded(found, address)[1])


def put(found: Evaluation, address: str, values: Object, sensitive: Iterable[ObjectPath] = ()) -> None:
    """Say what an instance is; its block is expanded too."""
    instance = parse_instance(address)
    block, within, _ = found.locate(instance)
    found.expand(block, within)
    rows = SCHEMAS[block.mode, block.type].rows
    found.set_object(
        instance,
        {name: values.get(name, [] if name in {"part", "frame"} else None) for name in rows},
        frozenset(sensitive),
    )


def problems_of(action: Callable[[], object]) -> tuple[Diagnostic, ...]:
    """The diagnostics that something raises."""
    with pytest.raises(DiagnosticError) as caught:
        action()
    return caught.value.diagnostics


def told(diagnostic: Diagnostic) -> str:
    """A diagnostic in one line: where, the text that it points at, and its summary."""
    at = diagnostic.subject
    place = f"{at} {at.text}: " if at is not None else ""
    return f"{place}{diagnostic.summary}"


def errors_of(files: str | Mapping[str, str]) -> list[str]:
    """What is said against files before anything is evaluated, each in one line."""
    return [told(d) for d in problems_of(lambda: validated(files)) if d.severity is Severity.ERROR]
