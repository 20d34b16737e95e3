"""What the tables of a domain's parts share."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_text
from kvmform.resources.domain.policies import at_boot
from kvmform.schema import Block, Policy, Row
from kvmform.schema.row import Codec
from kvmform.values.types import BOOL, NUMBER, STRING
from kvmform.xml.codecs import ON_OFF
from kvmform.xml.rows import HERE

__all__ = ["AT_START", "HERE", "chosen_by_libvirt", "flag", "group", "number", "text"]

AT_START = at_boot("QEMU takes it only when it starts")
"""The policy of what a running guest can't be given."""


def text(
    doc: str,
    change: Policy = AT_START,
    *,
    xml: str | None = None,
    default: str | None = None,
    choices: tuple[str, ...] = (),
    names: tuple[str, str] | None = None,
) -> Row:
    """An argument that is any text, or one of some; an empty one is as good as none."""
    return Row(
        type=STRING, doc=doc, change=change, xml=xml, default=default, same=same_text, choices=choices, names=names
    )


def number(doc: str, xml: str, change: Policy = AT_START, *, codec: Codec | None = None, required: bool = False) -> Row:
    """An argument that is a whole number."""
    return Row(type=NUMBER, doc=doc, change=change, xml=xml, codec=codec, required=required)


def flag(doc: str, xml: str, change: Policy = AT_START, *, codec: Codec = ON_OFF) -> Row:
    """An argument that is switched on or off; unset leaves it to libvirt."""
    return Row(type=BOOL, doc=doc, change=change, xml=xml, codec=codec)


def group(doc: str, rows: dict[str, Row | Block], change: Policy = AT_START) -> Block:
    """A block that there can be one of, and whose rows have their places wherever they are."""
    return Block(doc=doc, max_items=1, xml=HERE, change=change, rows=rows)


def chosen_by_libvirt(doc: str, xml: str, change: Policy = AT_START) -> Row:
    """A text that libvirt chooses where none is written."""
    return Row(type=STRING, computed=True, doc=doc, xml=xml, change=change, same=same_text)
