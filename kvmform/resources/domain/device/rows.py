"""Makers of the rows that the tables of devices are made of.

`only_with` names another row, and the values of it beside which this one has a meaning.
"""

from __future__ import annotations

from collections.abc import Callable

from kvmform.resources.domain.rows import AT_START
from kvmform.schema import Plain, Policy, Row
from kvmform.schema.row import Codec
from kvmform.values.types import BOOL, NUMBER, STRING

__all__ = ["With", "flag", "number", "text"]

With = tuple[str, tuple[Plain, ...]] | None


def text(
    doc: str,
    xml: str,
    change: Policy = AT_START,
    *,
    default: str | None = None,
    only_with: With = None,
) -> Row:
    """A text; an empty one is as good as none, and none as good as the default."""
    same = _same_as(default)
    return Row(type=STRING, doc=doc, xml=xml, change=change, default=default, only_with=only_with, same=same)


def number(
    doc: str,
    xml: str,
    change: Policy = AT_START,
    *,
    only_with: With = None,
    codec: Codec | None = None,
) -> Row:
    """A number."""
    return Row(type=NUMBER, doc=doc, xml=xml, change=change, only_with=only_with, codec=codec)


def flag(
    doc: str,
    xml: str,
    change: Policy = AT_START,
    *,
    default: bool | None = None,
    only_with: With = None,
    codec: Codec | None = None,
) -> Row:
    """A yes or no; where neither is written it is libvirt's or QEMU's choice."""
    return Row(type=BOOL, doc=doc, xml=xml, change=change, default=default, only_with=only_with, codec=codec)


def _same_as(default: str | None) -> Callable[[Plain, Plain], bool]:
    def same(before: Plain, after: Plain) -> bool:
        return bool((before or default or "") == (after or default or ""))

    return same
