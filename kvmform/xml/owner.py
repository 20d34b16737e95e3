"""The owner element: the mark by which kvmform knows its own objects on a host.

It stands in an object's `<metadata>`:

    <kvmform:owner xmlns:kvmform="https://kvmform.org/xmlns/owner/1" lineage="…" address="…"/>
"""

from __future__ import annotations

from kvmform.struct import Struct
from kvmform.xml.document import NAMESPACES, Document, element_text, insert_element, make_element

__all__ = ["OWNER_NAMESPACE", "Owner", "owner_xml", "read_owner", "write_owner"]

OWNER_NAMESPACE = NAMESPACES["kvmform"]


class Owner(Struct):
    """Which state an object belongs to, and its address there."""

    lineage: str
    address: str


def owner_xml(owner: Owner, *, bare: bool = False) -> str:
    """The owner element as XML text, for a template; `bare` for libvirt's metadata calls, which add the namespace."""
    name = "owner" if bare else "kvmform:owner"
    return element_text(make_element(name, {"lineage": owner.lineage, "address": owner.address}))


def read_owner(document: Document) -> Owner | None:
    """Who owns the object that the document describes; None where no mark is."""
    element = document.find("metadata/kvmform:owner")
    if element is None:
        return None
    return Owner(element.get("lineage", ""), element.get("address", ""))


def write_owner(document: Document, owner: Owner) -> None:
    """Mark the object as this owner's; another mark is replaced, other metadata kept."""
    element = document.find("metadata/kvmform:owner")
    if element is not None:
        element.set("lineage", owner.lineage)
        element.set("address", owner.address)
        return
    if document.find("metadata") is None:
        insert_element(document.root, make_element("metadata", {}))
    document.add("metadata", owner_xml(owner))
