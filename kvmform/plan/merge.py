"""The generic merge: what the user wrote over what exists makes what is planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy

from kvmform.schema import Block, Object, Path, Plain, Row, Schema, pair_elements
from kvmform.schema.row import implied_type
from kvmform.values.model import Unknown
from kvmform.values.types import ListType

__all__ = ["contains_unknown", "ignore_paths", "merge"]

Rows = Mapping[str, Row | Block]


def merge(rows: Rows, config: Object, actual: Object | None) -> Object:
    """Lay what is written over what exists.

    A value that means the same as the existing one leaves that as it is. What is not
    written keeps its value where the row is computed (or is unknown, on creation), and is
    null elsewhere. Elements of blocks are paired by key.
    """
    planned: Object = {}
    for name, row in rows.items():
        existing = None if actual is None else actual.get(name)
        if isinstance(row, Row):
            planned[name] = _merge_attribute(row, config.get(name), existing, actual is None)
        else:
            planned[name] = _merge_block(row, config.get(name), existing or [], actual is None)
    return planned


def _merge_attribute(row: Row, written: Plain, existing: Plain, new: bool) -> Plain:
    if written is None:
        if not row.computed:
            return None
        return Unknown(row.type) if new else existing
    if not new and not contains_unknown(written) and row.same(existing, written):
        return existing
    return written


def _merge_block(block: Block, written: Plain, existing: list[Object], new: bool) -> Plain:
    if isinstance(written, Unknown):
        return written
    if block.read_only:
        return Unknown(ListType(implied_type(block.rows))) if new else existing
    if not written:
        return existing if block.computed else []
    return [
        merge(block.rows, written[after], None if before is None else existing[before])
        for before, after in pair_elements(block, existing, written)
        if after is not None
    ]


def contains_unknown(value: Plain) -> bool:
    """Whether a plain value is `Unknown`, or holds one."""
    match value:
        case Unknown():
            return True
        case list():
            return any(contains_unknown(item) for item in value)
        case dict():
            return any(contains_unknown(item) for item in value.values())
    return False


def ignore_paths(schema: Schema, config: Object, actual: Object, ignored: Iterable[Path] | None) -> Object:
    """The configuration with what `ignore_changes` names taken from the existing object.

    `ignored` None means `all`. A path that doesn't exist is passed over.
    """
    if ignored is None:
        return actual
    kept = deepcopy(config)
    for path in ignored:
        _copy_path(kept, actual, schema.inside(path))
    return kept


def _copy_path(into: Plain, source: Plain, path: Path) -> None:
    *way, last = path
    for step in way:
        if not _has(into, step) or not _has(source, step):
            return
        into, source = into[step], source[step]
    if _has(source, last) and (_has(into, last) or isinstance(into, dict)):
        into[last] = source[last]
    elif isinstance(into, dict) and isinstance(source, dict):
        # A key of a map that only the configuration has: ignored, it isn't there.
        into.pop(last, None)


def _has(container: Plain, step: str | int) -> bool:
    match container, step:
        case dict(), str():
            return step in container
        case list(), int():
            return 0 <= step < len(container)
    return False
