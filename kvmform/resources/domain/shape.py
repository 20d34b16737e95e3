"""What is told of an object that was read: no more than is declared.

A definition holds a hundred things that nobody wrote. Of them only those are told that the
record of the object (`prior`) has, or that libvirt is declared to choose; so what was added
past kvmform never appears as a difference. Where there is no record, but only an identity,
everything is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvmform.resources.domain.device.in_force import in_force
from kvmform.schema import Block, Object, Plain, Row, pair_elements
from kvmform.values.model import Unknown
from kvmform.xml.codecs import Presence
from kvmform.xml.rows import HERE

__all__ = ["agree", "recorded", "shaped", "shaped_blocks"]

Rows = Mapping[str, Row | Block]


def shaped(rows: Rows, found: Object, prior: Object) -> Object:
    """The rows that were found in the XML, in the shape of `prior`; the others as `prior` has them.

    A value that means the same as the one in `prior` is told in the words of `prior`. A record
    that an older version made, or provider 0.8, says nothing of rows that are newer.
    """
    told: Object = {}
    prior = recorded(rows, prior)
    for name, row in rows.items():
        match row:
            case Row():
                told[name] = _shaped_value(row, found[name], prior, name) if name in found else _known(row, prior, name)
            case Block() if name in found:
                told[name] = shaped_blocks(name, row, found[name], prior)
            case Block():
                told[name] = prior.get(name) or []
    return told


def recorded(rows: Rows, prior: Object) -> Object:
    """A record with every row; what is only an identity is none, and stays as it is."""
    return prior if prior.keys() <= {"id"} else dict.fromkeys(rows) | prior


def _known(row: Row, prior: Object, name: str) -> Plain:
    """What the record says; an older one lacks arguments that are newer, and then had their defaults."""
    return row.default if prior.get(name) is None else prior[name]


def shaped_blocks(name: str, block: Block, found: Sequence[Object], prior: Object) -> list[Object]:
    """The elements of a block that `prior` has, in its order; all of them where it doesn't say."""
    if name not in prior or (prior[name] is None and block.computed):
        return [_whole(block, element) for element in found if block.xml != HERE or _says_anything(block, element)]
    known: list[Object] = prior[name] or []
    told = []
    for old, new in pair_elements(block, found, known):
        if old is not None and new is not None:
            meant = in_force(block, found[old])
            element = {row: value for row, value in found[old].items() if row in meant}
            told.append(shaped(block.rows, element, known[new]))
    return told


def _whole(block: Block, element: Object) -> Object:
    """An element of which everything is told, but for blocks that are there only where something is said."""
    return element | {
        name: [_whole(row, inner) for inner in element[name] if row.xml != HERE or _says_anything(row, inner)]
        for name, row in block.rows.items()
        if isinstance(row, Block) and name in element
    }


def _says_anything(block: Block, element: Object) -> bool:
    """Whether anything of a block is in the XML. What is not there, and usually isn't, may be told as false."""
    for name, row in block.rows.items():
        value = element.get(name)
        if isinstance(row, Block):
            if any(_says_anything(row, inner) for inner in value or ()):
                return True
        elif value not in (None, []) and (value is not False or not isinstance(row.codec, Presence) or row.default):
            return True
    return False


def _shaped_value(row: Row, value: Plain, prior: Object, name: str) -> Plain:
    if name not in prior:
        return value
    known = prior[name]
    if known is None:
        return value if row.computed else None
    return known if row.same(value, known) else value


def agree(row: Row | Block, before: Plain, after: Plain) -> bool:
    """Whether two values of a row, or two lists of a block's elements, mean the same; nothing unknown does."""
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return False
    if isinstance(row, Row):
        return row.same(before, after)
    pairs = pair_elements(row, before or [], after or [])
    return all(
        old is not None
        and new is not None
        and all(agree(inner, before[old].get(name), after[new].get(name)) for name, inner in row.rows.items())
        for old, new in pairs
    )
