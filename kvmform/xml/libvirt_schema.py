"""libvirt's own XML schemas (RELAX NG), where they are installed on this machine."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kvmform.xml.document import parse_element

if TYPE_CHECKING:
    from lxml.etree import RelaxNG

    from kvmform.xml.document import Element

__all__ = ["first_fault"]

_DIRECTORY = Path("/usr/share/libvirt/schemas")


def first_fault(kind: str, text: str) -> str | None:
    """The place that the schema of a kind of object (`domain`) does not allow: `devices/memballoon/@modell`.

    None where all is well, and where there is no schema. libxml2 itself only tells in which part of the document
    something is wrong, so it is found by leaving out one thing after the other; of several faults one part is told.
    """
    schema = _schema(kind)
    if schema is None:
        return None
    element = root = parse_element(text)
    if schema.validate(root):
        return None
    way: list[str] = []
    while (culprit := next((child for child in element if _is_valid_without(schema, root, child)), None)) is not None:
        way.append(str(culprit.tag))
        element = culprit
    for name, value in list(element.items()):
        del element.attrib[name]
        if schema.validate(root):
            way.append(f"@{name!s}")
            break
        element.set(name, value)
    return "/".join(way) or str(schema.error_log.last_error.message if schema.error_log.last_error else root.tag)


def _is_valid_without(schema: RelaxNG, root: Element, child: Element) -> bool:
    parent = child.getparent()
    assert parent is not None
    place = parent.index(child)
    parent.remove(child)
    is_valid = bool(schema.validate(root))
    parent.insert(place, child)
    return is_valid


@cache
def _schema(kind: str) -> RelaxNG | None:
    from lxml import etree

    try:
        return etree.RelaxNG(etree.parse(_DIRECTORY / f"{kind}.rng"))
    except (OSError, etree.XMLSyntaxError, etree.RelaxNGParseError):
        return None
