"""What the data sources of existing objects share.

Such a data source has the table of the resource type, of which everything is read but the
arguments that say which object is meant. Objects come from the host's inventory, which reads
a kind of objects as a whole: many data sources cost no more calls than one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from kvmform.diagnostics import DiagnosticError
from kvmform.host.host import Host
from kvmform.schema import Block, DataSource, Disruption, Object, Reading, ResourceType, Row, Rule, Schema
from kvmform.schema.rules import exactly_one_of
from kvmform.struct import replace
from kvmform.values.types import STRING

__all__ = ["existing"]


def existing(
    kind: ResourceType[Host],
    word: str,
    identity: str,
    *,
    named: Mapping[str, Row] | None = None,
    name_of: Callable[[Object], str] = lambda config: str(config["name"]),
    rules: Collection[Rule] = (),
    without: Collection[str] = ("xml",),
) -> DataSource[Host]:
    """The data source of a resource type.

    Args:
        kind: the resource type, which can be imported.
        word: what its objects are called.
        identity: what `id` is, in a few words.
        named: further arguments that belong to the name.
        name_of: what `kind.find` takes to find the object by its name.
        rules: what has to be so of the arguments, beside that there is either `id` or `name`.
        without: rows that tell how an object is made, not how it is.
    """
    assert kind.find is not None
    find = kind.find
    rows = {name: _told(row) for name, row in kind.schema.rows.items() if name not in without}
    rows |= {"id": _sought(identity), "name": _sought("Its name."), **(named or {})}

    def read(reading: Reading[Host], config: Object) -> Object:
        meant = config["id"] or name_of(config)
        prior = find(reading.host, meant)
        observed = kind.read(reading.host, prior) if prior is not None else None
        if observed is None:
            raise _missing(word, meant, reading.host.uri)
        found: Object = {name: [] if isinstance(row, Block) else None for name, row in rows.items()} | observed.object
        given = {name: value for name, value in config.items() if name in (named or {}) and value is not None}
        return {name: value for name, value in found.items() if name in rows} | given

    schema = Schema(
        doc=f"A {word} that the host has, with everything that `{kind.name}` tells of one.",
        rows=rows,
        rules=(exactly_one_of("id", "name"), *rules),
    )
    return DataSource(name=kind.name, schema=schema, read=read)


def _sought(doc: str) -> Row:
    return Row(type=STRING, doc=doc, computed=True)


def _told(row: Row | Block) -> Row | Block:
    """A row of which nothing can be written."""
    if isinstance(row, Row):
        return Row(type=row.type, doc=row.doc, computed=True, read_only=True, sensitive=row.sensitive)
    told = {name: _told(inner) for name, inner in row.rows.items()}
    return replace(row, rows=told, read_only=True, min_items=0, change=Disruption.NONE)


def _missing(word: str, meant: str, uri: str) -> DiagnosticError:
    return DiagnosticError.of(
        f"No such {word}",
        f'The host {uri} has no {word} "{meant}". A data source reads what is there by the time that it is read: check '
        "the name; or, if this configuration makes it, name it by an attribute of that resource, or with depends_on, "
        "so that it is read afterwards.",
    )
