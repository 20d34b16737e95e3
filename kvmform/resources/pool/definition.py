"""The XML of a new storage pool."""

from __future__ import annotations

from kvmform.schema import Object
from kvmform.xml.stylesheet import transform
from kvmform.xml.template import render

__all__ = ["pool_xml"]


def pool_xml(planned: Object) -> str:
    """The XML of a new pool.

    Raises:
        DiagnosticError: the user's stylesheet can't be applied.
    """
    xml = render(__package__, "pool.xml.j2", planned)
    for change in planned["xml"]:
        if change["xslt"]:
            xml = transform(xml, change["xslt"])
    return xml
