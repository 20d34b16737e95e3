"""What is told of the parts of a network that only count where they are written."""

from __future__ import annotations

from kvmform.schema import Block, Object, Plain, Row, pair_elements

__all__ = ["asked"]


def asked(row: Row | Block, found: Plain, recorded: Plain) -> Plain:
    """What was found of a row, as far as it is recorded, in the words of the record.

    So what somebody else added is no difference, and is left alone; and a record that is older
    than the row doesn't miss it.
    """
    if isinstance(row, Row):
        if recorded is None:
            return None
        return recorded if row.same(recorded, found) else found
    recorded = recorded or []
    if not found and all(_says_nothing(row, element) for element in recorded):
        return list(recorded)
    return [
        {name: asked(inner, found[old].get(name), recorded[new].get(name)) for name, inner in row.rows.items()}
        for old, new in pair_elements(row, found, recorded)
        if old is not None and new is not None
    ]


def _says_nothing(block: Block, element: Object) -> bool:
    """Whether an element of a block comes to what there is without it, as `port { isolated = false }` does."""
    return all(
        row.same(None, element.get(name)) if isinstance(row, Row) else not element.get(name)
        for name, row in block.rows.items()
    )
