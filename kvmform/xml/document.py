"""An XML document of libvirt's, to read from and to patch: it keeps all that it is not told to change.

`Element` is one element, a name for annotations; other rooms use its own methods (`get`, `set`, `find`), and
never import lxml, which is imported when there is something to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

    Element = _Element  # lxml has no public name for it

__all__ = [
    "NAMESPACES",
    "Document",
    "Element",
    "element_text",
    "indented_text",
    "insert_element",
    "make_element",
    "own_text",
    "parse_element",
    "remove_element",
]

NAMESPACES = {
    "dnsmasq": "http://libvirt.org/schemas/network/dnsmasq/1.0",
    "kvmform": "https://kvmform.org/xmlns/owner/1",
    "qemu": "http://libvirt.org/schemas/domain/qemu/1.0",
}
"""Prefixes that paths may use."""


def parse_element(text: str, parser: XMLParser | None = None) -> Element:
    """Parse one element with all that is in it; nothing outside the text is ever loaded.

    `parser`: another one than usual, which loads nothing either.

    Raises:
        DiagnosticError: the text is not well-formed XML.
    """
    from lxml import etree

    parser = parser or etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as problem:
        raise DiagnosticError.of("Invalid XML", f"The text is not well-formed XML: {problem.msg}.") from None


def element_text(element: Element) -> str:
    """The element as XML text, without what follows it."""
    from lxml.etree import tostring

    return tostring(element, encoding="unicode", with_tail=False)


def own_text(element: Element) -> str:
    """The element as a text of its own: with no namespaces but those that it uses, and indented from its beginning."""
    from lxml.etree import cleanup_namespaces

    alone = parse_element(element_text(element))
    cleanup_namespaces(alone)
    return indented_text(element_text(alone))


def indented_text(text: str) -> str:
    """XML in one form, however it was written: an element a line, attributes in the order of their names.

    Raises:
        DiagnosticError: the text is not well-formed XML.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_blank_text=True
    )
    root = parse_element(text, parser)
    for element in root.iter(etree.Element):
        if len(element.attrib) > 1:
            ordered = sorted(element.attrib.items())
            element.attrib.clear()
            element.attrib.update(ordered)
    etree.indent(root)
    return element_text(root)


def remove_element(element: Element) -> None:
    """Take an element out of its document; its neighbours keep their indentation."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.getnext() is None and before is not None:
        before.tail = element.tail
    parent.remove(element)


def make_element(name: str, attributes: Mapping[str, str]) -> Element:
    """A new element without content; the name may have one of the prefixes of `NAMESPACES`."""
    from lxml import etree

    prefix, colon, local = name.rpartition(":")
    if not colon:
        return etree.Element(name, dict(attributes))
    namespace = NAMESPACES[prefix]
    return etree.Element(f"{{{namespace}}}{local}", dict(attributes), nsmap={prefix: namespace})


def insert_element(parent: Element, element: Element) -> None:
    """Put an element behind the last one with the same name, or at the end."""
    same = parent.findall(element.tag)
    if same:
        element.tail = same[-1].tail
        same[-1].addnext(element)
    else:
        parent.append(element)


class Document:
    """One XML document; `find`, `add` and the functions of kvmform.xml.rows work on it."""

    __slots__ = ("root",)

    def __init__(self, root: Element) -> None:
        self.root = root

    @classmethod
    def parse(cls, text: str) -> Document:
        """Parse the XML that libvirt gave, or that a template made.

        Raises:
            DiagnosticError: the text is not well-formed XML.
        """
        return cls(parse_element(text))

    @property
    def text(self) -> str:
        """The document as XML text."""
        return element_text(self.root)

    def indent(self) -> None:
        """Lay the text out anew, two blanks for each level."""
        from lxml.etree import indent

        indent(self.root)

    def find(self, path: str) -> Element | None:
        """The first element at a path from the root: `devices/disk/source`, `disk[@device='cdrom']`."""
        return self.root.find(path, NAMESPACES)

    def find_all(self, path: str) -> list[Element]:
        """All elements at a path, in document order."""
        return list(self.root.findall(path, NAMESPACES))

    def get(self, path: str) -> str | None:
        """Text of the first element at a path, or an attribute where the path ends in `@name`."""
        place, _, attribute = path.rpartition("@")
        if not attribute or not path.endswith(f"@{attribute}") or "]" in attribute:
            return self.root.findtext(path, None, NAMESPACES)
        element = self.find(place.rstrip("/")) if place else self.root
        return None if element is None else element.get(attribute)

    def add(self, path: str, xml: str) -> Element:
        """Put an element, given as XML text, into the element at a path.

        It comes behind the last one with the same name, or at the end.

        Raises:
            DiagnosticError: there is no element at the path, or the text is not well-formed XML.
        """
        parent = self.find(path) if path else self.root
        if parent is None:
            raise DiagnosticError.of("Unexpected XML", f"libvirt's XML has no element {path}.")
        element = parse_element(xml)
        insert_element(parent, element)
        return element
