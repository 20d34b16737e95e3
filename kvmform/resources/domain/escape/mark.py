"""Which escape a definition was made with, and which the running guest was started with.

libvirt copies a definition's metadata to the guest that it starts, so a mark beside the owner's tells the two apart.
"""

from __future__ import annotations

from hashlib import sha256

from kvmform.resources.domain.escape.rows import WAYS
from kvmform.schema import Object
from kvmform.xml.document import Document

__all__ = ["awaits_escape", "mark_escape"]

_OWNER = "metadata/kvmform:owner"


def mark_escape(document: Document, domain: Object) -> None:
    """Note in a definition with an owner which escape it was made with."""
    owner = document.find(_OWNER)
    if owner is None:
        return
    texts = [block[name] for block in domain["xml"] or () for name in WAYS if block.get(name)]
    if texts:
        owner.set("escape", sha256(repr(texts).encode()).hexdigest()[:16])
    elif "escape" in owner.attrib:
        del owner.attrib["escape"]


def awaits_escape(definition: Document, live: Document) -> bool:
    """Whether the guest was started with another escape, or with none, or has one that is gone."""
    return definition.get(f"{_OWNER}/@escape") != live.get(f"{_OWNER}/@escape")
