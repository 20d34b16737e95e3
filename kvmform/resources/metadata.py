"""The user's own metadata of a domain or a network (`metadata`).

libvirt takes XML elements with a namespace. Provider 0.8 accepted any text and ignored it, so
text that is no such element is kept too, in an element of kvmform's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.document import Document, element_text, make_element, own_text, parse_element, remove_element
from kvmform.xml.owner import OWNER_NAMESPACE

if TYPE_CHECKING:
    from kvmform.xml.document import Element

__all__ = ["any_metadata", "live_metadata", "metadata_xml", "read_metadata", "write_metadata"]

_NAMESPACE = "https://kvmform.org/xmlns/text/1"
_TEXT = f"{{{_NAMESPACE}}}text"


def metadata_xml(value: str | None) -> str:
    """What stands for the value inside of `<metadata>`; empty if there is no value."""
    return element_text(_element(value)) if value else ""


def read_metadata(document: Document, known: str | None) -> str | None:
    """The user's metadata in the words of the record, where the XML still says the same."""
    if not known:
        return None
    wanted = _element(known)
    for element in document.find_all("metadata/*"):
        if element.tag == wanted.tag:
            return known if _same(element, wanted) else _value(element)
    return None


def any_metadata(document: Document) -> str | None:
    """What of the metadata the argument can say: the first element that isn't kvmform's mark."""
    marked = f"{{{OWNER_NAMESPACE}}}"
    elements = (each for each in document.find_all("metadata/*") if not str(each.tag).startswith(marked))
    found = next(elements, None)
    return None if found is None else found.text if found.tag == _TEXT else own_text(found)


def write_metadata(document: Document, before: str | None, after: str | None) -> None:
    """Put the value in the place of the one before; other metadata stays."""
    stale = {_element(value).tag for value in (before, after) if value}
    for element in document.find_all("metadata/*"):
        if element.tag in stale:
            remove_element(element)
    if after:
        if document.find("metadata") is None:
            document.add("", "<metadata/>")
        document.add("metadata", element_text(_element(after)))


def live_metadata(before: str | None, after: str | None) -> dict[str, tuple[str, str | None]]:
    """What libvirt's call for metadata is given: by namespace its prefix, and the element, or None to remove it.

    That call declares the namespace of the element itself, so it must not be declared in the text.
    """
    calls: dict[str, tuple[str, str | None]] = {}
    for value in (before, after):
        if value:
            element = _element(value)
            namespace, _, name = element.tag[1:].partition("}")
            calls[namespace] = (element.prefix or "user", None)
    if after:
        calls[namespace] = (calls[namespace][0], element_text(_without_namespace(element, name)))
    return calls


def _without_namespace(element: Element, name: str) -> Element:
    bare = make_element(name, {str(key): str(value) for key, value in element.items()})
    bare.text = element.text
    for child in element:
        bare.append(child)
    return bare


def _element(value: str) -> Element:
    try:
        element = parse_element(value)
    except DiagnosticError:
        element = None
    if element is not None and element.tag.startswith("{"):
        return element
    text = parse_element(f'<kvmform:text xmlns:kvmform="{_NAMESPACE}"/>')
    text.text = value
    return text


def _value(element: Element) -> str:
    return element.text or "" if element.tag == _TEXT else element_text(element)


def _same(one: Element, other: Element) -> bool:
    """Whether two elements say the same, whatever their indentation and prefixes."""
    return (
        one.tag == other.tag
        and sorted(one.items()) == sorted(other.items())
        and (one.text or "").strip() == (other.text or "").strip()
        and len(one) == len(other)
        and all(_same(a, b) for a, b in zip(one, other, strict=True))
    )
