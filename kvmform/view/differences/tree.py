"""The parts of a difference: a node for each value, with nodes for what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from kvmform.schema import Path, Plain
from kvmform.struct import Struct, field

__all__ = [
    "NO_NOTES",
    "Body",
    "Hidden",
    "Keyed",
    "Listed",
    "Mark",
    "Node",
    "Note",
    "Notes",
    "Pending",
    "Scalar",
    "Turned",
    "together",
]


class Mark(Enum):
    """What becomes of a value."""

    SAME = "no-op"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Note(Struct):
    """What the difference of an attribute or block costs, in words; `replaces`: it has the object replaced."""

    text: str
    replaces: bool = False


class Notes(Struct, frozen=False):
    """Notes by the paths that they are about: that of a value, and those of what is in it."""

    own: Note | None = None
    below: dict[str | int, Notes] = field(default_factory=dict)
    removed: dict[int, Notes] = field(default_factory=dict)
    """Of elements that are removed: their indexes count among those that there are."""

    def at(self, step: str | int | None) -> Notes:
        """The notes on a part."""
        return self.below.get(step, NO_NOTES) if step is not None else NO_NOTES

    def add(self, path: Path, note: Note | None, *, removed: bool = False) -> None:
        """Put a note on what is at a path; None: that something is noted there at all."""
        *way, last = ("", *path)
        place = self
        for step in way[1:]:
            place = place.below.setdefault(step, Notes())
        if not path:
            self.own = note
        elif removed and isinstance(last, int):
            place.removed[last] = Notes(note)
        else:
            place.below.setdefault(last, Notes()).add((), note)


NO_NOTES = Notes()


class Node(Struct, eq=False, kw_only=True):
    """A value before and after."""

    mark: Mark
    note: Note | None = None


class Scalar(Node, eq=False, kw_only=True):
    """A text, a number, a truth value, or null, before and after."""

    before: Plain
    after: Plain


class Pending(Node, eq=False, kw_only=True):
    """What is known after apply; `before`: what it is now, None where that is nothing."""

    before: Node | None


class Hidden(Node, eq=False, kw_only=True):
    """What is not to be shown: whether it is sensitive before and after, and what becomes of it (`inner`)."""

    was: bool
    will_be: bool
    inner: Mark


class Listed(Node, eq=False, kw_only=True):
    """Elements in their order; of a set, in any."""

    elements: tuple[Node, ...]
    is_set: bool = False


class Keyed(Node, eq=False, kw_only=True):
    """The attributes of an object, or (`is_map`) the elements of a map."""

    entries: Mapping[str, Node]
    is_map: bool = False


class Turned(Node, eq=False, kw_only=True):
    """A value of another type than before."""

    before: Node
    after: Node


class Body(Node, eq=False, kw_only=True):
    """What is in a block: attributes, and blocks by their names."""

    attributes: Mapping[str, Node]
    blocks: Mapping[str, tuple[Node, ...]]


def together(own: Mark, parts: Iterable[Node]) -> Mark:
    """What becomes of a whole: what becomes of all its parts, or an update; `own`: where nothing becomes of them."""
    for part in parts:
        if part.mark is not Mark.SAME and part.mark is not own:
            return Mark.UPDATE
    return own
