"""The table of who the domain is."""

from __future__ import annotations

from kvmform.resources.domain.policies import name_edited
from kvmform.resources.domain.rows import text
from kvmform.schema import Block, Disruption, Row
from kvmform.values.types import STRING

__all__ = ["IDENTITY", "TITLE"]

IDENTITY: dict[str, Row | Block] = {
    "id": Row(
        type=STRING,
        computed=True,
        read_only=True,
        xml="uuid",
        doc="UUID of the domain, derived from the state and the resource's address.",
    ),
    "name": Row(type=STRING, required=True, xml="name", change=name_edited, doc="Name of the domain on its host."),
    "description": text("A text about the domain.", Disruption.LIVE, xml="description"),
    "metadata": text("Metadata of the user's own: an XML element with a namespace, or any text.", Disruption.LIVE),
}
"""The rows, in the order in which one thinks of them."""

TITLE: dict[str, Row | Block] = {
    "title": text("A short text about the domain, on one line.", Disruption.LIVE, xml="title"),
}
"""A row that is no more than its place in the XML."""
