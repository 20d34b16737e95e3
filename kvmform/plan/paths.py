"""Paths into objects: the row and the value that one leads to, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping

from kvmform.schema import Block, Path, Plain, Row

__all__ = ["path_text", "row_at", "value_at"]


def row_at(rows: Mapping[str, Row | Block], path: Path) -> Row | Block:
    """The row, or the block, that a path ends at."""
    row: Row | Block | None = None
    for step in path:
        if isinstance(step, str):
            row = rows[step]
            rows = row.rows if isinstance(row, Block) else {}
    assert row is not None
    return row


def value_at(value: Plain, path: Path) -> Plain:
    """The part of an object at a path; None where there is none."""
    for step in path:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return None
    return value


def path_text(path: Path) -> str:
    """A path as users write it: `disk[0].volume_id`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
