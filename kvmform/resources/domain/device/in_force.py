"""Arguments of devices that have no meaning beside others, as their rows say with `only_with`."""

from __future__ import annotations

from collections.abc import Iterable

from kvmform.schema import Block, Object, Row

__all__ = ["in_force", "meant"]


def in_force(block: Block, element: Object) -> frozenset[str]:
    """The arguments of a device that have a meaning: `listen_address` has none with `listen_type` `none`.

    The others are not written to the XML, and not looked for in it.
    """
    return frozenset(name for name, row in block.rows.items() if name in element and _has_meaning(row, element))


def _has_meaning(row: Row | Block, element: Object) -> bool:
    if isinstance(row, Block) or row.only_with is None:
        return True
    other, values = row.only_with
    return element.get(other) in values


def meant(block: Block, elements: Iterable[Object]) -> list[Object]:
    """The elements of a block, with None for the arguments that have no meaning in them."""
    return [
        {name: value if name in in_force(block, element) else None for name, value in element.items()}
        for element in elements
    ]
