"""The domain's definition that a snapshot keeps: reverting brings it back too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.host.records import DomainRecord, SnapshotRecord
from kvmform.xml.document import Document, element_text

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["is_redefined"]


def is_redefined(domain: DomainRecord, snapshot: SnapshotRecord) -> bool:
    """Whether the domain has another definition now than when the snapshot was taken.

    Of a running guest, libvirt keeps what it was (`domain`) and what it was to be at its next
    start (`inactiveDomain`); the latter is what the domain's definition then was.
    """
    kept = Document.parse(snapshot.xml)
    then = kept.find("inactiveDomain")
    if then is None:
        then = kept.find("domain")
    return then is not None and _content(then) != _content(Document.parse(domain.xml).root)


def _content(domain: Element) -> list[str]:
    """What is in it, however it is indented."""
    return [" ".join(element_text(child).split()) for child in domain]
