"""What the data sources of existing objects share.

Such a data source has the table of the resource type, of which everything is read but the
arguments that say which object is meant. Objects come from the host's inventory, which reads
a kind of objects as a whole: many data sources cost no more calls than one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.schema import Block, DataSource, Disruption, Object, Reading, ResourceType, Row, Rule, Schema, empty_object
from kvmform.schema.rules import exactly_one_of
from kvmform.struct import Struct, field, replace
from kvmform.values.types import STRING

__all__ = ["Sought", "existing"]


def _by_name(config: Object) -> str:
    return str(config["name"])


class Sought(Struct):
    """How objects of a type are called, and told from each other."""

    word: str
    """What one is called."""
    identity: str
    """What `id` is, as a sentence."""
    named: Mapping[str, Row] = field(default_factory=dict)
    """Further arguments that belong to the name."""
    name_of: Callable[[Object], str] = _by_name
    """What `find` of the resource type takes to find an object by its name."""
    hint: str = ""
    """What else may be the reason if none is found, as a sentence."""


def existing(
    kind: ResourceType[Host], sought: Sought, *, rules: Collection[Rule] = (), without: Collection[str] = ("xml",)
) -> DataSource[Host]:
    """The data source of a resource type.

    Args:
        kind: the resource type, which can be imported.
        sought: how its objects are called.
        rules: what has to be so of the arguments, beside that there is either `id` or `name`.
        without: rows that tell how an object is made, not how it is.
    """
    assert kind.find is not None
    find = kind.find
    rows = {name: _told(row) for name, row in kind.schema.rows.items() if name not in without}
    rows |= {"id": _named(sought.identity), "name": _named("Its name."), **sought.named}

    def read(reading: Reading[Host], config: Object) -> Object:
        meant = config["id"] or sought.name_of(config)
        prior = find(reading.host, meant)
        observed = kind.read(reading.host, prior) if prior is not None else None
        if observed is None:
            raise _missing(sought, meant, reading.host.uri)
        found = empty_object(rows) | observed.object
        given = {name: value for name, value in config.items() if name in sought.named and value is not None}
        return {name: value for name, value in found.items() if name in rows} | given

    schema = Schema(
        doc=f"A {sought.word} that the host has, with everything that `{kind.name}` tells of one.",
        rows=rows,
        rules=(exactly_one_of("id", "name"), *rules),
    )
    return DataSource(name=kind.name, schema=schema, read=read)


def _named(doc: str) -> Row:
    return Row(type=STRING, doc=doc, computed=True)


def _told(row: Row | Block) -> Row | Block:
    """A row of which nothing can be written."""
    if isinstance(row, Row):
        return Row(type=row.type, doc=row.doc, computed=True, read_only=True, sensitive=row.sensitive)
    told = {name: _told(inner) for name, inner in row.rows.items()}
    return replace(row, rows=told, read_only=True, min_items=0, change=Disruption.NONE)


def _missing(sought: Sought, meant: str, uri: str) -> DiagnosticError:
    detail = (
        f'The host {uri} has no {sought.word} "{meant}". A data source reads what is there by the time that it is '
        "read: check the name; or, if this configuration makes it, name it by an attribute of that resource, or with "
        "depends_on, so that it is read afterwards."
    )
    return DiagnosticError.of(f"No such {sought.word}", f"{detail} {sought.hint}".rstrip())
