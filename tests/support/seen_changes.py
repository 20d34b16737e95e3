"""Which changes of which rows the suite makes on a real host: from the marks `changes` of its tests."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

from kvmform.schema import Block, Policy, Row

__all__ = ["changeable", "paths", "seen_changes", "unseen_changes"]

TESTS = Path(__file__).resolve().parents[1]


def paths(rows: Mapping[str, Row | Block], path: tuple[str, ...]) -> Iterator[tuple[str, Row | Block]]:
    """Every argument and block, as `TYPE.BLOCK.ARGUMENT`; a block is followed by what is in it."""
    for name, row in sorted(rows.items()):
        here = (*path, name)
        yield ".".join(here), row
        if isinstance(row, Block) and not row.read_only:
            yield from paths(row.rows, here)


def changeable(rows: Mapping[str, Row | Block], path: tuple[str, ...]) -> Iterator[tuple[str, Policy]]:
    """Every argument and block that a configuration can change, with what a change costs."""
    return ((name, row.change) for name, row in paths(rows, path) if not row.read_only)


def seen_changes() -> dict[str, list[str]]:
    """The tests that change each row on a real host: their names, without `test_`, by row."""
    found: dict[str, list[str]] = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        if "mark.changes" in file.read_text():
            for name, row in _marks(_loaded(file)):
                found.setdefault(row, []).append(name)
    return found


def _loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"seen_in_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _marks(module: ModuleType) -> Iterator[tuple[str, str]]:
    for name, test in vars(module).items():
        for mark in getattr(test, "pytestmark", ()) if name.startswith("test_") else ():
            if mark.name == "changes":
                yield from ((name.removeprefix("test_"), row) for row in mark.args)


def unseen_changes() -> dict[str, str]:
    """Rows whose change no test makes there, with the reason."""
    groups = tomllib.loads((TESTS / "cases" / "unseen.toml").read_text())["unseen"]
    return {row: group["reason"] for group in groups for row in group["rows"]}
