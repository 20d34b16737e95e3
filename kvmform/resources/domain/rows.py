"""What the tables of a domain's parts share."""

from __future__ import annotations

from kvmform.resources.domain.equivalence import same_text
from kvmform.resources.domain.policies import at_boot
from kvmform.schema import Policy, Row
from kvmform.values.types import STRING

__all__ = ["AT_START", "chosen_by_libvirt", "text"]

AT_START = at_boot("QEMU takes it only when it starts")
"""The policy of what a running guest can't be given."""


def text(doc: str, change: Policy = AT_START, *, xml: str | None = None, default: str | None = None) -> Row:
    """An argument that is any text; an empty one is as good as none."""
    return Row(type=STRING, doc=doc, change=change, xml=xml, default=default, same=same_text)


def chosen_by_libvirt(doc: str, xml: str, change: Policy = AT_START) -> Row:
    """A text that libvirt chooses where none is written."""
    return Row(type=STRING, computed=True, doc=doc, xml=xml, change=change, same=same_text)
