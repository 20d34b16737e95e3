"""One row of a resource type's table: an attribute, or a block with rows of its own.

A row drives decoding, diffing, reading, patching and the reference documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from kvmform.diagnostics import Diagnostic
from kvmform.schema.disruption import Disruption, Effect
from kvmform.struct import Struct, field
from kvmform.values.types import DYNAMIC, ListType, ObjectType, Type, object_type

if TYPE_CHECKING:
    from kvmform.schema.likeness import Likeness

__all__ = [
    "Block",
    "Codec",
    "Edit",
    "EditContext",
    "Object",
    "Path",
    "Plain",
    "Policy",
    "Problem",
    "Row",
    "Rule",
    "Schema",
    "empty_object",
    "implied_type",
]

Plain = Any
"""None, bool, int, float, str, list, dict[str, Plain], or an `Unknown` from kvmform.values.model."""

Object = dict[str, Plain]
"""A resource object: every row of its schema by name; a null or absent attribute is None,
an absent block an empty list (repeated blocks are lists, single ones lists of at most one).

An attribute of any type (`dynamic`) is as Terraform's state has it, ``{"value": …, "type": …}``:
its type is part of what is recorded, compared and told to expressions."""

Path = tuple[str | int, ...]
"""Where in an object: ``("disk", 0, "volume_id")``."""


class Problem(Struct):
    """A diagnostic about one attribute; whoever asked adds file, line and address."""

    path: Path
    diagnostic: Diagnostic


Rule = Callable[[Object], Iterable[Problem]]
"""What has to be so in a configuration, whatever there is already. It gets the object that is
written, defaults filled in; what is not known yet is `Unknown`, and can't be held against it."""


class Codec(Protocol):
    """How a value is written in XML, and read back; see kvmform.xml.codecs."""

    def encode(self, value: Plain) -> str:
        """The text in the XML."""

    def decode(self, text: str) -> Plain:
        """The value of that text."""


class Edit(Struct):
    """One difference between an existing object and a planned one.

    `path` ends at an attribute, or at a whole block that is added (`before` is None) or
    removed (`after` is None). Indexes count in the planned object, for a removed block in
    the existing one. `after` may be, or contain, an `Unknown`: then it counts as different.
    """

    path: Path
    before: Plain
    after: Plain


class EditContext(Struct):
    """What a policy may look at to tell the effect of an edit."""

    edit: Edit
    before: Object
    after: Object
    facts: Mapping[str, Plain]
    """What the type's `read` found out beyond the attributes (is the guest running?)."""


Policy = Disruption | Callable[[EditContext], Effect]
"""The effect of editing a row: always the same class, or worked out from the live facts. The first line of
such a function's docstring is what the reference says of the change."""


def _same(before: Plain, after: Plain) -> bool:
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


class Row(Struct, kw_only=True):
    """An attribute.

    `computed`: where the configuration has no value, libvirt or kvmform supplies one, which
    is kept. `change`: what an edit of it costs; `REPLACE` or `DATA_LOSS` here means that
    the object is deleted and created again. `xml`: where it is in the XML, as a path that
    kvmform.xml reads (the first place is read; `also` are written too). `same`: whether two
    values mean the same (`52:54:00:AA` and `52:54:00:aa`).
    """

    type: Type
    doc: str
    required: bool = False
    computed: bool = False
    read_only: bool = False
    """Only ever read: the configuration can't set it."""
    volatile: bool = False
    """Changes by itself (free space, leases): noted in state, never shown as drift."""
    default: Plain = None
    sensitive: bool = False
    change: Policy = Disruption.REPLACE
    xml: str | None = None
    also: tuple[str, ...] = ()
    codec: Codec | None = None
    same: Callable[[Plain, Plain], bool] = _same
    choices: tuple[str, ...] = ()
    """The only texts that it takes (beside an empty one), if there are any; see `kvmform.schema.rules.among`."""
    deprecated: str = ""
    """For an old name: what to write instead."""
    only_with: tuple[str, tuple[Plain, ...]] | None = None
    """Another row of the same block, and the values of it beside which this one has a meaning. Beside others it is
    neither written to the XML nor looked for in it: ``("listen_type", ("address",))``."""
    untold: bool = False
    """Written to the XML, and never told by it (a password): what was recorded counts."""
    names: tuple[str, str] | None = None
    """The type, and the attribute of it, whose value this names, also where it is written as plain text:
    ``("libvirt_pool", "name")``. An object of the configuration that is named so is made before, and deleted after."""


class Block(Struct, kw_only=True):
    """A nested block; in an object always a list of objects.

    `match`: how the elements of two lists are paired: tuples of row names, tried in order;
    two elements pair when all those rows are known, not all null, and the same in both.
    With `pair_rest`, what is left over is then paired in order of appearance.
    `change`: the effect of adding or removing an element.
    `xml`: the path of its elements; the rows' paths start at each of them. `.`: there is no such
    element, and the rows' paths start where the block stands.
    `attribute_form`: also accepted as `name = {…}` or `name = [{…}]`, as old versions had it.
    """

    rows: Mapping[str, Row | Block]
    doc: str
    min_items: int = 0
    max_items: int | None = None
    computed: bool = False
    """Where the configuration has no such block, the elements that exist are kept."""
    match: tuple[tuple[str, ...], ...] = ()
    pair_rest: bool = True
    change: Policy = Disruption.REPLACE
    xml: str | None = None
    attribute_form: bool = True
    read_only: bool = False
    """Only ever read: the configuration can't have such a block. What is in it is then read-only too."""


class Schema(Struct):
    """The table of a resource type: rows by name, and one sentence on what the type is.

    `version` is that of the attributes in state. `rules` are checked by `validate` and by
    each plan; see :mod:`kvmform.schema.rules`.
    """

    rows: Mapping[str, Row | Block]
    doc: str
    version: int = 0
    rules: tuple[Rule, ...] = ()
    other_dialect: frozenset[str] = frozenset()
    """Arguments that tell that a block was written for another provider's type of the same name."""
    likeness: Likeness | None = None
    """How an object can be like another one of its type; None: it can't."""
    type: ObjectType = field(init=False)
    """The type that expressions see: what `libvirt_pool.images` is."""
    sensitive: frozenset[Path] = field(init=False)
    """The attributes that are sensitive whatever is in them; those in blocks are told with each element."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", implied_type(self.rows))
        own = ((name,) for name, row in self.rows.items() if isinstance(row, Row) and row.sensitive)
        object.__setattr__(self, "sensitive", frozenset(own))

    def secrets_of(self, found: Object) -> frozenset[Path]:
        """The attributes of an object that are sensitive whatever is in them, in blocks too; null is no secret."""
        return frozenset(_secrets_in(self.rows, found, ()))

    def is_dynamic(self, name: str) -> bool:
        """Whether an attribute is of any type, and so recorded together with its own."""
        row = self.rows.get(name)
        return isinstance(row, Row) and row.type == DYNAMIC

    def lacking(self, recorded: Object) -> frozenset[str]:
        """The rows that a record has no place for: provider 0.8 made it, or an older version."""
        return frozenset(self.rows.keys() - recorded.keys())

    def inside(self, path: Path) -> Path:
        """Where in an object a path of the language leads: into the value of what is recorded with its type."""
        return (path[0], "value", *path[1:]) if len(path) > 1 and self.is_dynamic(str(path[0])) else path


def _secrets_in(rows: Mapping[str, Row | Block], found: Object, at: Path) -> Iterator[Path]:
    for name, value in found.items():
        match rows.get(name), value:
            case Row(sensitive=True), _ if value is not None:
                yield (*at, name)
            case Block(rows=inner), list():
                for index, element in enumerate(value):
                    if isinstance(element, dict):
                        yield from _secrets_in(inner, element, (*at, name, index))


def empty_object(rows: Mapping[str, Row | Block]) -> Object:
    """An object of these rows that has nothing: null for each attribute, and no element of any block."""
    return {name: [] if isinstance(row, Block) else None for name, row in rows.items()}


def implied_type(rows: Mapping[str, Row | Block]) -> ObjectType:
    """The object type of a body with these rows (a block is a list of objects)."""
    return object_type(
        {name: row.type if isinstance(row, Row) else ListType(implied_type(row.rows)) for name, row in rows.items()}
    )
